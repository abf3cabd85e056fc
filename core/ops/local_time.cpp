#include "ops/local_time.hpp"

#include <date/tz.h>

namespace leadhub {
namespace {

std::chrono::milliseconds local_clock(TimePoint time, const std::string& time_zone) {
  return date::locate_zone(time_zone)->to_local(time).time_since_epoch();
}

}  // namespace

std::chrono::sys_days local_day(TimePoint time, const std::string& time_zone) {
  return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(local_clock(time, time_zone))};
}

std::chrono::minutes local_time_of_day(TimePoint time, const std::string& time_zone) {
  const auto clock = local_clock(time, time_zone);
  return std::chrono::floor<std::chrono::minutes>(clock - std::chrono::floor<std::chrono::days>(clock));
}

TimePoint local_moment(std::chrono::sys_days day, std::chrono::minutes at, const std::string& time_zone) {
  const auto local = date::local_time<std::chrono::milliseconds>{day.time_since_epoch() + at};
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      date::locate_zone(time_zone)->to_sys(local, date::choose::earliest));
}

}  // namespace leadhub
