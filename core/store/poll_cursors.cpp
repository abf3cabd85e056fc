#include "store/poll_cursors.hpp"

#include <soci/soci.h>

namespace leadhub::store {

std::string poll_cursor(soci::session& session, std::int64_t workspace, std::string_view channel) {
  const long long w = workspace;
  const std::string name{channel};
  std::string cursor;
  session << "SELECT cursor FROM poll_cursors WHERE workspace_id = :w AND channel = :c", soci::use(w),
      soci::use(name), soci::into(cursor);
  return session.got_data() ? cursor : std::string{};
}

void move_poll_cursor(soci::session& session, std::int64_t workspace, std::string_view channel,
                      std::string_view cursor, TimePoint now) {
  const long long w = workspace;
  const std::string name{channel};
  const std::string text{cursor};
  const long long at = to_milliseconds(now);
  session << "INSERT INTO poll_cursors (workspace_id, channel, cursor, moved_at) VALUES (:w, :c, :t, :a) ON "
             "CONFLICT (workspace_id, channel) DO UPDATE SET cursor = excluded.cursor, moved_at = "
             "excluded.moved_at",
      soci::use(w), soci::use(name), soci::use(text), soci::use(at);
}

}  // namespace leadhub::store
