#include "store/broadcasts.hpp"

#include <soci/soci.h>

#include <nlohmann/json.hpp>

#include "store/database.hpp"
#include "store/lead_rows.hpp"

namespace leadhub::store {
namespace {

constexpr long long reasons_max = 10;

}  // namespace

std::vector<lead::StoredBroadcast> Broadcasts::select(const std::string& name) {
  std::vector<lead::StoredBroadcast> found;
  const long long workspace = workspace_;
  std::string definition;
  std::string state;
  std::string up_to;
  long long asked = 0;
  long long created = 0;
  OptionalInteger winner;
  OptionalInteger reached;
  soci::statement statement =
      (database_.session().prepare
           << "SELECT definition, state, reached_up_to, asked, created_at, winner, reached_at FROM "
              "broadcasts "
              "WHERE workspace_id = :w AND (name = :n OR :n2 = '') ORDER BY created_at DESC, name",
       soci::use(workspace), soci::use(name), soci::use(name), soci::into(definition), soci::into(state),
       soci::into(up_to), soci::into(asked), soci::into(created), soci::into(winner.value, winner.indicator),
       soci::into(reached.value, reached.indicator));
  statement.execute();
  while (statement.fetch()) {
    auto broadcast = lead::broadcast_from(nlohmann::json::parse(definition, nullptr, false));
    if (!broadcast) throw std::runtime_error("the store holds a broadcast that cannot be read");
    lead::BroadcastProgress progress;
    progress.state = lead::broadcast_state_from(state).value_or(lead::BroadcastState::cancelled);
    progress.up_to = up_to;
    progress.asked = asked;
    progress.created_at = from_milliseconds(created);
    if (winner.indicator == soci::i_ok) progress.winner = static_cast<std::size_t>(winner.value);
    progress.reached_at = reached.time();
    found.push_back({*std::move(broadcast), progress});
  }
  return found;
}

Result<std::vector<lead::StoredBroadcast>> Broadcasts::list() {
  std::vector<lead::StoredBroadcast> all;
  const auto read = database_.guarded([&]() -> Result<void> {
    all = select("");
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return all;
}

Result<std::optional<lead::StoredBroadcast>> Broadcasts::find(const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::vector<lead::StoredBroadcast> found;
  const auto read = database_.guarded([&]() -> Result<void> {
    found = select(name);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::map<lead::MessageState, std::int64_t>> Broadcasts::mails(const std::string& name) {
  std::map<lead::MessageState, std::int64_t> counts;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    std::string state;
    long long count = 0;
    soci::statement statement =
        (database_.session().prepare << "SELECT state, COUNT(*) FROM messages WHERE workspace_id = :w AND "
                                        "kind = 'broadcast' AND journey = :n GROUP BY state",
         soci::use(workspace), soci::use(name), soci::into(state), soci::into(count));
    statement.execute();
    while (statement.fetch())
      if (const auto known = lead::message_state_from(state)) counts[*known] = count;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return counts;
}

Result<std::vector<std::pair<std::string, std::int64_t>>> Broadcasts::reasons(const std::string& name) {
  std::vector<std::pair<std::string, std::int64_t>> reasons;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    std::string detail;
    long long count = 0;
    soci::statement statement =
        // What mail servers say of one address is nobody else's reason, and may quote it.
        (database_.session().prepare
             << "SELECT CASE state WHEN 'failed' THEN 'refused by the other side, or tried too often' ELSE "
                "detail END AS why, COUNT(*) AS n FROM messages WHERE workspace_id = :w AND kind = "
                "'broadcast' AND journey = :n AND state IN ('withheld', 'failed') GROUP BY why ORDER BY n "
                "DESC, why LIMIT :l",
         soci::use(workspace), soci::use(name), soci::use(reasons_max), soci::into(detail),
         soci::into(count));
    statement.execute();
    while (statement.fetch()) reasons.emplace_back(detail, count);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return reasons;
}

Result<std::map<std::string, lead::SubjectResult>> Broadcasts::results(const std::string& name) {
  std::map<std::string, lead::SubjectResult> results;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    std::string subject;
    long long sent = 0;
    long long opened = 0;
    long long clicked = 0;
    soci::statement statement =
        (database_.session().prepare << "SELECT step, COUNT(*), COUNT(opened_at), COUNT(clicked_at) FROM "
                                        "messages WHERE workspace_id = :w AND kind = 'broadcast' AND journey "
                                        "= :n AND state = 'sent' GROUP BY step",
         soci::use(workspace), soci::use(name), soci::into(subject), soci::into(sent), soci::into(opened),
         soci::into(clicked));
    statement.execute();
    while (statement.fetch()) results[subject] = {sent, opened, clicked};
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return results;
}

void Broadcasts::apply(const lead::BroadcastAction& action, TimePoint at) {
  std::visit([&](const auto& held) { apply(held, at); }, action);
}

void Broadcasts::apply(const lead::StartBroadcast& action, TimePoint at) {
  const long long workspace = workspace_;
  const long long created = to_milliseconds(at);
  const auto definition = lead::broadcast_document(action.broadcast).dump();
  database_.session() << "INSERT INTO broadcasts (workspace_id, name, definition, state, reached_up_to, "
                         "asked, created_at) VALUES (:w, :n, :d, 'reaching', '', 0, :t) ON CONFLICT "
                         "(workspace_id, name) DO NOTHING",
      soci::use(workspace), soci::use(action.broadcast.name), soci::use(definition), soci::use(created);
}

void Broadcasts::apply(const lead::ReachLeads& action, TimePoint at) {
  const long long workspace = workspace_;
  const long long asked = action.asked;
  const long long time = to_milliseconds(at);
  const std::string state{
      to_string(action.is_last ? lead::BroadcastState::reached : lead::BroadcastState::reaching)};
  auto indicator = action.is_last ? soci::i_ok : soci::i_null;
  database_.session() << "UPDATE broadcasts SET state = :s, reached_up_to = :u, asked = asked + :a, "
                         "reached_at = :t WHERE workspace_id = :w AND name = :n AND state = 'reaching'",
      soci::use(state), soci::use(action.up_to), soci::use(asked), soci::use(time, indicator),
      soci::use(workspace), soci::use(action.name);
}

void Broadcasts::apply(const lead::DecideBroadcast& action, TimePoint) {
  const long long workspace = workspace_;
  const auto winner = static_cast<long long>(action.winner);
  database_.session()
      << "UPDATE broadcasts SET winner = :i WHERE workspace_id = :w AND name = :n AND winner IS NULL",
      soci::use(winner), soci::use(workspace), soci::use(action.name);
}

void Broadcasts::apply(const lead::CancelBroadcast& action, TimePoint) {
  const long long workspace = workspace_;
  database_.session() << "UPDATE broadcasts SET state = 'cancelled' WHERE workspace_id = :w AND name = :n",
      soci::use(workspace), soci::use(action.name);
  database_.session() << "UPDATE messages SET state = 'withheld', detail = 'the broadcast was cancelled' "
                         "WHERE workspace_id = :w AND kind = 'broadcast' AND journey = :n AND state = "
                         "'queued'",
      soci::use(workspace), soci::use(action.name);
}

}  // namespace leadhub::store
