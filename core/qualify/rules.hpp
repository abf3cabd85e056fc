#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lead/condition.hpp"
#include "lead/qualification.hpp"

namespace leadhub::qualify {

/// How long a rule on an event holds, unless it says otherwise.
inline constexpr auto rule_holds_for = std::chrono::hours{24 * 30};

/// No more points than this in any span of that length.
struct PointsBound {
  std::int64_t points = 0;
  std::chrono::milliseconds per{};
};

struct ScoreRule {
  std::string name;  ///< identifies it in the ledger
  lead::Condition when;
  std::int64_t points = 0;
  lead::ScoreGroup group = lead::ScoreGroup::engagement;
  std::optional<PointsBound> at_most{};
  bool once = false;
};

struct Decay {
  lead::ScoreGroup group = lead::ScoreGroup::engagement;
  std::chrono::milliseconds half_life{};
};

struct TemperatureRule {
  std::string name;  ///< in words, for explanations
  lead::Temperature is = lead::Temperature::warm;
  lead::Condition when;
  std::chrono::milliseconds holds_for = rule_holds_for;  ///< of a rule on an event
  bool on_event = false;
};

struct StageRule {
  std::string name;  ///< in words, for explanations
  lead::Stage to = lead::Stage::registered;
  lead::Condition when;
  bool on_event = false;
};

/// The section `qualify` of hub.yaml.
struct Rules {
  std::vector<ScoreRule> score;
  std::optional<Decay> decay;
  std::vector<TemperatureRule> temperature;  ///< the built-in ones among them
  std::vector<StageRule> stages;             ///< in stage_order
  lead::GradeLimits grade;
};

/// The order in which stage rules are looked at: whoever buys converts, though they would be developing, too.
inline constexpr std::array stage_order{lead::Stage::customer,   lead::Stage::converted,
                                        lead::Stage::developing, lead::Stage::registered,
                                        lead::Stage::recycled,   lead::Stage::lost};

[[nodiscard]] TemperatureRule temperature_rule(lead::Temperature is, lead::Condition when,
                                               std::chrono::milliseconds holds_for = rule_holds_for);
[[nodiscard]] StageRule stage_rule(lead::Stage to, lead::Condition when);

/// The built-in rules of the domain: how warm an event shows a person to be.
///   hot   they bought, filled a cart, opened a chat, registered, asked for a demo
///   warm  they gave data in a form, marked products
/// Whoever visited, downloaded, answered a questionnaire or subscribed is cold, as everybody is at first.
[[nodiscard]] std::vector<TemperatureRule> built_in_temperature_rules();

/// The stages where hub.yaml says nothing about them: registered with a confirmed contact point, developing
/// once warm, converted with the first purchase, customer with the next.
[[nodiscard]] std::vector<StageRule> default_stage_rules();

/// The built-in rules alone.
[[nodiscard]] Rules default_rules();

}  // namespace leadhub::qualify
