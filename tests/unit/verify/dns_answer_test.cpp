#include "verify/dns_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/wild_server.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using test::Reply;
using test::to_question;
using test::two_bytes;
using test::wire_name;
using ::testing::ElementsAre;

constexpr int type_ns = 2;
constexpr int type_cname = 5;
constexpr int type_soa = 6;
constexpr int type_mx = 15;

std::string question(std::string_view name, DnsType type) {
  return std::string("\0\7\1\0\0\1\0\0\0\0\0\0", 12) + wire_name(name) + two_bytes(static_cast<int>(type)) +
         two_bytes(1);
}

DnsAnswer read(std::string_view message, DnsType type) {
  return read_dns_answer({reinterpret_cast<const unsigned char*>(message.data()), message.size()}, type);
}

DnsAnswer read(const Reply& reply, DnsType type = DnsType::mx) {
  return read(reply.to(question("shop.test", type)), type);
}

std::string mx(int preference, const std::string& name) {
  return two_bytes(preference) + wire_name(name);
}

std::string soa(int minimum) {
  return wire_name("ns.test") + wire_name("admin.test") + std::string(16, '\0') + two_bytes(0) +
         two_bytes(minimum);
}

TEST(DnsAnswer, ReadsExchangersWithTheSmallestTtl) {
  Reply reply;
  reply.answer.add(to_question, type_mx, 300, mx(20, "B.Shop.Test"))
      .add(to_question, type_mx, 200, mx(10, ""));
  const auto answer = read(reply);
  EXPECT_EQ(answer.status, DnsStatus::answered);
  EXPECT_EQ(answer.ttl, 200s);
  EXPECT_THAT(answer.exchangers, ElementsAre(MailExchanger{20, "b.shop.test"}, MailExchanger{10, ""}));
}

TEST(DnsAnswer, ReadsAddressesAndJoinsTexts) {
  Reply reply;
  reply.answer.add(to_question, 1, 60, std::string("\x09\x09\x09\x09", 4));
  EXPECT_THAT(read(reply, DnsType::a).addresses, ElementsAre("9.9.9.9"));
  Reply text;
  text.answer.add(to_question, 16, 60,
                  std::string("\5v=spf\0\6"
                              "1 -all",
                              14));
  EXPECT_THAT(read(text, DnsType::txt).texts, ElementsAre("v=spf1 -all"));
}

TEST(DnsAnswer, FollowsAliasesInAnyOrderAndIgnoresOtherNames) {
  Reply reply;
  reply.answer.add(wire_name("c.test"), type_mx, 300, mx(5, "mx.c.test"))
      .add(wire_name("b.test"), type_cname, 100, wire_name("C.test"))
      .add(to_question, type_cname, 200, wire_name("b.test"))
      .add(wire_name("bank.test"), type_mx, 1, mx(1, "thief.test"));
  const auto answer = read(reply);
  EXPECT_EQ(answer.status, DnsStatus::answered);
  EXPECT_EQ(answer.ttl, 100s);
  EXPECT_THAT(answer.exchangers, ElementsAre(MailExchanger{5, "mx.c.test"}));
}

TEST(DnsAnswer, EndsAliasLoopsAndLongChains) {
  Reply loop;
  loop.answer.add(to_question, type_cname, 60, wire_name("b.test"))
      .add(wire_name("b.test"), type_cname, 60, wire_name("shop.test"));
  EXPECT_EQ(read(loop).status, DnsStatus::failed);
  Reply itself;
  itself.answer.add(to_question, type_cname, 60, to_question);
  EXPECT_EQ(read(itself).status, DnsStatus::failed);
  Reply chain;
  chain.answer.add(to_question, type_cname, 60, wire_name("n0.test"));
  for (int i = 0; i < 100; ++i)
    chain.answer.add(wire_name("n" + std::to_string(i) + ".test"), type_cname, 60,
                     wire_name("n" + std::to_string(i + 1) + ".test"));
  EXPECT_EQ(read(chain).failure, "a CNAME loop or chain too long");
}

TEST(DnsAnswer, TakesTheSoasMinimumForWhatIsNotThere) {
  Reply reply;
  reply.authority.add(wire_name("test"), type_soa, 3600, soa(120));
  EXPECT_EQ(read(reply).status, DnsStatus::no_data);
  EXPECT_EQ(read(reply).ttl, 120s);
  reply.rcode = 3;
  EXPECT_EQ(read(reply).status, DnsStatus::no_such_name);
  EXPECT_EQ(read(reply).ttl, 120s);
  Reply bare;
  EXPECT_EQ(read(bare).status, DnsStatus::no_data);
  EXPECT_EQ(read(bare).ttl, 0s);
}

