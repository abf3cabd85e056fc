#include "config/formats.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <vector>

#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "ops/clock.hpp"

namespace leadhub::config {
namespace {

using Problem = std::optional<std::string>;

template <auto Parse>
Problem problem_of(const std::string& text) {
  const auto result = Parse(text);
  return result ? std::nullopt : Problem{result.error().message};
}

Problem date_time_problem(const std::string& text) {
  if (parse_rfc3339(text)) return std::nullopt;
  return "is not a point in time; write it as in 2026-01-05T12:00:00Z";
}

Problem address_problem(const std::string& text) {
  const auto range = parse_address_range(text);
  if (range && text.find('/') == std::string::npos) return std::nullopt;
  return "is not an IP address; write one as in 192.0.2.7 or 2001:db8::1";
}

/// RE2's own words name the fault but may repeat a part of the expression, so only its kind is used.
Problem regex_problem(const std::string& text) {
  const RE2 expression{text, RE2::Quiet};
  if (expression.ok()) return std::nullopt;
  switch (expression.error_code()) {
    case RE2::ErrorMissingParen:
      return "is no regular expression: a \"(\" is never closed; close it, or write \"\\(\"";
    case RE2::ErrorUnexpectedParen:
      return "is no regular expression: a \")\" closes nothing; remove it, or write \"\\)\"";
    case RE2::ErrorMissingBracket:
      return "is no regular expression: a \"[\" is never closed; close it, or write \"\\[\"";
    case RE2::ErrorRepeatArgument:
      return "is no regular expression: a repetition follows nothing; escape it with \"\\\"";
    case RE2::ErrorRepeatSize:
      return "is no regular expression: a repetition is too large; write at most 1000";
    case RE2::ErrorTrailingBackslash:
      return "is no regular expression: it ends with \"\\\"; remove or double it";
    case RE2::ErrorPatternTooLarge:
      return "is too large a regular expression; split it with any:";
    case RE2::ErrorBadPerlOp:
    case RE2::ErrorBadEscape:
      return "is no regular expression of RE2 (which has no look-around and no back-reference); rewrite it";
    default:
      return "is no regular expression; see the syntax of RE2";
  }
}

Problem email_problem(const std::string& text) {
  static const RE2 shape{R"([^\s@<>,;:"()\\]+@[^\s@<>,;:"()\\]+)"};
  if (RE2::FullMatch(text, shape)) return std::nullopt;
  return "is not an e-mail address; write one as in ada@example.com";
}

struct Format {
  std::string_view name;
  Problem (*problem)(const std::string&);
  std::vector<std::string_view> units = {};  ///< some that may follow a number
};

const std::array formats{
    Format{"leadhub-duration", problem_of<parse_duration>, {"s", "m", "h", "d"}},
    Format{"leadhub-rate", problem_of<parse_rate>, {" per 1m"}},
    Format{"leadhub-size", problem_of<parse_size>, {" KiB", " MiB"}},
    Format{"leadhub-listen", problem_of<parse_endpoint>},
    Format{"leadhub-address", address_problem},
    Format{"leadhub-address-range", problem_of<parse_address_range>},
    Format{"leadhub-http-url", problem_of<parse_http_url>},
    Format{"leadhub-store-url", problem_of<parse_store_url>},
    Format{"leadhub-time-of-day", problem_of<parse_time_of_day>},
    Format{"leadhub-dates", problem_of<parse_dates>},
    Format{"leadhub-date", problem_of<parse_date>},
    Format{"leadhub-date-time", date_time_problem},
    Format{"leadhub-time-zone", problem_of<parse_time_zone>},
    Format{"leadhub-country", problem_of<parse_country>},
    Format{"leadhub-regex", regex_problem},
    Format{"leadhub-email", email_problem},
};

const Format* find(std::string_view name) {
  const auto* found = std::ranges::find(formats, name, &Format::name);
  return found == formats.end() ? nullptr : found;
}

}  // namespace

std::optional<std::string> format_problem(std::string_view format, const std::string& text) {
  const auto* found = find(format);
  return found == nullptr ? std::nullopt : found->problem(text);
}

std::vector<std::string> with_units(std::string_view format, const std::string& number,
                                    std::string_view standard) {
  const auto* found = find(format);
  std::vector<std::string> spellings;
  if (found == nullptr || found->units.empty()) return spellings;
  if (const auto unit = standard.find_first_not_of("0123456789"); unit != standard.npos)
    return {number + std::string{standard.substr(unit)}};
  for (const auto unit : found->units) spellings.push_back(number + std::string{unit});
  return spellings;
}

bool is_own_format(std::string_view format) {
  return find(format) != nullptr;
}

std::optional<std::string> format_suggestion(std::string_view format, const std::string& text) {
  return format == "leadhub-time-zone" ? nearest(text, time_zones()) : std::nullopt;
}

}  // namespace leadhub::config
