#include "report/week.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace leadhub::report {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using namespace std::chrono_literals;

sys_days day(int year, unsigned month, unsigned day) {
  return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
}

TimePoint at(const char* text) {
  return *parse_rfc3339(text);
}

TEST(Week, BelongsToTheYearOfItsThursday) {
  EXPECT_EQ(iso_week(day(2026, 1, 5)), "2026-W02");
  EXPECT_EQ(iso_week(day(2025, 12, 29)), "2026-W01");
  EXPECT_EQ(iso_week(day(2021, 1, 3)), "2020-W53");
  EXPECT_EQ(iso_week(day(2024, 12, 31)), "2025-W01");
}

RC_GTEST_PROP(Week, IsTheSameFromMondayToSundayAndAnotherTheDayAfter, ()) {
  const auto monday = day(1970, 1, 5) + days{7 * *rc::gen::inRange(0, 5'000)};
  for (int i = 1; i < 7; ++i) RC_ASSERT(iso_week(monday + days{i}) == iso_week(monday));
  RC_ASSERT(iso_week(monday + days{7}) > iso_week(monday));
}

TEST(Week, BeginsWithTheDayOfTheTimeZone) {
  Weeks berlin{"Europe/Berlin"};
  EXPECT_EQ(berlin.of(at("2026-01-04T22:59:59Z")), "2026-W01");
  EXPECT_EQ(berlin.of(at("2026-01-04T23:00:00Z")), "2026-W02");
}

TEST(Week, IsAnHourShorterWhereClocksGoForward) {
  Weeks berlin{"Europe/Berlin"};
  EXPECT_EQ(berlin.of(at("2026-03-29T21:59:59Z")), "2026-W13");
  EXPECT_EQ(berlin.of(at("2026-03-29T22:00:00Z")), "2026-W14");
}

}  // namespace
}  // namespace leadhub::report
