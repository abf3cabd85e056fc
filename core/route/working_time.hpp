#pragma once

#include <chrono>
#include <string>

#include "ops/clock.hpp"
#include "route/team.hpp"

namespace leadhub::route {

/// The moment at which so much working time has passed since `start`; lead::forever where the hours leave
/// none within ten years. Days on which clocks change are as long as they are. `hours.time_zone` is one of
/// the system's database.
[[nodiscard]] TimePoint add_working_time(TimePoint start, std::chrono::milliseconds span,
                                         const WorkingHours& hours);

}  // namespace leadhub::route
