#pragma once

#include <chrono>
#include <string>

#include "ops/clock.hpp"

namespace leadhub {

// Moments as people somewhere see them on their clocks. A time zone is a name of the system's database
// (IANA); one that the database does not have (any more) is taken for UTC.

/// Whether the system's database has it.
[[nodiscard]] bool has_local_time(const std::string& time_zone);

/// The day there at that moment.
[[nodiscard]] std::chrono::sys_days local_day(TimePoint time, const std::string& time_zone);

/// The minute there of that moment, since midnight.
[[nodiscard]] std::chrono::minutes local_time_of_day(TimePoint time, const std::string& time_zone);

/// Which one is meant where the clocks show a time twice.
enum class Twice { first = 1, last };

/// When it is that time of that day there. A time that a change of clocks leaves out is the moment of the
/// change.
[[nodiscard]] TimePoint local_moment(std::chrono::sys_days day, std::chrono::minutes at,
                                     const std::string& time_zone, Twice twice = Twice::first);

}  // namespace leadhub
