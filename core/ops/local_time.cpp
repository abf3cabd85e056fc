#include "ops/local_time.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace leadhub {
namespace {

/// Null: there is none of that name.
const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

const date::time_zone& zone_of(const std::string& name) {
  const auto* zone = find_zone(name);
  return zone != nullptr ? *zone : *date::locate_zone("UTC");
}

std::chrono::milliseconds local_clock(TimePoint time, const std::string& time_zone) {
  return zone_of(time_zone).to_local(time).time_since_epoch();
}

}  // namespace

bool has_local_time(const std::string& time_zone) {
  return find_zone(time_zone) != nullptr;
}

std::chrono::sys_days local_day(TimePoint time, const std::string& time_zone) {
  return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(local_clock(time, time_zone))};
}

std::chrono::minutes local_time_of_day(TimePoint time, const std::string& time_zone) {
  const auto clock = local_clock(time, time_zone);
  return std::chrono::floor<std::chrono::minutes>(clock - std::chrono::floor<std::chrono::days>(clock));
}

TimePoint local_moment(std::chrono::sys_days day, std::chrono::minutes at, const std::string& time_zone,
                       Twice twice) {
  const auto local = date::local_time<std::chrono::milliseconds>{day.time_since_epoch() + at};
  const auto choice = twice == Twice::last ? date::choose::latest : date::choose::earliest;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(zone_of(time_zone).to_sys(local, choice));
}

}  // namespace leadhub
