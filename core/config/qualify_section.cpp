#include "config/qualify_section.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "config/units.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

std::chrono::milliseconds duration(const json& value) {
  return *parse_duration(value.get_ref<const std::string&>());
}

qualify::ScoreRule score_rule_of(const json& given, const Segments& segments) {
  qualify::ScoreRule rule;
  rule.name = given.at("name").get<std::string>();
  rule.when = condition_of(given.at("when"), segments);
  rule.points = given.at("add").get<std::int64_t>();
  rule.group = *lead::score_group_from(given.value("group", "engagement"));
  rule.once = given.value("once", false);
  if (given.contains("at_most")) {
    const auto rate = *parse_rate(given.at("at_most").get_ref<const std::string&>());
    rule.at_most = {static_cast<std::int64_t>(rate.count), rate.per};
  }
  return rule;
}

lead::Temperature temperature_of(const std::string& name) {
  return name == "hot"    ? lead::Temperature::hot
         : name == "warm" ? lead::Temperature::warm
                          : lead::Temperature::cold;
}

qualify::TemperatureRule temperature_rule_of(const json& given, const Segments& segments) {
  const auto holds_for = given.contains("for") ? duration(given.at("for")) : qualify::rule_holds_for;
  return qualify::temperature_rule(temperature_of(given.at("is").get<std::string>()),
                                   condition_of(given.at("when"), segments), holds_for);
}

std::vector<qualify::StageRule> stage_rules_of(const json& given, const Segments& segments) {
  std::vector<qualify::StageRule> rules;
  for (const auto stage : qualify::stage_order)
    if (const auto found = given.find(std::string{lead::to_string(stage)}); found != given.end())
      rules.push_back(qualify::stage_rule(stage, condition_of(found->at("when"), segments)));
  return rules;
}

}  // namespace

qualify::Rules qualify_of(const json& section, const Segments& segments) {
  if (!section.is_object()) return qualify::default_rules();
  qualify::Rules rules;
  if (section.contains("score"))
    for (const auto& rule : section.at("score")) rules.score.push_back(score_rule_of(rule, segments));
  if (section.contains("decay")) {
    const auto& decay = section.at("decay");
    rules.decay = {*lead::score_group_from(decay.at("group").get<std::string>()),
                   duration(decay.at("half_life"))};
  }
  if (section.contains("temperature"))
    for (const auto& rule : section.at("temperature"))
      rules.temperature.push_back(temperature_rule_of(rule, segments));
  if (section.value("builtin", true))
    for (auto& rule : qualify::built_in_temperature_rules()) rules.temperature.push_back(std::move(rule));
  rules.stages = section.contains("stages") ? stage_rules_of(section.at("stages"), segments)
                                            : qualify::default_stage_rules();
  if (section.contains("grade")) {
    const auto& fit = section.at("grade").at("fit");
    const auto& engagement = section.at("grade").at("engagement");
    rules.grade = {fit.at(0).get<double>(), fit.at(1).get<double>(), engagement.at(0).get<double>(),
                   engagement.at(1).get<double>()};
  }
  return rules;
}

}  // namespace leadhub::config
