#include "vendor_words.hpp"

#include <leadhub/sdk/time.hpp>

#include <charconv>
#include <cstdint>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {

std::string vendor_event(std::string_view vendor, std::string_view name) {
  std::string type = "x." + std::string(vendor) + ".";
  std::string rest;
  for (const char c : name) {
    const char lower = ascii_lower(c);
    const bool good =
        (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_' || lower == '.';
    if (good)
      rest += lower;
    else if (!rest.empty() && rest.back() != '_')
      rest += '_';
  }
  while (rest.ends_with('_')) rest.pop_back();
  if (rest.empty()) rest = "unknown";
  return type + rest.substr(0, limits::vendor_event_bytes_max);
}

std::string point_in_time(std::string_view time) {
  time = trim(time);
  constexpr std::size_t date_and_time = 19;  // "2026-01-05 12:00:00"
  std::string text(time);
  if (text.size() == date_and_time) text += "Z";
  // "+0000", as Meta writes it.
  if (text.size() == date_and_time + 5 && text.find_first_of("+-", date_and_time) == date_and_time)
    text.insert(text.size() - 2, ":");
  if (const auto time_ms = sdk::parse_rfc3339(text)) return sdk::format_rfc3339(*time_ms);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), number);
  if (error != std::errc{} || end != time.data() + time.size() || number <= 0) return {};
  constexpr std::int64_t milliseconds_min =
      100'000'000'000;  // as seconds the year 5138, as milliseconds 1973
  return sdk::format_rfc3339(number < milliseconds_min ? number * 1000 : number);
}

}  // namespace leadhub::webform
