#include "store/follow_ups.hpp"

#include <array>
#include <string_view>

#include "store/database.hpp"
#include "store/inbox_reader_state.hpp"
#include "store/inbox_rows.hpp"

namespace leadhub::store {
namespace {

constexpr std::array<std::string_view, 3> follow_up_states{"done", "waiting", "failed"};

struct FollowUpRow {
  long long seq = 0;
  std::string state;
  long long attempts = 0;
  long long due_at = 0;
  std::string detail;

  [[nodiscard]] FollowUpResult result() const {
    return {seq, value_of(follow_up_states, state, FollowUpResult::State::failed), attempts,
            from_milliseconds(due_at), detail};
  }
};

}  // namespace

void forget_follow_up(soci::session& session, std::int64_t workspace, std::int64_t seq) {
  const long long w = workspace;
  const long long entry = seq;
  session << "DELETE FROM follow_ups WHERE workspace_id = :w AND seq = :s", soci::use(w), soci::use(entry);
}

void start_follow_up(soci::session& session, std::int64_t workspace, std::int64_t seq,
                     const std::string& channel, TimePoint due_at) {
  const long long w = workspace;
  const long long entry = seq;
  const long long due = to_milliseconds(due_at);
  session << "INSERT INTO follow_ups (workspace_id, seq, channel, state, attempts, due_at, detail) VALUES "
             "(:w, :s, :c, 'waiting', 0, :d, '')",
      soci::use(w), soci::use(entry), soci::use(channel), soci::use(due);
}

void settle_follow_up(soci::session& session, std::int64_t workspace, const std::string& channel,
                      const FollowUpResult& result) {
  const long long w = workspace;
  const long long entry = result.seq;
  if (result.state == FollowUpResult::State::done) {
    forget_follow_up(session, workspace, result.seq);
    return;
  }
  const std::string state{follow_up_states.at(static_cast<std::size_t>(result.state) - 1)};
  const long long attempts = result.attempts;
  const long long due = to_milliseconds(result.due_at);
  session
      << "INSERT INTO follow_ups (workspace_id, seq, channel, state, attempts, due_at, detail) VALUES "
         "(:w, :s, :c, :t, :a, :d, :m) ON CONFLICT (workspace_id, seq) DO UPDATE SET state = excluded.state, "
         "attempts = excluded.attempts, due_at = excluded.due_at, detail = excluded.detail",
      soci::use(w), soci::use(entry), soci::use(channel), soci::use(state), soci::use(attempts),
      soci::use(due), soci::use(result.detail);
}

Result<std::vector<FollowUpResult>> InboxReader::due_follow_ups(const std::string& channel, TimePoint now,
                                                                std::size_t limit) {
  auto& self = *implementation_;
  std::vector<FollowUpResult> found;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long workspace = self.workspace;
    const long long time = to_milliseconds(now);
    const auto count = static_cast<long long>(limit);
    FollowUpRow row;
    soci::statement statement =
        (self.database->session().prepare
             << "SELECT seq, state, attempts, due_at, detail FROM follow_ups WHERE workspace_id = :w AND "
                "channel = :c AND state = 'waiting' AND due_at <= :t ORDER BY due_at, seq LIMIT :n",
         soci::use(workspace), soci::use(channel), soci::use(time), soci::use(count), soci::into(row.seq),
         soci::into(row.state), soci::into(row.attempts), soci::into(row.due_at), soci::into(row.detail));
    statement.execute();
    while (statement.fetch()) found.push_back(row.result());
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::optional<FollowUpResult>> InboxReader::follow_up_of(std::int64_t seq) {
  auto& self = *implementation_;
  std::optional<FollowUpResult> found;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long workspace = self.workspace;
    const long long entry = seq;
    FollowUpRow row;
    self.database->session()
        << "SELECT seq, state, attempts, due_at, detail FROM follow_ups WHERE workspace_id = "
           ":w AND seq = :s",
        soci::use(workspace), soci::use(entry), soci::into(row.seq), soci::into(row.state),
        soci::into(row.attempts), soci::into(row.due_at), soci::into(row.detail);
    if (self.database->session().got_data()) found = row.result();
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<InboxReader::FollowUpCount>> InboxReader::follow_up_counts() {
  auto& self = *implementation_;
  std::vector<FollowUpCount> counts;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long workspace = self.workspace;
    std::string channel;
    long long waiting = 0;
    long long failed = 0;
    soci::statement statement =
        (self.database->session().prepare
             << "SELECT channel, SUM(CASE state WHEN 'waiting' THEN 1 ELSE 0 END), SUM(CASE state WHEN "
                "'failed' THEN 1 ELSE 0 END) FROM follow_ups WHERE workspace_id = :w GROUP BY channel ORDER "
                "BY channel",
         soci::use(workspace), soci::into(channel), soci::into(waiting), soci::into(failed));
    statement.execute();
    while (statement.fetch()) counts.push_back({channel, waiting, failed});
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return counts;
}

}  // namespace leadhub::store
