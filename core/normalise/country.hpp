#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leadhub::normalise {

/// The ISO 3166 alpha-2 code for an alpha-2 or alpha-3 code in any case or an English name ("united
/// kingdom"), by ICU's tables. nullopt where it is none of those.
[[nodiscard]] std::optional<std::string> country_code(std::string_view given);

}  // namespace leadhub::normalise
