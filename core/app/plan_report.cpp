#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "app/output.hpp"
#include "app/plan.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

struct Kind {
  std::string_view name;
  std::string_view words;
};
/// In the order in which somebody wants to know.
constexpr std::array kinds{Kind{"would_fail", "entries that would fail"},
                           Kind{"would_fail_no_more", "entries that would fail no more"},
                           Kind{"leads_gone", "leads that there would not be"},
                           Kind{"leads_new", "leads that there would be besides"},
                           Kind{"temperature", "temperature"},
                           Kind{"stage", "stage"},
                           Kind{"score", "score"},
                           Kind{"owner", "owner"},
                           Kind{"mails", "mails"},
                           Kind{"consents", "consents"}};

std::string shown(const std::string& text) {
  return text.empty() ? "nothing" : printable(text);
}

std::string line_of(const PlanExample& example) {
  auto text = "    " + printable(example.who);
  if (!example.before.empty() && !example.after.empty())
    return text + ": " + printable(example.before) + " -> " + printable(example.after) + "\n";
  if (example.before.empty() && example.after.empty()) return text + "\n";
  return text + ": " + shown(example.before) + " -> " + shown(example.after) + "\n";
}

std::string failure_of(const PlanExample& example) {
  return "    " + printable(example.who) + ": " + printable(example.before + example.after) + "\n";
}

std::string counts(std::string_view what, std::int64_t before, std::int64_t after) {
  return std::to_string(before) + " -> " + std::to_string(after) + " " + std::string{what};
}

}  // namespace

std::string plan_as_text(const Plan& plan) {
  auto text = std::to_string(plan.entries) + " entries since " + format_rfc3339(plan.since) +
              ", with the running configuration -> with the new one:\n" +
              counts("events", plan.events_before, plan.events_after) + ", " +
              counts("leads", plan.leads_before, plan.leads_after) + "\n";
  if (plan.changes.empty()) text += "\nNothing would differ.\n";
  for (const auto& kind : kinds) {
    const auto change = plan.changes.find(std::string{kind.name});
    if (change == plan.changes.end()) continue;
    text += "\n  " + std::string{kind.words} + ": " + std::to_string(change->second.count) + "\n";
    for (const auto& example : change->second.examples)
      text += kind.name.starts_with("would_fail") ? failure_of(example) : line_of(example);
    if (const auto more = change->second.count - static_cast<std::int64_t>(change->second.examples.size());
        more > 0)
      text += "    and " + std::to_string(more) + " more\n";
  }
  if (!plan.unknown.empty()) text += "\nWhat it did not know:\n";
  for (const auto& [what, count] : plan.unknown) text += "  " + std::to_string(count) + " " + what + "\n";
  return text;
}

Json plan_as_json(const Plan& plan) {
  Json changes = Json::object();
  for (const auto& kind : kinds) {
    const auto change = plan.changes.find(std::string{kind.name});
    if (change == plan.changes.end()) continue;
    auto examples = Json::array();
    for (const auto& example : change->second.examples)
      examples.push_back({{"who", example.who}, {"before", example.before}, {"after", example.after}});
    changes[std::string{kind.name}] = {{"count", change->second.count}, {"examples", examples}};
  }
  Json unknown = Json::array();
  for (const auto& [what, count] : plan.unknown) unknown.push_back({{"count", count}, {"what", what}});
  return {{"since", format_rfc3339(plan.since)},
          {"until", format_rfc3339(plan.now)},
          {"entries", plan.entries},
          {"events", {{"before", plan.events_before}, {"after", plan.events_after}}},
          {"leads", {{"before", plan.leads_before}, {"after", plan.leads_after}}},
          {"changes", changes},
          {"unknown", unknown},
          {"milliseconds", plan.took.count()}};
}

}  // namespace leadhub::app
