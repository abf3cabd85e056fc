#pragma once

#include <leadhub/abi.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::plugin {

/// Takes what a plugin gives in one call, lead events above all, and checks it by abi.h and limits.hpp. The
/// first broken rule counts; what comes after it is dropped. Never throws.
class EventCollector {
 public:
  /// `where` follows the events in a complaint: "for one request".
  explicit EventCollector(std::string_view where) : where_(where) {}

  /// The rule that was broken, to follow "the plugin"; empty: none.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] std::vector<std::string>& events() { return events_; }

  void complain(std::string complaint) { complaint_ = std::move(complaint); }
  void add_event(leadhub_string json);

  /// Runs what a sink was called for, unless a rule was broken before.
  template <class Body>
  void take(Body&& body) noexcept {
    if (!complaint_.empty()) return;
    try {
      body();
    } catch (...) {  // nothing here throws but running out of memory
      out_of_memory();
    }
  }

 private:
  void out_of_memory() noexcept { complaint_ = "gave too much"; }  // short: needs no memory itself

  std::string_view where_;
  std::string complaint_;
  std::vector<std::string> events_;
  std::size_t event_bytes_ = 0;
};

}  // namespace leadhub::plugin