TEST(DnsAnswer, ProvesNothingByAReferralOrAnUnfinishedChain) {
  Reply referral;
  referral.authority.add(wire_name("test"), type_ns, 3600, wire_name("ns.test"));
  EXPECT_EQ(read(referral).status, DnsStatus::failed);
  Reply unfinished;
  unfinished.answer.add(to_question, type_cname, 60, wire_name("b.test"));
  EXPECT_EQ(read(unfinished).status, DnsStatus::failed);
  EXPECT_EQ(read(unfinished).alias_end, "b.test");
  unfinished.authority.add(wire_name("test"), type_soa, 3600, soa(120));
  EXPECT_EQ(read(unfinished).status, DnsStatus::no_data);
  EXPECT_EQ(read(unfinished).ttl, 60s);
}

TEST(DnsAnswer, NamesTheServersOwnFailures) {
  Reply reply;
  reply.rcode = 2;
  EXPECT_EQ(read(reply).failure, "SERVFAIL");
  reply.rcode = 5;
  EXPECT_EQ(read(reply).failure, "REFUSED");
  EXPECT_EQ(read(reply).status, DnsStatus::failed);
}

TEST(DnsAnswer, RefusesCompressionLoops) {
  Reply reply;
  const std::string asked = question("shop.test", DnsType::mx);
  const auto here = static_cast<int>(asked.size());                          // where the first record begins
  reply.answer.add(two_bytes(0xc000 | here), type_mx, 60, mx(1, "a.test"));  // its name points at itself
  EXPECT_EQ(read(reply).status, DnsStatus::failed);
  Reply inside;
  const int data = here + 2 + 10 + 2;  // the exchanger's name: owner, fixed fields, preference before it
  inside.answer.add(to_question, type_mx, 60, two_bytes(1) + "\1a" + two_bytes(0xc000 | data));
  EXPECT_EQ(read(inside).status, DnsStatus::failed);
  Reply beyond;
  beyond.answer.add(to_question, type_mx, 60, two_bytes(1) + two_bytes(0xffff));
  EXPECT_EQ(read(beyond).status, DnsStatus::failed);
}

TEST(DnsAnswer, RefusesCountsAndLengthsThatLie) {
  Reply reply;
  reply.answer.add(to_question, type_mx, 60, mx(1, "a.test"));
  reply.answer.count = 10'000;
  EXPECT_EQ(read(reply).status, DnsStatus::failed);
  Reply short_data;
  short_data.answer.add(to_question, type_mx, 60, "\1");
  EXPECT_EQ(read(short_data).status, DnsStatus::failed);
  Reply long_data;
  long_data.answer.add(to_question, type_mx, 60, mx(1, "a.test") + "left over");
  EXPECT_EQ(read(long_data).status, DnsStatus::failed);
  Reply text;
  text.answer.add(to_question, 16, 60, "\x09short");
  EXPECT_EQ(read(text, DnsType::txt).status, DnsStatus::failed);
  Reply address;
  address.answer.add(to_question, 1, 60, "123");
  EXPECT_EQ(read(address, DnsType::a).status, DnsStatus::failed);
  EXPECT_EQ(read("", DnsType::mx).status, DnsStatus::failed);
  EXPECT_EQ(read("short", DnsType::mx).status, DnsStatus::failed);
}

TEST(DnsAnswer, NeverLetsControlCharactersIntoAName) {
  Reply reply;
  reply.answer.add(to_question, type_mx, 60, two_bytes(1) + std::string("\6a\r\nb\0c\4test\0", 13));
  const auto answer = read(reply);
  ASSERT_EQ(answer.exchangers.size(), 1U);
  EXPECT_EQ(answer.exchangers.front().host, "a\\013\\010b\\000c.test");
}

TEST(DnsAnswer, SurvivesDamageAnywhere) {
  Reply reply;
  reply.answer.add(to_question, type_cname, 60, wire_name("b.test"))
      .add(wire_name("b.test"), type_mx, 60, two_bytes(1) + "\2mx" + to_question)
      .add(wire_name("b.test"), 16, 60,
           std::string("\5v=spf\0\6"
                       "1 -all",
                       14));
  reply.authority.add(wire_name("test"), type_soa, 3600, soa(120));
  const std::string whole = reply.to(question("shop.test", DnsType::mx));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(read(whole.substr(0, size), DnsType::mx).status, DnsStatus::answered) << size;
  std::mt19937 random{1};  // NOLINT(cert-msc51-cpp): the same damage each time
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole;
    for (int j = 0; j < 3; ++j) damaged[random() % damaged.size()] = static_cast<char>(random());
    for (const DnsType type : {DnsType::mx, DnsType::txt})
      for (const auto& exchanger : read(damaged, type).exchangers)
        ASSERT_EQ(exchanger.host.find_first_of("\r\n\0", 0, 3), std::string::npos);
  }
}

}  // namespace
}  // namespace leadhub::verify
