#pragma once

#include <future>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/scratch_hub.hpp"
#include "store/lead_ledgers.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::app {

/// A lead as far as two replays compare it.
struct LeadOutline {
  std::string id;
  std::string who;  ///< e-mail, else phone, else id
  /// What is compared, in a fixed order: "temperature" and its value in words; empty: it has none.
  std::vector<std::pair<std::string, std::string>> values;
};

/// Goes through the leads of a scratch hub in the order of their ids, which is that of their first events.
class LeadWalk {
 public:
  /// `hub` outlives it; its leads do not change meanwhile. `now` decides the temperature.
  [[nodiscard]] static Result<std::unique_ptr<LeadWalk>> begin(const ScratchHub& hub, TimePoint now);

  /// The lead that the walk stands at; null behind the last.
  [[nodiscard]] const LeadOutline* current() const {
    return place_ < page_.size() ? &page_[place_] : nullptr;
  }
  /// Goes on to the next.
  [[nodiscard]] Result<void> advance();

  /// The id of the lead that is known by the address or else the phone of one from elsewhere; empty: none is.
  [[nodiscard]] Result<std::string> known_as(const std::string& who);
  [[nodiscard]] Result<bool> has(const std::string& id);
  /// Any lead of this side, by its id. Error: `not_found`.
  [[nodiscard]] Result<LeadOutline> outline(const std::string& id);

 private:
  /// Connections of one thread.
  struct Readers {
    std::unique_ptr<store::LeadReader> leads;
    std::unique_ptr<store::LeadLedgers> ledgers;
  };
  using Page = std::vector<LeadOutline>;

  explicit LeadWalk(TimePoint now) : now_(now) {}
  [[nodiscard]] static Result<Readers> open(const ScratchHub& hub);
  [[nodiscard]] Result<Page> read_page(const std::string& after);
  [[nodiscard]] Result<void> turn_page();
  [[nodiscard]] LeadOutline outline_of(const lead::Lead& lead, const store::LedgerLines& lines) const;

  TimePoint now_;
  Readers asked_;   ///< for single leads
  Readers walked_;  ///< for pages, by the thread that reads ahead
  Page page_;
  std::size_t place_ = 0;
  std::future<Result<Page>> next_;  ///< is waited for when it goes
};

}  // namespace leadhub::app
