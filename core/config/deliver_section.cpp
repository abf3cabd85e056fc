#include "config/deliver_section.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::config {

deliver::Rules deliver_of(const nlohmann::json& section, const Segments& segments) {
  deliver::Rules rules;
  if (!section.is_object() || !section.contains("rules")) return rules;
  for (const auto& given : section.at("rules")) {
    auto& rule = rules.rules.emplace_back();
    rule.when = condition_of(given.at("when"), segments);
    const auto words = lead::describe(rule.when);
    rule.name = given.value("name", words);
    rule.via = given.at("via").get<std::string>();
    rule.mark = lead::mark_of(rule.via + ": " + words);
    rule.on_event = lead::looks_at_event(rule.when);
    rule.repeat = given.value("keep_current", false) ? deliver::Repeat::current : deliver::Repeat::once;
  }
  return rules;
}

}  // namespace leadhub::config
