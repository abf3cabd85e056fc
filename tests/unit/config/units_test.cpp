#include "config/units.hpp"

#include <gtest/gtest.h>

namespace leadhub::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, TakesSecondsMinutesHoursAndDays) {
  EXPECT_EQ(*parse_duration("90s"), 90s);
  EXPECT_EQ(*parse_duration("15m"), 15min);
  EXPECT_EQ(*parse_duration("48h"), 48h);
  EXPECT_EQ(*parse_duration("14d"), 336h);
  EXPECT_EQ(*parse_duration("0s"), 0s);
  EXPECT_EQ(*parse_duration("36500d"), std::chrono::days{36500});
}

TEST(Duration, RefusesEverythingElse) {
  for (const auto* text : {"", "90", "s", "-1s", "1.5h", "1h30m", " 1s", "1s ", "1 s", "1w", "1S", "36501d",
                           "99999999999999999999s", "18446744073709551615d", "+1s", "0x1s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Rate, TakesACountAndATime) {
  EXPECT_EQ(*parse_rate("10 per 1m"), (Rate{10, 1min}));
  EXPECT_EQ(*parse_rate("600 per 7d"), (Rate{600, 168h}));
  for (const auto* text :
       {"", "10", "10 per", "10 per 0s", "0 per 1m", "10/1m", "ten per 1m", "10  per 1m", "10 per 1m "})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(Size, TakesBinaryAndDecimalUnits) {
  EXPECT_EQ(*parse_size("10 MiB"), 10U * 1024 * 1024);
  EXPECT_EQ(*parse_size("512KiB"), 512U * 1024);
  EXPECT_EQ(*parse_size("1 GB"), 1'000'000'000U);
  for (const auto* text :
       {"", "10", "10 M", "10 mib", "-1 B", "1.5 MiB", "10  MiB", "9223372036854775807 GiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(ListenAddress, TakesIpAddressesAndLocalhost) {
  EXPECT_EQ(*parse_endpoint("127.0.0.1:8080"), (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(*parse_endpoint("[::1]:0"), (Endpoint{"::1", 0}));
  EXPECT_EQ(*parse_endpoint("localhost:80"), (Endpoint{"127.0.0.1", 80}));
  for (const auto* text : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                           "example.com:80", "[127.0.0.1]:80", "127.0.0.1:80x", "*:80", "256.0.0.1:80"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(AddressRange, TakesPrefixesAndSingleAddresses) {
  EXPECT_EQ(*parse_address_range("10.0.0.0/8"), (AddressRange{"10.0.0.0", 8}));
  EXPECT_EQ(*parse_address_range("192.0.2.7"), (AddressRange{"192.0.2.7", 32}));
  EXPECT_EQ(*parse_address_range("2001:db8::/32"), (AddressRange{"2001:db8::", 32}));
  EXPECT_EQ(*parse_address_range("0.0.0.0/0"), (AddressRange{"0.0.0.0", 0}));
  for (const auto* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.1.0.0/8", "::1/129", "10.0.0/8", "proxy"})
    EXPECT_FALSE(parse_address_range(text)) << text;
}

TEST(WebAddress, IsHttpWithAHostAndNoEndingSlash) {
  EXPECT_EQ(*parse_http_url("https://www.example.com/"), "https://www.example.com");
  EXPECT_EQ(*parse_http_url("http://localhost:8080"), "http://localhost:8080");
  EXPECT_EQ(*parse_http_url("http://[::1]:80/a/b"), "http://[::1]:80/a/b");
  for (const auto* text :
       {"", "example.com", "ftp://example.com", "https://", "https://user@example.com", "https://a b",
        "https://a/?q", "https://a/#f", "javascript:alert(1)", "https://a/\"", "https://a\n"})
    EXPECT_FALSE(parse_http_url(text)) << text;
}

TEST(StoreUrl, NamesAFileOrAServer) {
  EXPECT_EQ(*parse_store_url("sqlite:data/leadhub.db"),
            (StoreUrl{StoreUrl::Kind::sqlite, "data/leadhub.db"}));
  EXPECT_EQ(parse_store_url("postgresql://leadhub@db/leadhub")->kind, StoreUrl::Kind::postgresql);
  for (const auto* text : {"", "sqlite:", "sqlite://x", "mysql://x", "data/leadhub.db"})
    EXPECT_FALSE(parse_store_url(text)) << text;
}

TEST(TimeOfDay, IsInMinutes) {
  EXPECT_EQ(*parse_time_of_day("09:30"), 570min);
  EXPECT_EQ(*parse_time_of_day("24:00"), 1440min);
  for (const auto* text : {"", "9:30", "09:60", "24:01", "0930", "09:30:00"})
    EXPECT_FALSE(parse_time_of_day(text)) << text;
}

TEST(Dates, AreDaysOrIntervals) {
  using namespace std::chrono;
  EXPECT_EQ(*parse_date("2026-12-24"), (sys_days{2026y / 12 / 24}));
  for (const auto* text : {"", "2026-02-30", "2026-12-24/2027-01-02", "24.12.2026"})
    EXPECT_FALSE(parse_date(text)) << text;
  EXPECT_EQ(*parse_dates("2026-12-24/2027-01-02"),
            (DateInterval{sys_days{2026y / 12 / 24}, sys_days{2027y / 1 / 2}}));
  EXPECT_EQ(*parse_dates("2026-12-24"), (DateInterval{sys_days{2026y / 12 / 24}, sys_days{2026y / 12 / 24}}));
  for (const auto* text : {"", "2026-02-30", "2027-01-02/2026-12-24", "24.12.2026", "2026-12-24/",
                           "2026-12-24/2026-12-25/2026-12-26"})
    EXPECT_FALSE(parse_dates(text)) << text;
}

TEST(TimeZone, IsOneOfTheSystem) {
  EXPECT_TRUE(parse_time_zone("Europe/London"));
  EXPECT_TRUE(parse_time_zone("UTC"));
  for (const auto* text :
       {"", "Europe", "Europe/Londn", "../../etc/passwd", "/etc/localtime", "zone.tab", "Europe/"})
    EXPECT_FALSE(parse_time_zone(text)) << text;
}

TEST(Country, IsAnIsoCode) {
  EXPECT_TRUE(parse_country("GB"));
  EXPECT_TRUE(parse_country("NO"));
  for (const auto* text : {"", "UK", "gb", "GBR", "XX", "Britain"}) EXPECT_FALSE(parse_country(text)) << text;
}

TEST(Units, NeverRepeatTheValueInTheirMessages) {
  const std::string canary = "canary-7f3a";
  EXPECT_EQ(parse_duration(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_rate(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_size(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_endpoint(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_address_range(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_http_url(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_store_url(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_time_zone(canary).error().message.find(canary), std::string::npos);
  EXPECT_EQ(parse_country(canary).error().message.find(canary), std::string::npos);
}

}  // namespace
}  // namespace leadhub::config
