#include "store/outbox.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <map>

#include "ops/limits.hpp"
#include "store/broadcasts.hpp"
#include "store/database.hpp"
#include "store/destinations.hpp"
#include "store/in_query.hpp"
#include "store/message_rows.hpp"

namespace leadhub::store {
namespace {

std::string of_channel(const MessagesOf& which) {
  return which.channel.empty() ? "" : " AND channel = :c";
}

/// Asked first, so that what waits behind such a pause is not walked through at each look.
bool are_all_paused(soci::session& session, long long workspace, const MessagesOf& which) {
  const std::string channel = "channel/" + (which.via.empty() ? which.channel : which.via);
  long long pauses = 0;
  session << "SELECT COUNT(*) FROM pauses WHERE workspace_id = :w AND lifted_at IS NULL AND scope IN ('hub', "
             ":c)",
      soci::use(workspace), soci::use(channel), soci::into(pauses);
  return pauses > 0;
}

}  // namespace

void Outbox::add(std::span<const lead::Message> messages) {
  std::map<std::string, std::int64_t> backlogs;
  for (auto message : messages) {
    if (message.kind == lead::MessageKind::delivery) {
      if (waits_already(message)) continue;
      const auto [backlog, is_new] = backlogs.try_emplace(message.channel, 0);
      if (is_new) backlog->second = Destinations{database_, workspace_}.backlog(message.channel);
      if (backlog->second >= limits::destination_backlog_max) {
        message.state = lead::MessageState::failed;
        message.detail = "too many messages wait for this destination already";
      } else {
        ++backlog->second;
      }
    }
    insert(message);
  }
}

bool Outbox::waits_already(const lead::Message& message) {
  const long long workspace = workspace_;
  long long found = 0;
  database_.session()
      << "SELECT COUNT(*) FROM messages WHERE workspace_id = :w AND lead_id = :l AND kind = 'delivery' AND "
         "channel = :c AND text = :x AND state IN ('queued', 'failed') AND attempts = 0",
      soci::use(workspace), soci::use(message.lead_id), soci::use(message.channel), soci::use(message.text),
      soci::into(found);
  return found > 0;
}

void Outbox::insert(const lead::Message& message) {
  const long long workspace = workspace_;
  const long long seq = message.source.seq;
  const long long index = message.source.index;
  const long long created = to_milliseconds(message.created_at);
  const long long due = to_milliseconds(message.due_at);
  const std::string kind{lead::to_string(message.kind)};
  const std::string state{lead::to_string(message.state)};
  database_.session()
      << "INSERT INTO messages (workspace_id, id, occurrence, lead_id, home_id, kind, channel, address, "
         "canonical, seq, idx, created_at, state, due_at, detail, system, text, author, template, journey, "
         "step, purpose, time_zone) VALUES (:w, :id, :o, :l, :h, :k, :c, :a, :n, :s, :i, :t, :st, :d, :e, "
         ":y, :x, :u, "
         ":m, :j, :p, :r, :z) ON CONFLICT (workspace_id, "
         "occurrence) DO NOTHING",
      soci::use(workspace), soci::use(message.id), soci::use(message.occurrence), soci::use(message.lead_id),
      soci::use(message.home), soci::use(kind), soci::use(message.channel), soci::use(message.address),
      soci::use(message.canonical), soci::use(seq), soci::use(index), soci::use(created), soci::use(state),
      soci::use(due), soci::use(message.detail), soci::use(message.system), soci::use(message.text),
      soci::use(message.author), soci::use(message.template_name), soci::use(message.journey),
      soci::use(message.step), soci::use(message.purpose), soci::use(message.time_zone);
}

void Outbox::withhold(const lead::EndedJourney& ended) {
  const long long workspace = workspace_;
  // The lead may have begun the journey anew meanwhile.
  const std::string of_that = "%/" + ended.occurrence;
  database_.session() << "UPDATE messages SET state = 'withheld', detail = :e WHERE workspace_id = :w AND "
                         "lead_id = :l AND kind = 'journey' AND journey = :j AND state = 'queued' AND "
                         "occurrence LIKE :o",
      soci::use(ended.why), soci::use(workspace), soci::use(ended.lead_id), soci::use(ended.journey),
      soci::use(of_that);
  if (ended.before_merge.empty()) return;
  // What was written for a lead that has become part of this one is known by its occurrence alone.
  const std::string begin = lead::journey_occurrence(ended.before_merge, ended.journey);
  std::string end = begin;
  ++end.back();
  database_.session() << "UPDATE messages SET state = 'withheld', detail = :e WHERE workspace_id = :w AND "
                         "occurrence >= :b AND occurrence < :n AND occurrence LIKE :o AND state = 'queued'",
      soci::use(ended.why), soci::use(workspace), soci::use(begin), soci::use(end), soci::use(of_that);
}

Result<std::set<std::string>> Outbox::whose_journey_is_over(std::span<const lead::Message> messages) {
  std::set<std::string> over;
  using Enrolled = std::pair<std::string_view, std::string_view>;  // lead and journey
  std::multimap<Enrolled, std::string_view> on_journeys;
  std::vector<std::string_view> leads;
  for (const auto& message : messages) {
    if (message.journey.empty()) continue;
    on_journeys.emplace(Enrolled{message.lead_id, message.journey}, message.id);
    leads.push_back(message.lead_id);
  }
  const auto read = database_.guarded([&]() -> Result<void> {
    std::string lead, journey;
    InQuery ended{database_.session(),
                  "SELECT lead_id, journey FROM enrolments WHERE workspace_id = :w AND state IN ('left', "
                  "'arrived') AND lead_id IN ",
                  workspace_, [&](soci::statement& statement) {
                    statement.exchange(soci::into(lead));
                    statement.exchange(soci::into(journey));
                  }};
    ended.each(leads, [&] {
      const auto [first, last] = on_journeys.equal_range({lead, journey});
      for (auto message = first; message != last; ++message) over.emplace(message->second);
    });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return over;
}

Result<std::optional<TimePoint>> Outbox::last(const std::string& canonical, lead::MessageKind kind,
                                              const std::string& channel) {
  OptionalInteger last;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    const std::string name{lead::to_string(kind)};
    database_.session()
        << "SELECT MAX(created_at) FROM messages WHERE workspace_id = :w AND canonical = :a AND "
           "kind = :k AND channel = :c",
        soci::use(workspace), soci::use(canonical), soci::use(name), soci::use(channel),
        soci::into(last.value, last.indicator);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return last.time();
}

Result<std::optional<TimePoint>> Outbox::next_due(lead::MessageKind kind) {
  OptionalInteger due;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    const std::string name{lead::to_string(kind)};
    database_.session()
        << "SELECT MIN(due_at) FROM messages WHERE workspace_id = :w AND state = 'queued' AND kind = :k",
        soci::use(workspace), soci::use(name), soci::into(due.value, due.indicator);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return due.time();
}

Result<std::vector<lead::Message>> Outbox::lease(const MessagesOf& which, TimePoint now, std::size_t limit) {
  std::vector<lead::Message> leased;
  const auto lease = holder_ + "/" + std::to_string(++leases_);
  const auto done = database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    if (are_all_paused(database_.session(), workspace, which)) return {};
    const long long time = to_milliseconds(now);
    const auto count = static_cast<long long>(limit);
    const std::string name{lead::to_string(which.kind)};
    MessageRow row;
    soci::statement statement{database_.session()};
    row.bind(statement);
    statement.exchange(soci::use(lease));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(name));
    if (!which.channel.empty()) statement.exchange(soci::use(which.channel));
    statement.exchange(soci::use(time));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(which.via));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(which.destination));
    statement.exchange(soci::use(count));
    statement.alloc();
    statement.prepare(
        "UPDATE messages SET state = 'attempting', attempts = attempts + 1, lease = :l WHERE workspace_id = "
        ":w "
        "AND id IN (SELECT id FROM messages WHERE workspace_id = :w1 AND kind = :k" +
        of_channel(which) +
        " AND state = 'queued' AND due_at <= :t AND NOT EXISTS (SELECT 1 FROM pauses WHERE workspace_id = "
        ":w2 AND lifted_at IS NULL AND scope IN ('hub', 'channel/' || COALESCE(NULLIF(:v, ''), channel), "
        "CASE kind WHEN 'broadcast' THEN "
        "'broadcast/' ELSE 'journey/' END || journey)) AND NOT EXISTS (SELECT 1 FROM disabled_destinations "
        "WHERE workspace_id = :w3 AND channel = :d) ORDER BY due_at, id LIMIT :n) RETURNING " +
        std::string{message_columns});
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) {
      leased.push_back(row.message());
      leased.back().lease = lease;
    }
    return {};
  });
  if (!done) return std::unexpected(done.error());
  std::ranges::sort(leased, {}, [](const lead::Message& message) {
    return std::pair<TimePoint, std::string_view>{message.due_at, message.id};
  });
  return leased;
}

