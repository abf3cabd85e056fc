#include "ops/clock.hpp"

#include <gtest/gtest.h>

namespace leadhub {
namespace {

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(from_milliseconds(1767614400123)), "2026-01-05T12:00:00.123Z");
}

TEST(Rfc3339, ReadsBackWhatItWrites) {
  for (const std::int64_t milliseconds : {0LL, 1LL, 951782400000LL, 1767614400123LL, 253402300799999LL}) {
    const auto time = from_milliseconds(milliseconds);
    EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time) << milliseconds;
  }
}

TEST(Rfc3339, AppliesTheOffset) {
  EXPECT_EQ(parse_rfc3339("2026-01-05T14:00:00+02:00"), from_milliseconds(1767614400000));
  EXPECT_EQ(parse_rfc3339("2026-01-05T07:30:00.5-04:30"), from_milliseconds(1767614400500));
}

TEST(Rfc3339, RefusesWhatIsNoDateTime) {
  for (const auto* text :
       {"", "2026", "2026-01-05", "2026-02-30T00:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T12:00:00",
        "2026-01-05T12:00:00.Z", "2026-01-05T12:00:00Zx", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01",
        "1970-01-01T00:00:00+00:01", "2026-01-05T12:60:00Z", "2026-01-05T12:00:00+24:00"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock{from_milliseconds(1000)};
  EXPECT_EQ(clock.now(), from_milliseconds(1000));
  clock.advance(std::chrono::hours{1});
  EXPECT_EQ(clock.now(), from_milliseconds(3'601'000));
}

}  // namespace
}  // namespace leadhub
