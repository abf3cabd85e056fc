#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::store {

/// Reads a piece of the log with its raw requests, in order, beside a hub that may be running: one read-only
/// connection, and no read that lasts longer than a call. Used by one thread at a time.
class InboxReplay {
 public:
  /// Errors: `not_found` where there is no such file or nothing of that workspace in it.
  [[nodiscard]] static Result<std::unique_ptr<InboxReplay>> open(const std::filesystem::path& file,
                                                                 std::string_view workspace);
  ~InboxReplay();

  /// The number before the first entry that was received at that time or later: where to begin.
  [[nodiscard]] Result<std::int64_t> before(TimePoint time);

  /// The next entries after `seq`; at least one where there is one, else bounded by both limits. Of each the
  /// entry and its request; nothing of redrives and follow-ups.
  [[nodiscard]] Result<std::vector<InboxEntryDetail>> next(std::int64_t seq, std::size_t entries_max,
                                                           std::size_t bytes_max);

 private:
  struct Implementation;
  explicit InboxReplay(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
