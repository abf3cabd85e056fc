#include "vendor_words.hpp"

#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/time.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>

#include "json_body.hpp"
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
  double number = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), number);
  if (error != std::errc{} || end != time.data() + time.size()) return {};
  constexpr auto milliseconds_min = static_cast<double>(sdk::signature_limits::by_magnitude_ms_min);
  constexpr double time_ms_max = 253'402'300'799'999.0;  // the end of the year 9999
  const double time_ms = std::floor(number < milliseconds_min ? number * 1000 : number);
  if (!(time_ms > 0) || time_ms > time_ms_max) return {};
  return sdk::format_rfc3339(static_cast<std::int64_t>(time_ms));
}

std::string time_at(const nlohmann::json& object, std::string_view path) {
  return point_in_time(text_at(object, path));
}

}  // namespace leadhub::webform
