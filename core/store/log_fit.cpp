#include "store/log_fit.hpp"

namespace leadhub::store {

Result<void> check_fit(const Cursor& cursor, const LogExtent& log) {
  const auto& [log_id, head, tail] = log;
  constexpr auto mend =
      "; the two files do not belong together: restore both from one backup, or start with neither of them";
  const auto first_kept = tail == 0 ? head + 1 : tail;
  if (cursor.log_id.empty()) {
    if (first_kept > 1)
      return fail(ErrorCode::incompatible,
                  "the lead store is new, but the inbox has lost its first entries" + std::string{mend});
    return {};
  }
  if (cursor.log_id != log_id)
    return fail(ErrorCode::incompatible, "the lead store has read the inbox " + cursor.log_id +
                                             ", but this inbox is " + log_id + mend);
  if (cursor.seq > head)
    return fail(ErrorCode::incompatible, "the lead store has read up to entry " + std::to_string(cursor.seq) +
                                             ", but the inbox ends at " + std::to_string(head) + mend);
  if (first_kept > cursor.seq + 1)
    return fail(ErrorCode::incompatible, "the lead store has read up to entry " + std::to_string(cursor.seq) +
                                             ", but the inbox begins at " + std::to_string(first_kept) +
                                             mend);
  return {};
}

}  // namespace leadhub::store
