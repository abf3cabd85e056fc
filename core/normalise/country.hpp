#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leadhub::normalise {

/// The ISO 3166 alpha-2 code for a code of two or three letters in any case, or a country's name as ICU has
/// it in the languages that most forms come in, with or without accents, or a common short form ("UK",
/// "Holland"). nullopt where it is none of those, or a name that means two countries in two languages.
///
/// Names in other languages than English cost some milliseconds once, at the first country that is neither a
/// code nor English. Thread-safe.
[[nodiscard]] std::optional<std::string> country_code(std::string_view given);

}  // namespace leadhub::normalise
