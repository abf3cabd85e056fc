#pragma once

#include <chrono>
#include <string>

#include "ops/clock.hpp"

namespace leadhub {

// Moments as people somewhere see them on their clocks. A time zone is a name of the system's database
// (IANA), which whoever read it has checked.

/// The day there at that moment.
[[nodiscard]] std::chrono::sys_days local_day(TimePoint time, const std::string& time_zone);

/// The minute there of that moment, since midnight.
[[nodiscard]] std::chrono::minutes local_time_of_day(TimePoint time, const std::string& time_zone);

/// When it is that time of that day there. A time that a change of clocks leaves out is the moment of the
/// change; of one that comes twice it is the first.
[[nodiscard]] TimePoint local_moment(std::chrono::sys_days day, std::chrono::minutes at,
                                     const std::string& time_zone);

}  // namespace leadhub
