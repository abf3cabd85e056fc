#include "qualify/outlook.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

namespace leadhub::qualify {
namespace {

using lead::Comparison;

/// How many points more a test asks for; nullopt: it asks for something else.
std::optional<double> points_for(const lead::Test& test, const lead::Subject& subject) {
  if (!test.path.text().starts_with("lead.score") || test.comparisons.size() != 1) return std::nullopt;
  const auto& comparison = test.comparisons.front();
  const auto value = test.path.value(subject);
  const auto* has = std::get_if<double>(&value);
  const auto* wants =
      comparison.operands.size() == 1 ? std::get_if<double>(&comparison.operands.front()) : nullptr;
  if (has == nullptr || wants == nullptr) return std::nullopt;
  if (comparison.is == Comparison::Operator::at_least) return *wants - *has;
  if (comparison.is == Comparison::Operator::greater) return std::floor(*wants) + 1 - *has;
  return std::nullopt;
}

std::optional<std::int64_t> missing_points(const lead::Condition& condition, const lead::Subject& subject) {
  std::optional<double> missing;
  auto rest = condition;
  std::erase_if(rest.tests, [&](const lead::Test& test) {
    const auto points = points_for(test, subject);
    if (points && *points > 0) missing = std::max(missing.value_or(0), *points);
    return points && *points > 0;
  });
  if (!missing || !lead::holds(rest, subject)) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(*missing));
}

/// Whether the rule may give nothing now, whatever happens.
bool is_exhausted(const ScoreRule& rule, const lead::Lead& lead, TimePoint now) {
  const auto& tallies = lead.qualification.tallies;
  const auto tally = std::ranges::find(tallies, rule.name, &lead::Tally::rule);
  if (tally == tallies.end()) return false;
  if (rule.once) return !tally->given.empty();
  if (!rule.at_most) return false;
  std::int64_t given = 0;
  for (const auto& [at, points] : tally->given)
    if (at > now - rule.at_most->per) given += points;
  return given >= rule.at_most->points;
}

}  // namespace

Outlook outlook(const Rules& rules, const lead::Lead& lead, TimePoint now) {
  Outlook outlook;
  if (lead.temperature_at(now) == lead::Temperature::hot) return outlook;
  const lead::Subject subject{lead, nullptr, now};
  bool asks_for_points = false;
  for (const auto& rule : rules.temperature) {
    if (rule.is != lead::Temperature::hot) continue;
    auto& way = outlook.ways.emplace_back(Way{rule.name, rule.on_event, {}});
    if (!rule.on_event) way.missing_points = missing_points(rule.when, subject);
    asks_for_points = asks_for_points || way.missing_points;
  }
  if (!asks_for_points) return outlook;
  for (const auto& rule : rules.score)
    if (rule.points > 0 && !is_exhausted(rule, lead, now))
      outlook.gains.push_back({rule.name, lead::describe(rule.when), rule.points});
  std::ranges::stable_sort(outlook.gains, std::greater{}, &Gain::points);
  return outlook;
}

}  // namespace leadhub::qualify
