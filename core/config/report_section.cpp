#include "config/report_section.hpp"

#include <nlohmann/json.hpp>

#include "config/units.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

const std::string& text(const json& value) {
  return value.get_ref<const std::string&>();
}

report::Cost cost_of(const json& given) {
  return {given.value("channel", ""),        given.value("source", ""),
          given.value("campaign", ""),       *parse_date(text(given.at("from"))),
          *parse_date(text(given.at("to"))), given.at("cost").get<double>(),
          text(given.at("currency"))};
}

report::Objective objective_of(const json& given) {
  report::Objective objective;
  objective.channel = text(given.at("channel"));
  objective.lead_time = *parse_duration(text(given.at("lead_time")));
  objective.share = given.value("share", objective.share);
  return objective;
}

}  // namespace

report::Rules report_of(const json& section, const std::string& time_zone) {
  report::Rules rules;
  rules.time_zone = time_zone;
  if (!section.is_object()) return rules;
  if (section.contains("costs"))
    for (const auto& cost : section.at("costs")) rules.costs.push_back(cost_of(cost));
  if (section.contains("objectives"))
    for (const auto& objective : section.at("objectives"))
      rules.objectives.push_back(objective_of(objective));
  return rules;
}

}  // namespace leadhub::config
