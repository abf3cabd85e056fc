#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "lead/profile.hpp"

namespace leadhub::qualify {

/// How long an event counts for the temperature, unless a rule says otherwise.
inline constexpr auto rule_holds_for = std::chrono::hours{24 * 30};

/// The built-in rules of the domain: how warm an event shows a person to be.
///   hot   they bought, filled a cart, opened a chat, registered, asked for a demo
///   warm  they gave data in a form, marked products
///   cold  they visited, downloaded content, answered a questionnaire, subscribed
/// nullopt: says nothing about it (deliveries, vendors' own types).
[[nodiscard]] std::optional<lead::Temperature> temperature_of(std::string_view event_type);

/// Lets the event warm the lead, from when it happened until it has stopped to count.
void warm(lead::Lead& lead, const lead::NormalisedEvent& event);

}  // namespace leadhub::qualify
