#pragma once

#include <soci/soci.h>

#include <array>
#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "lead/lead_json.hpp"

/// How leads and what belongs to them are read from rows; shared by the writing and the reading side of the
/// store.
namespace leadhub::store {

inline constexpr std::string_view lead_columns =
    "id, stage, captured_at, registered_at, developing_at, converted_at, customer_at, lost_at, recycled_at, "
    "warm_until, hot_until, name, first_name, last_name, company, job_title, country, city, language, "
    "time_zone, "
    "tags, attributes, first_touch, last_touch, provenance, created_at, updated_at, merged_into, "
    "qualification, owner, assigned_at, answer_by, answered_at, wake_at, channel";

/// Those that are only written: they repeat what stands elsewhere, for lists and reports.
inline constexpr std::string_view lead_repeated_columns =
    "email, phone, first_channel, first_source, first_campaign, last_channel, last_source, last_campaign";

/// An integer column that may be null.
struct OptionalInteger {
  long long value = 0;
  soci::indicator indicator = soci::i_null;
  [[nodiscard]] std::optional<TimePoint> time() const {
    return indicator == soci::i_ok ? std::optional{from_milliseconds(value)} : std::nullopt;
  }
};

struct LeadRow {
  std::string id;
  std::string stage;
  std::array<OptionalInteger, lead::stage_count> stage_entered;
  OptionalInteger warm_until;
  OptionalInteger hot_until;
  std::array<std::string, lead::field_names.size()> fields;
  std::string tags;
  std::string attributes;
  std::string first_touch;
  std::string last_touch;
  std::string provenance;
  long long created_at = 0;
  long long updated_at = 0;
  std::string merged_into;
  std::string qualification;
  std::string owner;
  std::array<OptionalInteger, 3> assignment;  ///< repeats what `qualification` says
  OptionalInteger wake_at;
  std::string channel;

  void bind(soci::statement& statement) {
    statement.exchange(soci::into(id));
    statement.exchange(soci::into(stage));
    for (auto& entered : stage_entered) statement.exchange(soci::into(entered.value, entered.indicator));
    statement.exchange(soci::into(warm_until.value, warm_until.indicator));
    statement.exchange(soci::into(hot_until.value, hot_until.indicator));
    for (auto* text : {&fields[0], &fields[1], &fields[2], &fields[3], &fields[4], &fields[5], &fields[6],
                       &fields[7], &fields[8], &tags, &attributes, &first_touch, &last_touch, &provenance})
      statement.exchange(soci::into(*text));
    statement.exchange(soci::into(created_at));
    statement.exchange(soci::into(updated_at));
    statement.exchange(soci::into(merged_into));
    statement.exchange(soci::into(qualification));
    statement.exchange(soci::into(owner));
    for (auto& time : assignment) statement.exchange(soci::into(time.value, time.indicator));
    statement.exchange(soci::into(wake_at.value, wake_at.indicator));
    statement.exchange(soci::into(channel));
  }

  [[nodiscard]] lead::Lead lead() const {
    lead::Lead out;
    out.id = id;
    out.stage = lead::stage_from(stage).value_or(lead::Stage::captured);
    for (std::size_t i = 0; i < stage_entered.size(); ++i) out.stage_entered[i] = stage_entered[i].time();
    out.warm_until = warm_until.time();
    out.hot_until = hot_until.time();
    for (std::size_t i = 0; i < fields.size(); ++i) out.fields[i].value = fields[i];
    out.tags = lead::strings_from_json(tags);
    lead::attributes_from_json(attributes, out);
    out.first_touch = lead::touch_from_json(first_touch);
    out.last_touch = lead::touch_from_json(last_touch);
    lead::provenance_from_json(provenance, out);
    out.created_at = from_milliseconds(created_at);
    out.updated_at = from_milliseconds(updated_at);
    out.merged_into = merged_into;
    lead::qualification_from_json(qualification, out);
    out.wake_at = wake_at.time();
    out.channel = channel;
    return out;
  }
};

inline constexpr std::string_view contact_columns =
    "lead_id, kind, canonical, as_given, verdict, verified_at, seq, idx, occurred_at, reason, marks, home_id";

struct ContactRow {
  std::string lead_id;
  std::string kind;
  std::string canonical;
  std::string as_given;
  std::string verdict;
  OptionalInteger verified_at;
  long long seq = 0;
  long long idx = 0;
  long long occurred_at = 0;
  std::string reason;
  std::string marks;
  std::string home;

  void bind(soci::statement& statement) {
    for (auto* text : {&lead_id, &kind, &canonical, &as_given, &verdict})
      statement.exchange(soci::into(*text));
    statement.exchange(soci::into(verified_at.value, verified_at.indicator));
    for (auto* number : {&seq, &idx, &occurred_at}) statement.exchange(soci::into(*number));
    for (auto* text : {&reason, &marks, &home}) statement.exchange(soci::into(*text));
  }

