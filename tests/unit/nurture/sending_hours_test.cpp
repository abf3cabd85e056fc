#include "nurture/sending_hours.hpp"

#include <gtest/gtest.h>

namespace leadhub::nurture {
namespace {

using namespace std::chrono_literals;

constexpr QuietHours at_night{21h, 8h};
constexpr QuietHours at_noon{12h, 14h};
constexpr std::array<bool, 7> midweek{false, true, true, true, false, false, false};
constexpr std::array<bool, 7> every_day{true, true, true, true, true, true, true};

TimePoint at(const char* text) {
  return *parse_rfc3339(text);
}

TEST(QuietHours, AreOverAtTheirEndInTheLeadsOwnZone) {
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T23:30:00Z"), "Europe/London"), at("2026-01-06T08:00:00Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-01-06T03:00:00Z"), "Europe/London"), at("2026-01-06T08:00:00Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T23:30:00Z"), "America/New_York"),
            at("2026-01-05T23:30:00Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T23:30:00Z"), "Asia/Tokyo"), at("2026-01-05T23:30:00Z"));
}

TEST(QuietHours, BeginWithTheirFirstMinuteAndEndBeforeTheirLast) {
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T20:59:59Z"), "UTC"), at("2026-01-05T20:59:59Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T21:00:00Z"), "UTC"), at("2026-01-06T08:00:00Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-01-06T08:00:00Z"), "UTC"), at("2026-01-06T08:00:00Z"));
}

TEST(QuietHours, MayLieWithinADay) {
  EXPECT_EQ(after_quiet(at_noon, at("2026-01-05T12:30:00Z"), "UTC"), at("2026-01-05T14:00:00Z"));
  EXPECT_EQ(after_quiet(at_noon, at("2026-01-05T23:30:00Z"), "UTC"), at("2026-01-05T23:30:00Z"));
}

TEST(QuietHours, OfEqualTimesAreNone) {
  EXPECT_EQ(after_quiet({8h, 8h}, at("2026-01-05T08:00:00Z"), "UTC"), at("2026-01-05T08:00:00Z"));
}

TEST(QuietHours, EndByTheClockInTheNightsOnWhichItChanges) {
  // Britain's clocks go from 01:00 to 02:00 on 29 March and back on 25 October 2026.
  EXPECT_EQ(after_quiet(at_night, at("2026-03-28T22:00:00Z"), "Europe/London"), at("2026-03-29T07:00:00Z"));
  EXPECT_EQ(after_quiet(at_night, at("2026-10-24T22:00:00Z"), "Europe/London"), at("2026-10-25T08:00:00Z"));
}

TEST(QuietHours, ThatEndInAnHourThatComesTwiceEndWithItsSecondOne) {
  EXPECT_EQ(after_quiet({22h, 1h + 30min}, at("2026-10-25T00:10:00Z"), "Europe/London"),
            at("2026-10-25T01:30:00Z"));
  EXPECT_EQ(after_quiet({22h, 1h + 30min}, at("2026-10-25T01:10:00Z"), "Europe/London"),
            at("2026-10-25T01:30:00Z"));
}

TEST(QuietHours, OfAZoneThatNobodyKnowsAreThoseOfUtc) {
  EXPECT_EQ(after_quiet(at_night, at("2026-01-05T23:30:00Z"), "SystemV/PST8"), at("2026-01-06T08:00:00Z"));
}

TEST(QuietHours, ThatEndInAnHourThatThereIsNotEndWithTheChange) {
  EXPECT_EQ(after_quiet({22h, 1h + 30min}, at("2026-03-28T23:00:00Z"), "Europe/London"),
            at("2026-03-29T01:00:00Z"));
}

TEST(MailCap, LetsAMailGoOnceTheOldestOfTheLastOnesIsOldEnough) {
  const std::array mails{at("2026-01-01T10:00:00Z"), at("2026-01-03T10:00:00Z"), at("2026-01-04T10:00:00Z")};
  EXPECT_EQ(after_cap({3, 168h}, mails, at("2026-01-05T10:00:00Z")), at("2026-01-08T10:00:00Z"));
  EXPECT_EQ(after_cap({2, 168h}, mails, at("2026-01-05T10:00:00Z")), at("2026-01-10T10:00:00Z"));
  EXPECT_EQ(after_cap({4, 168h}, mails, at("2026-01-05T10:00:00Z")), at("2026-01-05T10:00:00Z"));
  EXPECT_EQ(after_cap({3, 24h}, mails, at("2026-01-05T10:00:00Z")), at("2026-01-05T10:00:00Z"));
}

TEST(NextMoment, IsTheFirstOneOnAWantedDay) {
  EXPECT_EQ(next_moment(midweek, 10h, at("2026-01-08T12:10:00Z"), "Europe/London"),
            at("2026-01-13T10:00:00Z"));
  EXPECT_EQ(next_moment(midweek, 10h, at("2026-01-06T09:00:00Z"), "Europe/London"),
            at("2026-01-06T10:00:00Z"));
  EXPECT_EQ(next_moment(midweek, 10h, at("2026-01-06T10:00:00Z"), "Europe/London"),
            at("2026-01-06T10:00:00Z"));
}

TEST(NextMoment, WithoutATimeIsAnyOnSuchADay) {
  EXPECT_EQ(next_moment(midweek, {}, at("2026-01-06T15:00:00Z"), "UTC"), at("2026-01-06T15:00:00Z"));
  EXPECT_EQ(next_moment(midweek, {}, at("2026-01-05T15:00:00Z"), "UTC"), at("2026-01-06T00:00:00Z"));
}

TEST(NextMoment, OfTheOnlyDayMayBeAWeekAhead) {
  const std::array<bool, 7> mondays{true};
  EXPECT_EQ(next_moment(mondays, 10h, at("2026-01-05T10:00:01Z"), "UTC"), at("2026-01-12T10:00:00Z"));
}

TEST(NextMoment, FollowsTheClockOverItsChange) {
  EXPECT_EQ(next_moment(every_day, 10h, at("2026-03-28T11:00:00Z"), "Europe/London"),
            at("2026-03-29T09:00:00Z"));
}

}  // namespace
}  // namespace leadhub::nurture
