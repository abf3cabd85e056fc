#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "lead/action.hpp"
#include "lead/broadcast.hpp"
#include "lead/condition.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::control {

/// One mail to many leads: whom it would reach, how to start it, how far it is. Thread-safe; has a connection
/// of its own. What is done answers with the broadcast's document, or {"status": "pending"} where the
/// pipeline has a backlog.
class Broadcasts {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Error: why it cannot be sent: there is no such template, channel or segment, or the template is at
    /// fault.
    std::function<Result<void>(const lead::Broadcast& broadcast)> check;
    /// Error: `not_found`, naming the segments that there are.
    std::function<Result<lead::Condition>(const std::string& segment)> find_segment;
    std::function<std::string()> time_zone;  ///< the hub's
    /// Why the rules in force keep a mail from the lead for now; empty: they do not.
    std::function<std::string(const lead::Lead& lead, TimePoint now)> why_later;
    /// The keyed hash by which suppressions know a canonical address.
    std::function<std::string(std::string_view canonical)> hash_address;
    /// As of Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };
  Broadcasts(Ports ports, const Clock& clock) : ports_(std::move(ports)), clock_(clock) {}

  /// `body`: {"name", "template", "via", "segment", "purpose", "at", "each_zone", "track", "subjects",
  /// "sample", "decide_after", "by"}, the first three required; docs/broadcasts.md says what each means.
  /// Errors: `invalid`; `not_found`; `conflict` where there is one of that name.
  [[nodiscard]] Result<nlohmann::ordered_json> start(std::string_view body);
  /// Whom a mail to the segment would reach now, for one piece of all leads: {"scanned", "fits", "reaches",
  /// "withheld": {reason: leads}, "next": cursor or null}. Empty segment: everybody; empty purpose: the usual
  /// one.
  [[nodiscard]] Result<nlohmann::ordered_json> estimate(const std::string& segment,
                                                        const std::string& purpose,
                                                        const std::string& cursor);
  /// {"items": [...]}, the newest limits::page_size_default, newest first.
  [[nodiscard]] Result<nlohmann::ordered_json> list();
  /// Error: `not_found`.
  [[nodiscard]] Result<nlohmann::ordered_json> get(const std::string& name);
  /// Error: `not_found`.
  [[nodiscard]] Result<void> check_is_there(const std::string& name);
  /// Errors: `not_found`; `conflict` where all of its mails have left.
  [[nodiscard]] Result<nlohmann::ordered_json> cancel(const std::string& name);

 private:
  [[nodiscard]] Result<lead::Broadcast> read(std::string_view body) const;
  [[nodiscard]] Result<lead::StoredBroadcast> find(const std::string& name);
  [[nodiscard]] Result<nlohmann::ordered_json> document_of(const lead::StoredBroadcast& stored);
  /// Why the lead would not get it; empty: it would.
  [[nodiscard]] Result<std::string> why_not(const lead::Lead& lead, const std::string& purpose,
                                            TimePoint now);

  std::mutex mutex_;
  Ports ports_;  ///< `leads` guarded by mutex_
  const Clock& clock_;
};

}  // namespace leadhub::control
