#include "capture/edge_address.hpp"

#include <gmock/gmock.h>

namespace leadhub::capture {
namespace {

using namespace std::chrono_literals;

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(IpAddress, ReadsAndWritesBothFamilies) {
  EXPECT_EQ(address("192.0.2.1").text(), "192.0.2.1");
  EXPECT_EQ(address("2001:DB8:0::1").text(), "2001:db8::1");
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  for (const auto* text :
       {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "::1%lo", "[::1]", "host", "1.2.3.4:5"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, LimitsV6ByItsNetwork) {
  EXPECT_EQ(address("2001:db8:1:2:3::1").limited_as(), address("2001:db8:1:2::9").limited_as());
  EXPECT_NE(address("2001:db8:1:2::").limited_as(), address("2001:db8:1:3::").limited_as());
  EXPECT_NE(address("192.0.2.1").limited_as(), address("192.0.2.2").limited_as());
}

TEST(IpNetwork, ContainsItsAddressesOnly) {
  EXPECT_TRUE(IpNetwork::parse("10.0.0.0/8")->contains(address("10.255.0.1")));
  EXPECT_FALSE(IpNetwork::parse("10.0.0.0/8")->contains(address("11.0.0.1")));
  EXPECT_TRUE(IpNetwork::parse("192.0.2.128/25")->contains(address("192.0.2.200")));
  EXPECT_FALSE(IpNetwork::parse("192.0.2.128/25")->contains(address("192.0.2.127")));
  EXPECT_TRUE(IpNetwork::parse("192.0.2.1")->contains(address("192.0.2.1")));
  EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->contains(address("203.0.113.9")));
  EXPECT_FALSE(IpNetwork::parse("0.0.0.0/0")->contains(address("2001:db8::1")));
  EXPECT_TRUE(IpNetwork::parse("2001:db8::/32")->contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(IpNetwork::parse("2001:db8::/32")->contains(address("2001:db9::1")));
}

TEST(IpNetwork, SaysWhatIsWrong) {
  for (const auto* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.1/8", "lan"}) {
    const auto network = IpNetwork::parse(text);
    ASSERT_FALSE(network.has_value()) << text;
    EXPECT_EQ(network.error().code, ErrorCode::invalid);
    EXPECT_THAT(network.error().message, ::testing::HasSubstr(std::string{"'"}.append(text).append("'")));
  }
}

TEST(TrustedProxies, FindTheClientBehindThem) {
  const TrustedProxies proxies{{*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("2001:db8::/32")}};
  const auto client = [&](const std::vector<std::string_view>& lines) {
    return proxies.client(address("10.0.0.1"), lines).text();
  };
  EXPECT_EQ(client({"203.0.113.7"}), "203.0.113.7");
  EXPECT_EQ(client({"198.51.100.1, 203.0.113.7"}), "203.0.113.7");
  EXPECT_EQ(client({"198.51.100.1, 203.0.113.7,10.2.3.4 , 2001:db8::5"}), "203.0.113.7");
  EXPECT_EQ(client({"198.51.100.1", "203.0.113.7", "10.2.3.4"}), "203.0.113.7");
  EXPECT_EQ(client({"203.0.113.7:4711"}), "203.0.113.7");
  EXPECT_EQ(client({"[2a00::1]:4711"}), "2a00::1");
  EXPECT_EQ(client({"[2a00::1]"}), "2a00::1");
  EXPECT_EQ(client({"2a00::1"}), "2a00::1");
  EXPECT_EQ(client({"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
  EXPECT_EQ(client({"forged nonsense, 203.0.113.7"}), "203.0.113.7");
}

TEST(TrustedProxies, FallBackToThePeerOnNonsense) {
  const TrustedProxies proxies{{*IpNetwork::parse("10.0.0.0/8")}};
  for (const std::string_view line :
       {"", "unknown", "203.0.113.7,", "203.0.113.7, x", "1.2.3.4:", "1.2.3.4:99999999", "[2a00::1",
        "[2a00::1]x", "203.0.113.7, , 10.0.0.2", "1.2.3.4.5"})
    EXPECT_EQ(proxies.client(address("10.0.0.1"), {line}).text(), "10.0.0.1") << line;
  EXPECT_EQ(proxies.client(address("10.0.0.1"), {}).text(), "10.0.0.1");
}

TEST(AddressAccount, AllowsABurstThenAnEvenFlow) {
  AddressAccount account;
  const RequestRate rate{.count = 3, .per = 3s};
  const AddressAccount::Time start{1'000s};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(account.take_request(rate, start)) << i;
  EXPECT_EQ(account.take_request(rate, start), 1s);
  EXPECT_EQ(account.take_request(rate, start + 400ms), 600ms);
  EXPECT_FALSE(account.take_request(rate, start + 1s));
  EXPECT_TRUE(account.take_request(rate, start + 1s));
  EXPECT_FALSE(account.idle(start + 3s));
  EXPECT_TRUE(account.idle(start + 4s));
}

TEST(AddressAccount, CountsConnections) {
  AddressAccount account;
  EXPECT_TRUE(account.take_connection(2));
  EXPECT_TRUE(account.take_connection(2));
  EXPECT_FALSE(account.take_connection(2));
  account.release_connection();
  EXPECT_TRUE(account.take_connection(2));
}

TEST(AddressTable, SharesAnAccountAmongOneNetwork) {
  AddressTable table{100};
  const AddressAccount::Time now{1'000s};
  EXPECT_EQ(table.account(address("2a00::1"), now), table.account(address("2a00::2"), now));
  EXPECT_NE(table.account(address("192.0.2.1"), now), table.account(address("192.0.2.2"), now));
  EXPECT_EQ(table.size(), 3U);
}

TEST(AddressTable, StaysBoundedAndForgetsTheIdle) {
  constexpr std::size_t accounts_max = 160;
  AddressTable table{accounts_max};
  const AddressAccount::Time now{1'000s};
  std::vector<std::shared_ptr<AddressAccount>> held;
  std::size_t without = 0;
  for (int i = 0; i < 5'000; ++i) {
    auto account = table.account(
        address(std::string{"10.0."} + std::to_string(i / 250) + "." + std::to_string(i % 250)), now);
    if (account)
      held.push_back(std::move(account));
    else
      ++without;
  }
  EXPECT_LE(table.size(), accounts_max + 16);
  EXPECT_GT(without, 4'000U);
  held.clear();
  const auto full = table.size();
  EXPECT_TRUE(table.account(address("192.0.2.1"), now + 2s)) << "a newcomer takes the place of the idle";
  EXPECT_LT(table.size(), full);
}

}  // namespace
}  // namespace leadhub::capture
