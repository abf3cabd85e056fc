#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

/// Points in time as RFC 3339 writes them, and as milliseconds since 1970-01-01T00:00:00Z. Header-only,
/// C++17. Own code because C++17 knows no calendar and a plugin should need no library for this alone.
namespace leadhub::sdk {

namespace detail {

/// Days from 1970-01-01 to that day of the proleptic Gregorian calendar. Years begin in March here, so that
/// the leap day is the last of its year.
constexpr std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t shifted_year = month > 2 ? year : year - 1;
  const std::int64_t shifted_month = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
  return shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + day_of_year -
         719'468;
}

constexpr bool is_leap_year(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr std::int64_t days_of_month(std::int64_t year, std::int64_t month) {
  if (month == 2) return is_leap_year(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Takes things off the front of a text; once something does not fit, nothing fits any more.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  std::int64_t digits(std::size_t count) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const bool fits = i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '9';
      if (!fits) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// One character of `any`, else '\0'.
  char one_of(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return static_cast<char>(fail());
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  /// The first three digits of a fraction as milliseconds; 0 where there is none.
  std::int64_t fraction_ms() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++count) {
      if (count < 3) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (count == 0) return fail();
    for (; count < 3; ++count) value *= 10;
    return value;
  }
  [[nodiscard]] bool is_whole() const { return good_ && rest_.empty(); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::int64_t fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace detail

/// "2026-01-05T12:00:00Z", "2026-01-05T13:00:00.250+01:00" (a blank instead of T is taken too) as
/// milliseconds since 1970. nullopt for what is no such text, for days that do not exist and for a time
/// without an offset.
inline std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  detail::TimeReader reader(text);
  const std::int64_t year = reader.digits(4);
  reader.one_of("-");
  const std::int64_t month = reader.digits(2);
  reader.one_of("-");
  const std::int64_t day = reader.digits(2);
  reader.one_of("Tt ");
  const std::int64_t hour = reader.digits(2);
  reader.one_of(":");
  const std::int64_t minute = reader.digits(2);
  reader.one_of(":");
  const std::int64_t second = reader.digits(2);
  const std::int64_t fraction_ms = reader.fraction_ms();
  const char sign = reader.one_of("Zz+-");
  std::int64_t offset_minutes = 0;
  if (sign == '+' || sign == '-') {
    const std::int64_t offset_hours = reader.digits(2);
    reader.one_of(":");
    offset_minutes = offset_hours * 60 + reader.digits(2);
    if (offset_minutes >= std::int64_t{24} * 60) return std::nullopt;
    if (sign == '-') offset_minutes = -offset_minutes;
  }
  if (!reader.is_whole() || month < 1 || month > 12 || day < 1 || day > detail::days_of_month(year, month) ||
      hour > 23 || minute > 59 || second > 60)  // 60: a leap second
    return std::nullopt;
  const std::int64_t days = detail::days_since_1970(year, month, day);
  return (((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second) * 1000 + fraction_ms;
}

/// The date of an HTTP header, "Mon, 05 Jan 2026 12:00:00 GMT" (RFC 9110 section 5.6.7; the two obsolete
/// forms are nobody's any more), as milliseconds since 1970. nullopt for anything else.
inline std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t size = 29;
  if (text.size() != size || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const std::size_t month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string_view number = "010203040506070809101112";
  const std::string rfc3339 = std::string(text.substr(12, 4)) + "-" +
                              std::string(number.substr(month / 3 * 2, 2)) + "-" +
                              std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
  return text[7] == ' ' && text[11] == ' ' && text[16] == ' ' ? parse_rfc3339(rfc3339) : std::nullopt;
}

/// "2026-01-05T12:00:00Z", with ".250" where there are milliseconds. Empty for years that RFC 3339 cannot
/// write (before 0 or after 9999).
inline std::string format_rfc3339(std::int64_t time_ms) {
  constexpr std::int64_t day_ms = 86'400'000;
  const std::int64_t days = (time_ms >= 0 ? time_ms : time_ms - day_ms + 1) / day_ms;
  const std::int64_t in_day_ms = time_ms - days * day_ms;
  if (days < detail::days_since_1970(1, 1, 1) || days > detail::days_since_1970(9999, 12, 31)) return {};
  // Close below the year that is meant; then month and day by counting.
  std::int64_t year = 1970 + days / 366 - (days < 0 ? 1 : 0);
  while (detail::days_since_1970(year + 1, 1, 1) <= days) ++year;
  while (detail::days_since_1970(year, 1, 1) > days) --year;
  std::int64_t day = days - detail::days_since_1970(year, 1, 1) + 1;
  std::int64_t month = 1;
  for (; day > detail::days_of_month(year, month); ++month) day -= detail::days_of_month(year, month);
  const auto number = [](std::int64_t value) { return static_cast<int>(value); };
  char text[64];
  const std::int64_t seconds = in_day_ms / 1000;
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", number(year), number(month), number(day),
                number(seconds / 3600), number(seconds / 60 % 60), number(seconds % 60));
  std::string out = text;
  if (in_day_ms % 1000 != 0) {
    std::snprintf(text, sizeof text, ".%03d", number(in_day_ms % 1000));
    out += text;
  }
  return out + "Z";
}

}  // namespace leadhub::sdk
