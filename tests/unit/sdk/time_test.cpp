#include <gtest/gtest.h>
#include <leadhub/sdk/time.hpp>

namespace leadhub::sdk {
namespace {

TEST(Rfc3339, IsReadWithFractionAndOffset) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2026-01-05T12:00:00Z"), 1767614400000);
  EXPECT_EQ(parse_rfc3339("2026-01-05t13:00:00.25+01:00"), 1767614400250);
  EXPECT_EQ(parse_rfc3339("2026-01-05 11:30:00.123456-00:30"), 1767614400123);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), 1709164800000);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999Z"), -1);
}

TEST(Rfc3339, IsRefusedWhereItIsNone) {
  for (const char* text :
       {"", "2026-01-05", "2026-01-05T12:00:00", "2026-13-05T12:00:00Z", "2026-02-29T12:00:00Z",
        "2026-01-05T24:00:00Z", "2026-01-05T12:60:00Z", "2026-01-05T12:00:00.Z", "2026-01-05T12:00:00Zx",
        "2026-01-05T12:00:00+24:00", "26-01-05T12:00:00Z", "2026-01-05T12:00:00+0100", "-026-01-05T12:00:00Z",
        "2026-01-00T12:00:00Z", "1767614400"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, IsWrittenAsItIsRead) {
  EXPECT_EQ(format_rfc3339(1767614400000), "2026-01-05T12:00:00Z");
  EXPECT_EQ(format_rfc3339(1767614400250), "2026-01-05T12:00:00.250Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  constexpr std::int64_t day_ms = 86'400'000;
  for (std::int64_t time_ms = -60'000 * day_ms; time_ms < 60'000 * day_ms;
       time_ms += 97 * day_ms + 12'345'678)
    EXPECT_EQ(parse_rfc3339(format_rfc3339(time_ms)), time_ms);
}

TEST(Rfc3339, CannotWriteEveryYear) {
  EXPECT_EQ(format_rfc3339(INT64_MAX), "");
  EXPECT_EQ(format_rfc3339(INT64_MIN + 86'400'000), "");
  EXPECT_EQ(format_rfc3339(253402300799999), "9999-12-31T23:59:59.999Z");
}

TEST(HttpDate, IsRead) {
  EXPECT_EQ(parse_http_date("Mon, 05 Jan 2026 12:00:00 GMT"), 1767614400000);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777000);
  EXPECT_EQ(parse_http_date("Wed, 31 Dec 1969 23:59:59 GMT"), -1000);
}

TEST(HttpDate, IsRefusedWhereItIsNone) {
  for (const char* text :
       {"", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Mon, 05 anF 2026 12:00:00 GMT", "Mon, 32 Jan 2026 12:00:00 GMT", "Mon, 05 Jan 2026 12:00:00 CET",
        "Mon, 05-Jan-2026 12:00:00 GMT", "Mon, 05 Jan 2026 25:00:00 GMT", "Mon, 05 Jan 2026 12:00:00 GMTx"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace leadhub::sdk
