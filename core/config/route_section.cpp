#include "config/route_section.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/units.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

const std::string& text(const json& value) {
  return value.get_ref<const std::string&>();
}

std::vector<route::Days> days_of(const json& list) {
  std::vector<route::Days> days;
  for (const auto& dates : list) {
    const auto interval = *parse_dates(text(dates));
    days.push_back({interval.from, interval.to});
  }
  return days;
}

route::Member member_of(const json& given) {
  route::Member member;
  member.name = text(given.at("name"));
  member.email = text(given.at("email"));
  if (given.contains("territory")) member.territory = given.at("territory").get<std::vector<std::string>>();
  if (given.contains("capacity")) {
    const auto rate = *parse_rate(text(given.at("capacity")));
    member.capacity = {rate.count, rate.per};
  }
  if (given.contains("away")) member.away = days_of(given.at("away"));
  member.weight = given.value("weight", std::int64_t{1});
  return member;
}

route::WorkingHours working_hours_of(const json& given, const std::string& time_zone) {
  route::WorkingHours hours;
  if (given.contains("days")) {
    constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (std::size_t i = 0; i < names.size(); ++i)
      hours.days.at(i) =
          std::ranges::any_of(given.at("days"), [&](const json& day) { return day == names.at(i); });
  }
  hours.from = *parse_time_of_day(text(given.at("from")));
  hours.to = *parse_time_of_day(text(given.at("to")));
  hours.time_zone = given.value("time_zone", time_zone);
  if (given.contains("holidays")) hours.holidays = days_of(given.at("holidays"));
  return hours;
}

/// What is no way to assign is the name of one of the team.
void set_method(route::Rule& rule, const std::string& assign) {
  constexpr std::array<std::pair<std::string_view, route::Method>, 4> methods{
      {{"territory", route::Method::territory},
       {"round_robin", route::Method::round_robin},
       {"least_busy", route::Method::least_busy},
       {"sticky", route::Method::sticky}}};
  for (const auto& [name, method] : methods)
    if (name == assign) {
      rule.method = method;
      return;
    }
  rule.method = route::Method::named;
  rule.member = assign;
}

route::Rule rule_of(const json& given, const Segments& segments) {
  route::Rule rule;
  rule.when = condition_of(given.at("when"), segments);
  rule.name = lead::describe(rule.when);
  rule.mark = lead::mark_of(rule.name);
  rule.on_event = lead::looks_at_event(rule.when);
  set_method(rule, text(given.at("assign")));
  if (given.contains("answer_within")) rule.answer_within = *parse_duration(text(given.at("answer_within")));
  const auto then = given.value("then", "");
  rule.then = then == "reassign"   ? route::WhenMissed::reassign
              : then == "escalate" ? route::WhenMissed::escalate
                                   : route::WhenMissed::nothing;
  return rule;
}

}  // namespace

route::Routes route_of(const json& section, const Segments& segments, const std::string& time_zone) {
  route::Routes routes;
  routes.time_zone = time_zone;
  if (!section.is_object()) return routes;
  if (section.contains("team"))
    for (const auto& member : section.at("team")) routes.team.push_back(member_of(member));
  if (section.contains("working_hours")) {
    routes.working_hours = working_hours_of(section.at("working_hours"), time_zone);
    routes.time_zone = routes.working_hours->time_zone;
  }
  if (section.contains("rules"))
    for (const auto& rule : section.at("rules")) routes.rules.push_back(rule_of(rule, segments));
  if (section.contains("notify")) routes.notify_via = section.at("notify").value("via", "");
  routes.manager = section.value("manager", "");
  return routes;
}

}  // namespace leadhub::config