  [[nodiscard]] lead::ContactPoint contact_point() const {
    return {lead::contact_kind_from(kind).value_or(lead::ContactKind::external),
            canonical,
            as_given,
            lead::verdict_from(verdict).value_or(lead::Verdict::unknown),
            verified_at.time(),
            {seq, static_cast<std::int32_t>(idx)},
            from_milliseconds(occurred_at),
            reason,
            lead::contact_marks_from(marks),
            home};
  }
};

inline constexpr std::string_view consent_columns =
    "seq, idx, line, purpose, channel, state, text, text_sha256, url, ip, user_agent, occurred_at, "
    "recorded_at, "
    "home_id, bound_from, confirms";

struct ConsentRow {
  long long seq = 0, idx = 0, line = 0, occurred_at = 0, recorded_at = 0;
  std::string purpose, channel, state, text, text_hash, url, ip, user_agent, home, bound_from, confirms;

  void bind(soci::statement& statement) {
    for (auto* number : {&seq, &idx, &line}) statement.exchange(soci::into(*number));
    for (auto* column : {&purpose, &channel, &state, &text, &text_hash, &url, &ip, &user_agent})
      statement.exchange(soci::into(*column));
    for (auto* number : {&occurred_at, &recorded_at}) statement.exchange(soci::into(*number));
    for (auto* column : {&home, &bound_from, &confirms}) statement.exchange(soci::into(*column));
  }

  [[nodiscard]] lead::ConsentEntry entry() const {
    return {{seq, static_cast<std::int32_t>(idx)},
            static_cast<std::int32_t>(line),
            {purpose, channel, lead::consent_state_from(state).value_or(lead::ConsentState::withdrawn), text,
             url, ip, user_agent, confirms},
            text_hash,
            from_milliseconds(occurred_at),
            from_milliseconds(recorded_at),
            home,
            bound_from};
  }
};

inline constexpr std::string_view score_columns = "seq, idx, line, rule, score_group, points, occurred_at";

struct ScoreRow {
  long long seq = 0, idx = 0, line = 0, points = 0, occurred_at = 0;
  std::string rule, group;

  void bind(soci::statement& statement) {
    for (auto* number : {&seq, &idx, &line}) statement.exchange(soci::into(*number));
    statement.exchange(soci::into(rule));
    statement.exchange(soci::into(group));
    statement.exchange(soci::into(points));
    statement.exchange(soci::into(occurred_at));
  }

  [[nodiscard]] lead::ScoreEntry entry() const {
    return {{seq, static_cast<std::int32_t>(idx)},
            static_cast<std::int32_t>(line),
            rule,
            lead::score_group_from(group).value_or(lead::ScoreGroup::engagement),
            points,
            from_milliseconds(occurred_at)};
  }
};

inline constexpr std::string_view assignment_columns =
    "round, owner, rule, method, seq, idx, assigned_at, answer_by, answered_at, state";

struct AssignmentRow {
  long long round = 0, seq = 0, idx = 0, assigned_at = 0;
  OptionalInteger answer_by, answered_at;
  std::string owner, rule, method, state;

  void bind(soci::statement& statement) {
    statement.exchange(soci::into(round));
    for (auto* text : {&owner, &rule, &method}) statement.exchange(soci::into(*text));
    for (auto* number : {&seq, &idx, &assigned_at}) statement.exchange(soci::into(*number));
    statement.exchange(soci::into(answer_by.value, answer_by.indicator));
    statement.exchange(soci::into(answered_at.value, answered_at.indicator));
    statement.exchange(soci::into(state));
  }

  [[nodiscard]] lead::Assignment assignment() const {
    return {static_cast<std::int32_t>(round),
            owner,
            rule,
            method,
            {seq, static_cast<std::int32_t>(idx)},
            from_milliseconds(assigned_at),
            answer_by.time(),
            answered_at.time(),
            lead::assignment_state_from(state).value_or(lead::AssignmentState::open)};
  }
};

inline constexpr std::string_view timeline_columns =
    "seq, idx, channel, event_key, type, occurred_at, received_at, trust, document, home_id";

struct TimelineRow {
  long long seq = 0;
  long long idx = 0;
  std::string channel;
  std::string key;
  std::string type;
  long long occurred_at = 0;
  long long received_at = 0;
  std::string trust;
  std::string document;
  std::string home;

  void bind(soci::statement& statement) {
    statement.exchange(soci::into(seq));
    statement.exchange(soci::into(idx));
    for (auto* text : {&channel, &key, &type}) statement.exchange(soci::into(*text));
    statement.exchange(soci::into(occurred_at));
    statement.exchange(soci::into(received_at));
    statement.exchange(soci::into(trust));
    statement.exchange(soci::into(document));
    statement.exchange(soci::into(home));
  }

  [[nodiscard]] lead::TimelineEntry entry() const {
    return {{seq, static_cast<std::int32_t>(idx)},
            channel,
            key,
            type,
            from_milliseconds(occurred_at),
            from_milliseconds(received_at),
            trust == "human"     ? lead::SignalTrust::human
            : trust == "scanner" ? lead::SignalTrust::scanner
                                 : lead::SignalTrust::unknown,
            document,
            home};
  }
};

}  // namespace leadhub::store
