#include "store/outbox.hpp"

#include <soci/soci.h>

#include <array>
#include <map>

#include "ops/limits.hpp"
#include "store/broadcasts.hpp"
#include "store/database.hpp"
#include "store/destinations.hpp"
#include "store/message_rows.hpp"

namespace leadhub::store {
namespace {

std::string of_channel(const MessagesOf& which) {
  return which.channel.empty() ? "" : " AND channel = :c";
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

Result<bool> Outbox::is_journey_over(const lead::Message& message) {
  std::string state;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    database_.session()
        << "SELECT state FROM enrolments WHERE workspace_id = :w AND journey = :j AND lead_id = :l",
        soci::use(workspace), soci::use(message.journey), soci::use(message.lead_id), soci::into(state);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return state == to_string(lead::EnrolmentState::left) || state == to_string(lead::EnrolmentState::arrived);
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
  const auto done = database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    const long long time = to_milliseconds(now);
    const auto count = static_cast<long long>(limit);
    const std::string name{lead::to_string(which.kind)};
    MessageRow row;
    soci::statement statement{database_.session()};
    row.bind(statement);
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
        "SELECT " + std::string{message_columns} + " FROM messages WHERE workspace_id = :w AND kind = :k" +
        of_channel(which) +
        " AND state = 'queued' AND due_at <= :t AND NOT EXISTS (SELECT 1 FROM pauses WHERE workspace_id = "
        ":w2 AND lifted_at IS NULL AND scope IN ('hub', 'channel/' || COALESCE(NULLIF(:v, ''), channel), "
        "CASE kind WHEN 'broadcast' THEN "
        "'broadcast/' ELSE 'journey/' END || journey)) AND NOT EXISTS (SELECT 1 FROM disabled_destinations "
        "WHERE workspace_id = :w3 AND channel = :d) ORDER BY due_at, id LIMIT :n");
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) leased.push_back(row.message());
    for (auto& message : leased) {
      message.state = lead::MessageState::attempting;
      ++message.attempts;
      database_.session() << "UPDATE messages SET state = 'attempting', attempts = attempts + 1 WHERE "
                             "workspace_id = :w AND id = :i",
          soci::use(workspace), soci::use(message.id);
    }
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return leased;
}

Result<void> Outbox::settle(std::span<const lead::Message> messages) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    for (const auto& message : messages) {
      const std::string state{lead::to_string(message.state)};
      const long long attempts = message.attempts;
      const long long due = to_milliseconds(message.due_at);
      const long long sent = message.sent_at ? to_milliseconds(*message.sent_at) : 0;
      auto indicator = message.sent_at ? soci::i_ok : soci::i_null;
      database_.session()
          << "UPDATE messages SET state = :s, attempts = :n, due_at = :d, sent_at = :t, detail = :e "
             "WHERE workspace_id = :w AND id = :i AND state = 'attempting'",
          soci::use(state), soci::use(attempts), soci::use(due), soci::use(sent, indicator),
          soci::use(message.detail), soci::use(workspace), soci::use(message.id);
    }
    return {};
  });
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

Result<bool> Outbox::is_broadcast_cancelled(const lead::Message& message) {
  const auto known = Broadcasts{database_, workspace_}.find(message.journey);
  if (!known) return std::unexpected(known.error());
  return *known && (*known)->progress.state == lead::BroadcastState::cancelled;
}

Result<void> Outbox::recover(const MessagesOf& which) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    const std::string name{lead::to_string(which.kind)};
    const auto state = lead::state_where_unknown(which.kind);
    const std::string state_name{lead::to_string(state)};
    soci::statement statement{database_.session()};
    statement.exchange(soci::use(state_name));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(name));
    if (!which.channel.empty()) statement.exchange(soci::use(which.channel));
    statement.alloc();
    statement.prepare(
        "UPDATE messages SET state = :s, detail = 'the hub ended while it went out' WHERE workspace_id = :w "
        "AND "
        "kind = :k" +
        of_channel(which) + " AND state = 'attempting'");
    statement.define_and_bind();
    statement.execute(true);
    return {};
  });
}

}  // namespace leadhub::store
