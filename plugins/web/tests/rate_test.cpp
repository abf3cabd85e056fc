#include "rate.hpp"

#include <gtest/gtest.h>

namespace leadhub::webform {
namespace {

constexpr std::int64_t now = 1767614400000;

TEST(Rate, IsACountPerWindow) {
  const auto rate = parse_rate("10 per 1m");
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->count, 10);
  EXPECT_EQ(rate->window_ms, 60'000);
  EXPECT_EQ(parse_rate("1 per 2h")->window_ms, 7'200'000);
  for (const char* text : {"", "10", "10 per", "10 per m", "0 per 1m", "-1 per 1m", "10 per 1 m", "10 per 1y",
                           "10 per 99999999999d", "99999999 per 1s", "10  per 1m"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(parse_duration_ms("90s"), 90'000);
  EXPECT_EQ(parse_duration_ms("400d"), 400LL * 86'400'000);
  for (const char* none : {"", "1", "d", "0d", "-1d", "1 d", "1w", "4000d", "99999999999999999999d"})
    EXPECT_FALSE(parse_duration_ms(none)) << none;
}

TEST(AddressRate, LetsABurstPassAndThenOneAtATime) {
  AddressRate rate({3, 3000});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rate.take("192.0.2.1", now)) << i;
  EXPECT_EQ(rate.take("192.0.2.1", now), 1000);
  EXPECT_EQ(rate.take("192.0.2.1", now + 400), 600) << "a refused attempt does not count";
  EXPECT_FALSE(rate.take("192.0.2.1", now + 1000));
  EXPECT_EQ(rate.take("192.0.2.1", now + 1000), 1000);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rate.take("192.0.2.1", now + 10'000)) << i;
}

TEST(AddressRate, CountsAddressesApart) {
  AddressRate rate({1, 60'000});
  EXPECT_FALSE(rate.take("192.0.2.1", now));
  EXPECT_FALSE(rate.take("192.0.2.2", now));
  EXPECT_TRUE(rate.take("192.0.2.1", now));
  EXPECT_TRUE(rate.take("::ffff:192.0.2.1", now)) << "the same address, written as IPv6";
}

TEST(AddressRate, CountsIpv6ByNetwork) {
  AddressRate rate({1, 60'000});
  EXPECT_FALSE(rate.take("2001:db8:0:1::1", now));
  EXPECT_TRUE(rate.take("2001:db8:0:1:ffff::2", now));
  EXPECT_FALSE(rate.take("2001:db8:0:2::1", now));
}

TEST(AddressRate, ForgetsNobodyForeverWhenTheClockIsSetBack) {
  AddressRate rate({1, 60'000});
  EXPECT_FALSE(rate.take("192.0.2.1", now));
  EXPECT_FALSE(rate.take("192.0.2.1", now - 3'600'000));
}

TEST(AddressRate, StaysBoundedUnderManyAddresses) {
  AddressRate rate({1, 60'000});
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string address =
        "2001:db8:" + std::to_string(i / 9999) + ":" + std::to_string(i % 9999) + "::1";
    refused += rate.take(address, now + i).has_value() ? 1 : 0;
  }
  EXPECT_EQ(refused, 0) << "nobody is taken for somebody else";
}

TEST(AddressRate, TakesWhatIsNoAddress) {
  AddressRate rate({1, 60'000});
  EXPECT_FALSE(rate.take("", now));
  EXPECT_TRUE(rate.take(std::string(1000, 'x'), now)) << "all of them are one";
}

}  // namespace
}  // namespace leadhub::webform
