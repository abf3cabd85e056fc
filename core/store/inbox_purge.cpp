#include "store/inbox_purge.hpp"

#include "store/inbox_rows.hpp"

namespace leadhub::store {

std::vector<std::int64_t> purgeable(soci::session& session, std::int64_t workspace, const PurgeOrder& order,
                                    std::optional<std::int64_t>& next) {
  const long long w = workspace;
  const long long after = order.after;
  const long long processed = order.processed;
  const long long limit = order.limit;
  long long seq = 0;
  long long received_at = 0;
  int done = 0;
  std::string kind;
  soci::statement statement =
      (session.prepare
           << "SELECT seq, received_at, kind, CASE WHEN (state = 'accepted' OR EXISTS (SELECT 1 FROM inbox "
              "AS later WHERE later.workspace_id = old.workspace_id AND later.redrive_of = old.seq)) AND "
              "NOT EXISTS (SELECT 1 FROM inbox AS later WHERE later.workspace_id = old.workspace_id AND "
              "later.redrive_of = old.seq AND later.seq > :p) AND (kind = 'request' OR NOT EXISTS (SELECT "
              "1 "
              "FROM inbox AS original WHERE original.workspace_id = old.workspace_id AND original.seq = "
              "old.redrive_of)) AND NOT EXISTS (SELECT 1 FROM follow_ups WHERE follow_ups.workspace_id = "
              "old.workspace_id "
              "AND follow_ups.seq = old.seq AND follow_ups.state = 'waiting') THEN 1 ELSE 0 END FROM inbox "
              "AS old WHERE workspace_id = :w AND seq > :a "
              "AND seq <= :p2 ORDER BY seq LIMIT :n",
       soci::use(processed), soci::use(w), soci::use(after), soci::use(processed), soci::use(limit),
       soci::into(seq), soci::into(received_at), soci::into(kind), soci::into(done));
  std::vector<std::int64_t> found;
  const auto cutoff = to_milliseconds(order.before);
  std::int64_t looked_at = 0;
  std::int64_t last = 0;
  bool still_old = true;
  statement.execute();
  while (statement.fetch()) {
    ++looked_at;
    last = seq;
    if (done != 0 && received_at < cutoff) found.push_back(seq);
    // Requests come in the order of their times; a redrive has its original's.
    if (kind == to_string(EntryKind::request)) still_old = received_at < cutoff;
  }
  if (looked_at == order.limit && still_old) next = last;
  return found;
}

std::vector<Redrive> redrives_between(soci::session& session, std::int64_t workspace, std::int64_t first,
                                      std::int64_t last) {
  const long long w = workspace;
  const long long low = first;
  const long long high = last;
  long long seq = 0;
  long long original = 0;
  soci::statement statement =
      (session.prepare << "SELECT seq, redrive_of FROM inbox WHERE workspace_id = :w AND "
                          "redrive_of >= :f AND redrive_of <= :l",
       soci::use(w), soci::use(low), soci::use(high), soci::into(seq), soci::into(original));
  std::vector<Redrive> found;
  statement.execute();
  while (statement.fetch()) found.push_back({seq, original});
  return found;
}

void remove_entries(soci::session& session, std::int64_t workspace, std::span<const std::int64_t> entries) {
  const long long w = workspace;
  long long seq = 0;
  soci::statement statement = (session.prepare << "DELETE FROM inbox WHERE workspace_id = :w AND seq = :s",
                               soci::use(w), soci::use(seq));
  for (const auto entry : entries) {
    seq = entry;
    statement.execute(true);
  }
}

}  // namespace leadhub::store