Result<std::size_t> Outbox::settle(std::span<const lead::Message> messages) {
  std::size_t late = 0;
  const auto written =
      database_.transaction([&]() -> Result<void> {
        const long long workspace = workspace_;
        std::string state, detail, id, lease;
        long long attempts = 0, due = 0, sent = 0;
        auto is_sent = soci::i_null;
        soci::statement statement =
            (database_.session().prepare
                 << "UPDATE messages SET state = :s, attempts = :n, due_at = :d, sent_at = :t, detail = :e, "
                    "lease = "
                    "'' WHERE workspace_id = :w AND id = :i AND state = 'attempting' AND lease = :l",
             soci::use(state), soci::use(attempts), soci::use(due), soci::use(sent, is_sent),
             soci::use(detail), soci::use(workspace), soci::use(id), soci::use(lease));
        for (const auto& message : messages) {
          state = lead::to_string(message.state);
          attempts = message.attempts;
          due = to_milliseconds(message.due_at);
          sent = message.sent_at ? to_milliseconds(*message.sent_at) : 0;
          is_sent = message.sent_at ? soci::i_ok : soci::i_null;
          detail = message.detail;
          id = message.id;
          lease = message.lease;
          statement.execute(true);
          if (statement.get_affected_rows() == 0) ++late;
        }
        return {};
      });
  if (!written) return std::unexpected(written.error());
  return late;
}

