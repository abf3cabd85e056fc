#include "qualify/temperature.hpp"

#include <algorithm>
#include <array>

namespace leadhub::qualify {
namespace {

using lead::Temperature;

struct Rule {
  std::string_view event_type;
  Temperature temperature;
};

constexpr std::array<Rule, 12> built_in_rules{{{"purchase.completed", Temperature::hot},
                                               {"cart.updated", Temperature::hot},
                                               {"chat.started", Temperature::hot},
                                               {"chat.message", Temperature::hot},
                                               {"account.registered", Temperature::hot},
                                               {"demo.requested", Temperature::hot},
                                               {"form.submitted", Temperature::warm},
                                               {"product.liked", Temperature::warm},
                                               {"page.viewed", Temperature::cold},
                                               {"content.downloaded", Temperature::cold},
                                               {"questionnaire.completed", Temperature::cold},
                                               {"newsletter.subscribed", Temperature::cold}}};

void extend(std::optional<TimePoint>& until, TimePoint time) {
  until = until ? std::max(*until, time) : time;
}

}  // namespace

std::optional<Temperature> temperature_of(std::string_view event_type) {
  const auto rule = std::find_if(built_in_rules.begin(), built_in_rules.end(),
                                 [&](const Rule& candidate) { return candidate.event_type == event_type; });
  if (rule == built_in_rules.end()) return std::nullopt;
  return rule->temperature;
}

void warm(lead::Lead& lead, const lead::NormalisedEvent& event) {
  const auto temperature = temperature_of(event.event.type);
  if (temperature == Temperature::hot) extend(lead.hot_until, event.occurred_at + rule_holds_for);
  if (temperature == Temperature::warm) extend(lead.warm_until, event.occurred_at + rule_holds_for);
}

}  // namespace leadhub::qualify
