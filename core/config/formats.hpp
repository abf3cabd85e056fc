#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::config {

/// Checks a text by the `format` keyword of a schema. Ours begin with `leadhub-` and are the parsers of
/// units.hpp: leadhub-duration, -rate, -size, -listen, -address-range, -address, -http-url, -store-url,
/// -time-of-day, -dates, -date, -date-time, -time-zone, -country, -regex (RE2), -email. Where a schema has
/// one of these, its `pattern` is for editors only: the format's own message is the better one. Returns what
/// is wrong, to follow the value in a sentence (`is not a duration; write ...`); nullopt where the text is
/// right or the format is none of ours. The message never repeats the text.
[[nodiscard]] std::optional<std::string> format_problem(std::string_view format, const std::string& text);

/// How a bare number may have been meant where the format asks for a number with a unit: with the unit of
/// `standard`, the schema's default (`90d` makes 30 to `30d`), or with each usual one where that is empty.
/// Empty where the format has no units.
[[nodiscard]] std::vector<std::string> with_units(std::string_view format, const std::string& number,
                                                  std::string_view standard);

/// Whether the format is one of ours.
[[nodiscard]] bool is_own_format(std::string_view format);

/// What the text was probably meant to be, where the format can tell (`Europe/Londn`).
[[nodiscard]] std::optional<std::string> format_suggestion(std::string_view format, const std::string& text);

}  // namespace leadhub::config
