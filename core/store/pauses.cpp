#include "store/pauses.hpp"

#include <soci/soci.h>

#include <algorithm>

#include "store/database.hpp"
#include "store/lead_rows.hpp"
#include "store/prepared_query.hpp"

namespace leadhub::store {

struct Pauses::Standing {
  Standing(soci::session& session, long long of_workspace)
      : workspace(of_workspace),
        query(session,
              "SELECT scope, reason, paused_at FROM pauses WHERE workspace_id = :w AND lifted_at IS NULL",
              [this](soci::statement& statement) {
                statement.exchange(soci::into(scope));
                statement.exchange(soci::into(reason));
                statement.exchange(soci::into(at));
                statement.exchange(soci::use(workspace));
              }) {}

  long long workspace;
  std::string scope;
  std::string reason;
  long long at = 0;
  PreparedQuery query;
};

Pauses::Pauses(Database& database, std::int64_t workspace)
    : database_(database),
      workspace_(workspace),
      standing_(std::make_unique<Standing>(database.session(), workspace)) {}

Pauses::~Pauses() = default;

Result<std::vector<lead::Pause>> Pauses::list() {
  std::vector<lead::Pause> pauses;
  const auto read = database_.guarded([&]() -> Result<void> {
    auto& row = *standing_;
    row.query.each([&] {
      if (const auto known = lead::pause_scope_from(row.scope))
        pauses.push_back({*known, row.reason, from_milliseconds(row.at)});
    });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(pauses, {}, [](const lead::Pause& pause) {
    return std::pair{pause.scope.of, pause.scope.name};
  });
  return pauses;
}

Result<std::optional<TimePoint>> Pauses::lifted_at(const lead::PauseScope& scope) {
  OptionalInteger at;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    const auto name = to_string(scope);
    database_.session() << "SELECT lifted_at FROM pauses WHERE workspace_id = :w AND scope = :s",
        soci::use(workspace), soci::use(name), soci::into(at.value, at.indicator);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return at.time();
}

void Pauses::apply(const lead::SendingSwitch& sending) {
  const long long workspace = workspace_;
  const long long seq = sending.seq;
  const long long at = to_milliseconds(sending.at);
  const auto scope = to_string(sending.scope);
  if (sending.to == lead::SendingSwitch::To::paused) {
    database_.session() << "INSERT INTO pauses (workspace_id, scope, seq, reason, paused_at) VALUES (:w, :s, "
                           ":q, :r, :t) ON CONFLICT (workspace_id, scope) DO UPDATE SET seq = excluded.seq, "
                           "reason = excluded.reason, paused_at = excluded.paused_at, lifted_at = NULL WHERE "
                           "pauses.lifted_at IS NOT NULL",
        soci::use(workspace), soci::use(scope), soci::use(seq), soci::use(sending.reason), soci::use(at);
    return;
  }
  database_.session() << "UPDATE pauses SET lifted_at = :t WHERE workspace_id = :w AND scope = :s AND seq < "
                         ":q AND lifted_at IS NULL",
      soci::use(at), soci::use(workspace), soci::use(scope), soci::use(seq);
  if (sending.scope.of != lead::PauseScope::Of::journey) return;
  database_.session() << "UPDATE leads SET wake_at = :t WHERE workspace_id = :w AND (wake_at IS NULL OR "
                         "wake_at > :t2) AND id IN (SELECT lead_id FROM enrolments WHERE workspace_id = :w2 "
                         "AND journey = :j AND state = 'running')",
      soci::use(at), soci::use(workspace), soci::use(at), soci::use(workspace), soci::use(sending.scope.name);
}

}  // namespace leadhub::store
