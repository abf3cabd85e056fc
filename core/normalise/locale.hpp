#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leadhub::normalise {

/// A language as a BCP 47 tag: from a tag in any spelling ("de_DE" -> "de-DE", "zh-hant-tw" -> "zh-Hant-TW"),
/// an Accept-Language header (its first), an ISO 639 code of two or three letters, or a language's name in
/// itself or in one of the languages that most forms come in ("German", "Deutsch", "allemand" -> "de"). No
/// region is added that nobody gave. nullopt where it is none of those. Thread-safe.
[[nodiscard]] std::optional<std::string> language_tag(std::string_view given);

/// Whether there is such a time zone, by its IANA name.
[[nodiscard]] bool is_time_zone(std::string_view name);

/// The time zone of a country (ISO 3166 alpha-2) where the clocks of all of it show the same: one of its
/// zones then, by its IANA name. nullopt where they differ, as in the United States, and where there is no
/// such country. Asks for each country once. Thread-safe.
[[nodiscard]] std::optional<std::string> time_zone_of_country(std::string_view country);

}  // namespace leadhub::normalise
