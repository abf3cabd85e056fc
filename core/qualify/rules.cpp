#include "qualify/rules.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace leadhub::qualify {
namespace {

using lead::Stage;
using lead::Temperature;

template <class Value>
lead::Condition is(std::string_view path, std::initializer_list<Value> values) {
  lead::Comparison comparison;
  for (const auto& value : values) {
    if constexpr (std::is_same_v<Value, bool>)
      comparison.operands.emplace_back(value);
    else
      comparison.operands.emplace_back(std::string{value});
  }
  return {{{*lead::Path::resolve(path), {std::move(comparison)}}}, {}, {}, {}, {}};
}

lead::Condition both(lead::Condition one, lead::Condition other) {
  return {{}, {std::move(one), std::move(other)}, {}, {}, {}};
}

}  // namespace

TemperatureRule temperature_rule(Temperature temperature, lead::Condition when,
                                 std::chrono::milliseconds holds_for) {
  const bool on_event = lead::looks_at_event(when);
  auto name = lead::describe(when);
  return {std::move(name), temperature, std::move(when), holds_for, on_event};
}

StageRule stage_rule(Stage to, lead::Condition when) {
  const bool on_event = lead::looks_at_event(when);
  auto name = lead::describe(when);
  return {std::move(name), to, std::move(when), on_event};
}

std::vector<TemperatureRule> built_in_temperature_rules() {
  std::vector<TemperatureRule> rules;
  for (const auto* type : {"purchase.completed", "cart.updated", "chat.started", "chat.message",
                           "account.registered", "demo.requested"})
    rules.push_back(temperature_rule(Temperature::hot, is("event.type", {type})));
  for (const auto* type : {"form.submitted", "product.liked"})
    rules.push_back(temperature_rule(Temperature::warm, is("event.type", {type})));
  return rules;
}

std::vector<StageRule> default_stage_rules() {
  return {stage_rule(Stage::customer,
                     both(is("lead.stage", {"converted"}), is("event.type", {"purchase.completed"}))),
          stage_rule(Stage::converted, is("event.type", {"purchase.completed"})),
          stage_rule(Stage::developing,
                     both(is("lead.stage", {"registered"}), is("lead.temperature", {"warm", "hot"}))),
          stage_rule(Stage::registered, is("lead.verified", {true}))};
}

Rules default_rules() {
  return {{}, {}, built_in_temperature_rules(), default_stage_rules(), {}};
}

}  // namespace leadhub::qualify
