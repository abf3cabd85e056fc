#include "route/working_time.hpp"

#include <date/tz.h>

#include <algorithm>

#include "lead/qualification.hpp"
#include "ops/limits.hpp"

namespace leadhub::route {
namespace {

using std::chrono::milliseconds;

/// A local time that a change of clocks leaves out is the moment of the change.
TimePoint to_system(const date::time_zone& zone, std::chrono::sys_days day, std::chrono::minutes at) {
  const auto local = date::local_time<milliseconds>{day.time_since_epoch() + at};
  return std::chrono::time_point_cast<milliseconds>(zone.to_sys(local, date::choose::earliest));
}

std::chrono::sys_days day_of(const date::time_zone& zone, TimePoint time) {
  const auto local = zone.to_local(time);
  return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(local.time_since_epoch())};
}

bool is_working_day(std::chrono::sys_days day, const WorkingHours& hours) {
  const auto from_monday = std::chrono::weekday{day}.iso_encoding() - 1;
  return hours.days.at(from_monday) &&
         std::none_of(hours.holidays.begin(), hours.holidays.end(),
                      [&](const Days& holiday) { return holiday.from <= day && day <= holiday.to; });
}

}  // namespace

std::chrono::sys_days local_day(TimePoint time, const std::string& time_zone) {
  return day_of(*date::locate_zone(time_zone), time);
}

TimePoint start_of(std::chrono::sys_days day, const std::string& time_zone) {
  return to_system(*date::locate_zone(time_zone), day, std::chrono::minutes{0});
}

TimePoint add_working_time(TimePoint start, milliseconds span, const WorkingHours& hours) {
  const auto& zone = *date::locate_zone(hours.time_zone);
  auto day = day_of(zone, start);
  for (int days = 0; days < limits::working_days_ahead_max; ++days, day += std::chrono::days{1}) {
    if (!is_working_day(day, hours)) continue;
    const auto begin = std::max(start, to_system(zone, day, hours.from));
    const auto end = to_system(zone, day, hours.to);
    const auto available = std::max(end - begin, milliseconds{0});
    if (begin < end && span <= available) return begin + span;
    span -= available;
  }
  return lead::forever;
}

}  // namespace leadhub::route
