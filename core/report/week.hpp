#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "ops/clock.hpp"

namespace leadhub::report {

/// "2026-W02": the week of a day by ISO 8601. Weeks begin on Monday and belong to the year of their Thursday.
[[nodiscard]] std::string iso_week(std::chrono::sys_days day);

/// The weeks of many points in time, one after the other. Cheap where neighbours lie in one week.
class Weeks {
 public:
  explicit Weeks(std::string time_zone) : time_zone_(std::move(time_zone)) {}
  /// Valid until it is asked again.
  [[nodiscard]] const std::string& of(TimePoint time);

 private:
  std::string time_zone_;
  TimePoint begin_{};
  TimePoint end_{};  ///< excluded
  std::string week_;
};

}  // namespace leadhub::report
