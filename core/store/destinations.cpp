#include "store/destinations.hpp"

#include <soci/soci.h>

#include "ops/limits.hpp"
#include "store/database.hpp"
#include "store/lead_rows.hpp"

namespace leadhub::store {

Result<void> Destinations::disable(const lead::DisabledDestination& destination) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    const long long since = to_milliseconds(destination.since);
    database_.session()
        << "INSERT INTO disabled_destinations (workspace_id, channel, reason, disabled_at) VALUES (:w, :c, "
           ":r, :t) ON CONFLICT (workspace_id, channel) DO NOTHING",
        soci::use(workspace), soci::use(destination.channel), soci::use(destination.reason), soci::use(since);
    return {};
  });
}

void Destinations::redrive(const std::string& channel, TimePoint at) {
  const long long workspace = workspace_;
  const long long due = to_milliseconds(at);
  database_.session() << "DELETE FROM disabled_destinations WHERE workspace_id = :w AND channel = :c",
      soci::use(workspace), soci::use(channel);
  // What waits for its next try is tried at once, too; of what failed, no more than may wait.
  const long long most = limits::destination_backlog_max;
  database_.session()
      << "UPDATE messages SET state = 'queued', attempts = 0, due_at = :t WHERE workspace_id = :w AND id IN "
         "(SELECT id FROM messages WHERE workspace_id = :w2 AND kind = 'delivery' AND channel = :c AND state "
         "IN "
         "('failed', 'queued') ORDER BY due_at DESC LIMIT :n)",
      soci::use(due), soci::use(workspace), soci::use(workspace), soci::use(channel), soci::use(most);
  // A hand-off that somebody else has by now is nobody's news.
  database_.session()
      << "UPDATE messages SET state = 'queued', attempts = 0, due_at = :t WHERE workspace_id = :w AND kind = "
         "'hand_off' AND channel = :c AND state IN ('failed', 'queued') AND EXISTS (SELECT 1 FROM "
         "assignments a "
         "WHERE a.workspace_id = messages.workspace_id AND a.lead_id = messages.lead_id AND a.owner = "
         "messages.author AND a.state = 'open')",
      soci::use(due), soci::use(workspace), soci::use(channel);
}

std::int64_t Destinations::backlog(const std::string& channel) {
  const long long workspace = workspace_;
  long long count = 0;
  database_.session() << "SELECT COUNT(*) FROM messages WHERE workspace_id = :w AND kind = 'delivery' AND "
                         "channel = :c AND state = 'queued'",
      soci::use(workspace), soci::use(channel), soci::into(count);
  return count;
}

}  // namespace leadhub::store
