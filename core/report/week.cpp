#include "report/week.hpp"

#include <date/tz.h>
#include <fmt/format.h>

namespace leadhub::report {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

sys_days monday_of(sys_days day) {
  return day - days{std::chrono::weekday{day}.iso_encoding() - 1};
}

}  // namespace

std::string iso_week(sys_days day) {
  const auto thursday = monday_of(day) + days{3};
  const auto year = std::chrono::year_month_day{thursday}.year();
  const auto new_year = sys_days{year / std::chrono::January / 1};
  return fmt::format("{:04}-W{:02}", static_cast<int>(year), (thursday - new_year).count() / 7 + 1);
}

TimePoint start_of_day(sys_days day, const std::string& time_zone) {
  const auto local = date::local_time<std::chrono::milliseconds>{day.time_since_epoch()};
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      date::locate_zone(time_zone)->to_sys(local, date::choose::earliest));
}

const std::string& Weeks::of(TimePoint time) {
  if (begin_ <= time && time < end_) return week_;
  const auto local = date::locate_zone(time_zone_)->to_local(time);
  const auto monday = monday_of(sys_days{std::chrono::floor<days>(local.time_since_epoch())});
  begin_ = start_of_day(monday, time_zone_);
  end_ = start_of_day(monday + days{7}, time_zone_);
  week_ = iso_week(monday);
  return week_;
}

}  // namespace leadhub::report
