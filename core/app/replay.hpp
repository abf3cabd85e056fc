#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "app/scratch_hub.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::app {

/// What a replay does with an entry of the log.
enum class ReplayWay {
  read_again = 1,  ///< its channel reads the raw request
  as_recorded,     ///< its events, as they stand in the log
  action,          ///< is done again: it names addresses, not leads
  signals,         ///< what it says was done with mails, as events of those whose addresses they name
  left_out,        ///< stays empty, so that the numbers of later entries are the same
};

/// What one configuration, from empty, makes of recorded entries. Each entry of the record is one entry of
/// the scratch log, so that a lead that begins with the same event has the same id in every replay.
///
/// Used by one thread at a time.
class Replay {
 public:
  /// `loaded` and `keys` outlive it; `folder` is empty.
  [[nodiscard]] static Result<std::unique_ptr<Replay>> open(const LoadedConfig& loaded,
                                                            const std::filesystem::path& folder,
                                                            const ops::KeyRing& keys, TimePoint begin);

  struct Item {
    const store::InboxEntryDetail* recorded = nullptr;
    ReplayWay way = ReplayWay::left_out;
  };
  /// Takes the next entries. `numbers` are those of all entries so far in the record, these included; the
  /// place of each, from 1, is its number here. Returns for each why its events would not come: empty where
  /// they would. The clock follows the entries' own times.
  [[nodiscard]] Result<std::vector<std::string>> take(std::span<const Item> items,
                                                      std::span<const std::int64_t> numbers);

  [[nodiscard]] ScratchHub& hub() { return *hub_; }
  [[nodiscard]] std::int64_t events() const { return events_; }
  /// Moves the clock to now: what time alone changes is seen from there.
  [[nodiscard]] Result<void> end(TimePoint now);

 private:
  explicit Replay(TimePoint begin) : clock_(begin) {}
  /// Puts into the draft what the channel reads; why it cannot.
  [[nodiscard]] std::string read_again(const store::InboxEntryDetail& recorded, store::DraftEntry& draft);
  [[nodiscard]] Result<void> append(std::vector<store::DraftEntry> drafts);

  ManualClock clock_;
  std::unique_ptr<ScratchHub> hub_;
  /// Of channel and key of each event: retries that were not stored then are not stored here. 64 bits are
  /// enough, since two alike of a million events have a chance of one in 30 million.
  std::unordered_set<std::uint64_t> keys_seen_;
  std::int64_t events_ = 0;
};

}  // namespace leadhub::app
