#include "qualify/qualify.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lead/deed.hpp"
#include "ops/limits.hpp"

namespace leadhub::qualify {
namespace {

using lead::Subject;
using lead::Temperature;

std::chrono::milliseconds half_life_of(const Rules& rules, lead::ScoreGroup group) {
  return rules.decay && rules.decay->group == group ? rules.decay->half_life : std::chrono::milliseconds{};
}

constexpr std::array groups{lead::ScoreGroup::fit, lead::ScoreGroup::engagement};

lead::Points& points_of(lead::Lead& lead, lead::ScoreGroup group) {
  return lead.qualification.points[static_cast<std::size_t>(group) - 1];
}

// --- Score

lead::Tally& tally_of(lead::Lead& lead, const std::string& rule) {
  auto& tallies = lead.qualification.tallies;
  const auto found = std::find_if(tallies.begin(), tallies.end(),
                                  [&](const lead::Tally& tally) { return tally.rule == rule; });
  return found != tallies.end() ? *found : tallies.emplace_back(lead::Tally{rule, {}});
}

/// The most points that any span of the bound's length, with `at` in it, has already.
std::int64_t most_in_a_span(const lead::Tally& tally, std::chrono::milliseconds per, TimePoint at) {
  std::int64_t most = 0;
  const auto count_up_to = [&](TimePoint end) {
    std::int64_t sum = 0;
    for (const auto& [given_at, points] : tally.given)
      if (given_at > end - per && given_at <= end) sum += points;
    most = std::max(most, sum);
  };
  count_up_to(at);
  for (const auto& [given_at, points] : tally.given)
    if (given_at > at && given_at < at + per) count_up_to(given_at);
  return most;
}

void remember(lead::Tally& tally, TimePoint at, std::int64_t points, std::chrono::milliseconds per) {
  tally.given.emplace_back(at, points);
  std::sort(tally.given.begin(), tally.given.end());
  // An event that comes this late finds its span empty; a bound is no promise about last year.
  const auto newest = tally.given.back().first;
  std::erase_if(tally.given, [&](const auto& given) { return given.first <= newest - 2 * per; });
  if (tally.given.size() > limits::tally_entries_max) tally.given.erase(tally.given.begin());
}

/// What the rule gives for this event, after its bounds.
std::int64_t points_for(const ScoreRule& rule, lead::Lead& lead, TimePoint at) {
  if (!rule.once && !rule.at_most) return rule.points;
  auto& tally = tally_of(lead, rule.name);
  if (rule.once) {
    if (!tally.given.empty()) return 0;
    tally.given.emplace_back(at, rule.points);
    return rule.points;
  }
  const auto left =
      std::max<std::int64_t>(rule.at_most->points - most_in_a_span(tally, rule.at_most->per, at), 0);
  const auto size = std::min(std::abs(rule.points), left);
  if (size == 0) return 0;
  remember(tally, at, size, rule.at_most->per);
  return rule.points < 0 ? -size : size;
}

std::vector<lead::ScoreEntry> score(const Rules& rules, lead::Lead& lead,
                                    const lead::NormalisedEvent& event) {
  for (const auto group : groups) points_of(lead, group).half_life = half_life_of(rules, group);
  std::vector<const ScoreRule*> holding;
  const Subject subject{lead, &event, event.received_at};
  for (const auto& rule : rules.score)
    if (lead::holds(rule.when, subject)) holding.push_back(&rule);
  std::vector<lead::ScoreEntry> entries;
  for (const auto* rule : holding) {
    const auto points = points_for(*rule, lead, event.occurred_at);
    if (points == 0) continue;
    points_of(lead, rule->group).add(points, event.occurred_at);
    entries.push_back({event.reference, static_cast<std::int32_t>(entries.size()), rule->name, rule->group,
                       points, event.occurred_at});
  }
  return entries;
}

// --- Temperature

void warm(std::optional<lead::Warmth>& warmth, const TemperatureRule& rule,
          const lead::NormalisedEvent& event) {
  const auto until = event.occurred_at + rule.holds_for;
  if (!warmth || until > warmth->until) warmth = {until, rule.name, event.reference, event.occurred_at};
}

/// Until when a condition that holds goes on to hold, if nothing happens.
TimePoint end_of(const lead::Condition& condition, const lead::Lead& lead, TimePoint now) {
  auto time = now;
  for (int looks = 0; looks < limits::looks_ahead_max; ++looks) {
    const auto next = lead::next_change(condition, {lead, nullptr, time});
    if (!next) return lead::forever;
    time = *next;
    if (!lead::holds(condition, {lead, nullptr, time})) break;
  }
  return time;
}

/// The rules on what the lead is, and how long those that hold will.
struct Standing {
  std::optional<TimePoint> until;
  std::string rule;
};

Standing standing(const Rules& rules, const lead::Lead& lead, Temperature temperature, TimePoint now) {
  Standing found;
  for (const auto& rule : rules.temperature) {
    if (rule.is != temperature || rule.on_event || !lead::holds(rule.when, {lead, nullptr, now})) continue;
    const auto until = end_of(rule.when, lead, now);
    if (!found.until || until > *found.until) found = {until, rule.name};
  }
  return found;
}

std::optional<TimePoint> later(std::optional<TimePoint> time, const std::optional<lead::Warmth>& warmth) {
  return warmth && (!time || warmth->until > *time) ? std::optional{warmth->until} : time;
}

void set_temperature(const Rules& rules, lead::Lead& lead, TimePoint now) {
  auto& qualification = lead.qualification;
  auto hot = standing(rules, lead, Temperature::hot, now);
  auto warm = standing(rules, lead, Temperature::warm, now);
  lead.hot_until = later(hot.until, qualification.hot_event);
  lead.warm_until = later(warm.until, qualification.warm_event);
  qualification.hot_rule = std::move(hot.rule);
  qualification.warm_rule = std::move(warm.rule);
}

void take_temperature(const Rules& rules, lead::Lead& lead, const lead::NormalisedEvent& event) {
  auto& qualification = lead.qualification;
  for (const auto& rule : rules.temperature) {
    if (!rule.on_event || !lead::holds(rule.when, {lead, &event, event.received_at})) continue;
    if (rule.is == Temperature::hot) warm(qualification.hot_event, rule, event);
    if (rule.is == Temperature::warm) warm(qualification.warm_event, rule, event);
  }
  set_temperature(rules, lead, event.received_at);
}

// --- Stage

/// Somebody puts it there.
std::optional<Transition> put(lead::Lead& lead, const lead::NormalisedEvent& event) {
  const auto to = lead::stage_of_deed(event);
  if (!to || !lead::is_transition(lead.stage, *to)) return std::nullopt;
  Transition transition{lead.stage, *to, "somebody of the team decided it"};
  lead::enter(lead, *to, event.occurred_at, {0, transition.rule, event.reference});
  return transition;
}

std::optional<Transition> advance(const Rules& rules, lead::Lead& lead, const Subject& subject, TimePoint at,
                                  lead::EventReference source) {
  for (const auto& rule : rules.stages) {
    if (!lead::is_transition(lead.stage, rule.to) || !lead::holds(rule.when, subject)) continue;
    Transition transition{lead.stage, rule.to, rule.name};
    lead::enter(lead, rule.to, at, {0, rule.name, source});
    return transition;
  }
  return std::nullopt;
}

// --- Time

/// The next moment at which rules could say something else though nothing happens.
void set_alarm(const Rules& rules, lead::Lead& lead, TimePoint now) {
  std::optional<TimePoint> next;
  const auto consider = [&](std::optional<TimePoint> time) {
    if (time && *time > now && *time < lead::forever && (!next || *time < *next)) next = time;
  };
  consider(lead.hot_until);
  consider(lead.warm_until);
  for (const auto& rule : rules.temperature)
    if (!rule.on_event) consider(lead::next_change(rule.when, {lead, nullptr, now}));
  for (const auto& rule : rules.stages)
    if (!rule.on_event && lead::is_transition(lead.stage, rule.to))
      consider(lead::next_change(rule.when, {lead, nullptr, now}));
  lead.wake_at = next;
}

}  // namespace

Judgement judge(const Rules& rules, lead::Lead& lead, const lead::NormalisedEvent& event) {
  Judgement judgement;
  lead.qualification.grade_limits = rules.grade;
  judgement.scores = score(rules, lead, event);
  take_temperature(rules, lead, event);
  judgement.transition = put(lead, event);
  if (!judgement.transition)
    judgement.transition =
        advance(rules, lead, {lead, &event, event.received_at}, event.occurred_at, event.reference);
  set_alarm(rules, lead, event.received_at);
  return judgement;
}

std::optional<Transition> reconsider(const Rules& rules, lead::Lead& lead, TimePoint now,
                                     lead::EventReference source) {
  set_temperature(rules, lead, now);
  auto transition = advance(rules, lead, {lead, nullptr, now}, now, source);
  set_alarm(rules, lead, now);
  return transition;
}

bool is_reckoned_otherwise(const Rules& rules, const lead::Lead& lead) {
  return std::any_of(groups.begin(), groups.end(), [&](lead::ScoreGroup group) {
    const auto& points = lead.qualification.points[static_cast<std::size_t>(group) - 1];
    return points.as_of != TimePoint{} && points.half_life != half_life_of(rules, group);
  });
}

void reckon(const Rules& rules, lead::Lead& lead, const std::vector<lead::ScoreEntry>& ledger) {
  for (const auto group : groups) points_of(lead, group) = {0, {}, half_life_of(rules, group)};
  for (const auto& entry : ledger) points_of(lead, entry.group).add(entry.points, entry.at);
}

}  // namespace leadhub::qualify
