#include "route/working_time.hpp"

#include <gtest/gtest.h>

#include "lead/qualification.hpp"

namespace leadhub::route {
namespace {

using namespace std::chrono_literals;

TimePoint at(const char* text) {
  return *parse_rfc3339(text);
}

WorkingHours london() {
  WorkingHours hours;
  hours.time_zone = "Europe/London";
  return hours;
}

TEST(WorkingTime, RunsWhileTheTeamWorks) {
  EXPECT_EQ(add_working_time(at("2026-01-06T10:00:00Z"), 1h, london()), at("2026-01-06T11:00:00Z"));
  EXPECT_EQ(add_working_time(at("2026-01-06T10:00:00Z"), 8h, london()), at("2026-01-06T18:00:00Z"));
}

TEST(WorkingTime, StandsStillAtNightAndOverTheWeekend) {
  EXPECT_EQ(add_working_time(at("2026-01-06T17:30:00Z"), 1h, london()), at("2026-01-07T09:30:00Z"));
  EXPECT_EQ(add_working_time(at("2026-01-06T03:00:00Z"), 1h, london()), at("2026-01-06T10:00:00Z"));
  EXPECT_EQ(add_working_time(at("2026-01-09T17:30:00Z"), 1h, london()), at("2026-01-12T09:30:00Z"));
  EXPECT_EQ(add_working_time(at("2026-01-10T12:00:00Z"), 0h, london()), at("2026-01-12T09:00:00Z"));
}

TEST(WorkingTime, PassesOverHolidays) {
  auto hours = london();
  using namespace std::chrono;
  hours.holidays = {{sys_days{2026y / 12 / 25}, sys_days{2026y / 12 / 28}}};
  EXPECT_EQ(add_working_time(at("2026-12-24T17:30:00Z"), 1h, hours), at("2026-12-29T09:30:00Z"));
}

TEST(WorkingTime, KeepsToTheClockOnTheWallWhenItChanges) {
  // London goes an hour ahead on 29 March 2026.
  EXPECT_EQ(add_working_time(at("2026-03-27T17:30:00Z"), 1h, london()), at("2026-03-30T08:30:00Z"));
}

TEST(WorkingTime, OfADayOnWhichTheClockChangesIsAsLongAsItIs) {
  WorkingHours always;
  always.days.fill(true);
  always.from = 0min;
  always.to = 24h;
  always.time_zone = "Europe/London";
  EXPECT_EQ(add_working_time(at("2026-03-28T12:00:00Z"), 48h, always), at("2026-03-30T12:00:00Z"));
}

TEST(WorkingTime, IsOverWhereThereIsNone) {
  WorkingHours never;
  never.days.fill(false);
  EXPECT_EQ(add_working_time(at("2026-01-06T10:00:00Z"), 1h, never), lead::forever);
  auto backwards = london();
  backwards.to = backwards.from;
  EXPECT_EQ(add_working_time(at("2026-01-06T10:00:00Z"), 1h, backwards), lead::forever);
}

}  // namespace
}  // namespace leadhub::route
