#include "route/working_time.hpp"

#include <algorithm>

#include "lead/qualification.hpp"
#include "ops/limits.hpp"
#include "ops/local_time.hpp"

namespace leadhub::route {
namespace {

using std::chrono::milliseconds;

bool is_working_day(std::chrono::sys_days day, const WorkingHours& hours) {
  const auto from_monday = std::chrono::weekday{day}.iso_encoding() - 1;
  return hours.days.at(from_monday) &&
         std::none_of(hours.holidays.begin(), hours.holidays.end(),
                      [&](const Days& holiday) { return holiday.from <= day && day <= holiday.to; });
}

}  // namespace

TimePoint add_working_time(TimePoint start, milliseconds span, const WorkingHours& hours) {
  auto day = local_day(start, hours.time_zone);
  for (int days = 0; days < limits::working_days_ahead_max; ++days, day += std::chrono::days{1}) {
    if (!is_working_day(day, hours)) continue;
    const auto begin = std::max(start, local_moment(day, hours.from, hours.time_zone));
    const auto end = local_moment(day, hours.to, hours.time_zone);
    const auto available = std::max(end - begin, milliseconds{0});
    if (begin < end && span <= available) return begin + span;
    span -= available;
  }
  return lead::forever;
}

}  // namespace leadhub::route
