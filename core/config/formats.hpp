#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leadhub::config {

/// Checks a text by the `format` keyword of a schema. Ours begin with `leadhub-` and are the parsers of
/// units.hpp: leadhub-duration, -rate, -size, -listen, -address-range, -address, -http-url, -store-url,
/// -time-of-day, -dates, -date-time, -time-zone, -country, -regex (RE2), -email. Where a schema has one of
/// these, its `pattern` is for editors only: the format's own message is the better one. Returns what is
/// wrong, to follow the value in a sentence (`is not a duration; write ...`); nullopt where the text is right
/// or the format is none of ours. The message never repeats the text.
[[nodiscard]] std::optional<std::string> format_problem(std::string_view format, const std::string& text);

/// Whether the format is one of ours.
[[nodiscard]] bool is_own_format(std::string_view format);

/// What the text was probably meant to be, where the format can tell (`Europe/Londn`).
[[nodiscard]] std::optional<std::string> format_suggestion(std::string_view format, const std::string& text);

}  // namespace leadhub::config