void Outbox::settle_unknown(const std::string& id, lead::MessageState to, TimePoint at) {
  const long long workspace = workspace_;
  const long long time = to_milliseconds(at);
  const std::string state{lead::to_string(to)};
  const std::string detail = to == lead::MessageState::queued ? "somebody had it sent again"
                             : to == lead::MessageState::sent ? "somebody found out that it arrived"
                                                              : "somebody found out that it did not arrive";
  database_.session() << "UPDATE messages SET state = :s, detail = :e, due_at = :t, sent_at = CASE :s2 WHEN "
                         "'sent' THEN :t2 ELSE sent_at END WHERE workspace_id = :w AND id = :i AND state = "
                         "'unknown'",
      soci::use(state), soci::use(detail), soci::use(time), soci::use(state), soci::use(time),
      soci::use(workspace), soci::use(id);
}

void Outbox::note(const lead::MailFeedback& feedback) {
  constexpr std::array columns{"opened_at", "clicked_at", "bounced_at", "complained_at"};
  const std::string column = columns.at(static_cast<std::size_t>(feedback.what) - 1);
  const long long workspace = workspace_;
  if (!feedback.at) {
    database_.session() << "UPDATE messages SET " + column + " = NULL WHERE workspace_id = :w AND id = :i",
        soci::use(workspace), soci::use(feedback.message_id);
    return;
  }
  const long long at = to_milliseconds(*feedback.at);
  const auto earlier = column + " IS NULL OR " + column + " > :t2";
  if (!feedback.message_id.empty()) {
    database_.session() << "UPDATE messages SET " + column +
                               " = :t WHERE workspace_id = :w AND id = :i AND (" + earlier + ")",
        soci::use(at), soci::use(workspace), soci::use(feedback.message_id), soci::use(at);
    return;
  }
  database_.session() << "UPDATE messages SET " + column + " = :t WHERE workspace_id = :w AND (" + earlier +
                             ") AND id = (SELECT id FROM messages WHERE workspace_id = :w2 AND canonical = "
                             ":c AND kind IN ('opt_in', 'journey', 'broadcast') AND state IN ('sent', "
                             "'unknown') AND created_at <= :t3 ORDER BY created_at DESC LIMIT 1)",
      soci::use(at), soci::use(workspace), soci::use(at), soci::use(workspace), soci::use(feedback.canonical),
      soci::use(at);
}

Result<std::vector<std::string>> Outbox::whose_broadcast_is_cancelled(
    std::span<const lead::Message> messages) {
  std::map<std::string, bool> is_cancelled;
  std::vector<std::string> ids;
  for (const auto& message : messages) {
    auto known = is_cancelled.find(message.journey);
    if (known == is_cancelled.end()) {
      const auto stored = Broadcasts{database_, workspace_}.find(message.journey);
      if (!stored) return std::unexpected(stored.error());
      const bool over = *stored && (*stored)->progress.state == lead::BroadcastState::cancelled;
      known = is_cancelled.emplace(message.journey, over).first;
    }
    if (known->second) ids.push_back(message.id);
  }
  return ids;
}

Result<void> Outbox::recover(const MessagesOf& which) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    const std::string name{lead::to_string(which.kind)};
    const auto state = lead::state_where_unknown(which.kind);
    const std::string state_name{lead::to_string(state)};
    const std::string own = holder_ + "/";
    const std::string beyond = holder_ + "0";  // the character behind "/"
    soci::statement statement{database_.session()};
    statement.exchange(soci::use(state_name));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(name));
    if (!which.channel.empty()) statement.exchange(soci::use(which.channel));
    statement.exchange(soci::use(own));
    statement.exchange(soci::use(beyond));
    statement.alloc();
    statement.prepare(
        "UPDATE messages SET state = :s, detail = 'the hub ended while it went out', lease = '' WHERE "
        "workspace_id = :w AND kind = :k" +
        of_channel(which) + " AND state = 'attempting' AND NOT (lease >= :b AND lease < :e)");
    statement.define_and_bind();
    statement.execute(true);
    return {};
  });
}

}  // namespace leadhub::store
