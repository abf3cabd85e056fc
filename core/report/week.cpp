#include "report/week.hpp"

#include <fmt/format.h>

#include "ops/local_time.hpp"

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

const std::string& Weeks::of(TimePoint time) {
  if (begin_ <= time && time < end_) return week_;
  const auto monday = monday_of(local_day(time, time_zone_));
  begin_ = local_moment(monday, {}, time_zone_);
  end_ = local_moment(monday + days{7}, {}, time_zone_);
  week_ = iso_week(monday);
  return week_;
}

}  // namespace leadhub::report
