#include "verify/domain_checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/dnsmasq.hpp"
#include "support/waiting.hpp"
#include "support/wild_server.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using lead::Verdict;
using test::Transport;
using test::WildServer;
using ::testing::ElementsAre;

constexpr TimePoint start_time{1'767'614'400'000ms};

constexpr auto zone = R"(mx-host=mail.test,mx2.mail.test,20
mx-host=mail.test,mx1.mail.test,10
dns-rr=null.test,15,000000
host-record=fallback.test,93.184.216.34
host-record=v6.test,2606:2800:220:1::1
host-record=home.test,127.0.0.1
txt-record=quiet.test,v=spf1 -all
host-record=quiet.test,93.184.216.34
txt-record=text.test,hello
cname=alias.test,mail.test
cname=alias2.test,fallback.test
mx-host=xn--bcher-kva.test,mx.mail.test,10
)";

class DomainCheckerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { dnsmasq_ = std::make_unique<test::Dnsmasq>(zone, 120); }
  static void TearDownTestSuite() { dnsmasq_.reset(); }

  DomainCheckerTest() { use(dnsmasq_->address()); }

  void use(const std::string& server, std::chrono::milliseconds timeout = 2s) {
    checker_.reset();
    auto resolver = DnsResolver::start({{server}, timeout});
    if (!resolver) throw std::runtime_error(resolver.error().message);
    resolver_ = std::move(*resolver);
    checker_ = std::make_unique<DomainChecker>(*resolver_, clock_);
  }

  DomainVerdict check(const std::string& domain) {
    test::Collected<DomainVerdict> verdicts;
    checker_->check(domain, verdicts.callback());
    return verdicts.wait();
  }

  static inline std::unique_ptr<test::Dnsmasq> dnsmasq_;
  ManualClock clock_{start_time};
  std::unique_ptr<DnsResolver> resolver_;
  std::unique_ptr<DomainChecker> checker_;
};

TEST_F(DomainCheckerTest, JudgesTheDomainsOfARealServer) {
  const auto is = [&](const std::string& domain, Verdict verdict, std::string_view reason) {
    const auto got = check(domain);
    EXPECT_EQ(got.verdict, verdict) << domain;
    EXPECT_EQ(got.reason, reason) << domain << " " << got.detail;
  };
  is("mail.test", Verdict::valid, "mx");
  is("MAIL.Test", Verdict::valid, "mx");
  is("alias.test", Verdict::valid, "mx");
  is("xn--bcher-kva.test", Verdict::valid, "mx");
  is("null.test", Verdict::invalid, "null_mx");
  is("fallback.test", Verdict::risky, "address_fallback");
  is("alias2.test", Verdict::risky, "address_fallback");
  is("v6.test", Verdict::risky, "address_fallback");
  is("home.test", Verdict::invalid, "unusable_address");
  is("quiet.test", Verdict::invalid, "sends_no_mail");
  is("text.test", Verdict::invalid, "no_mail_host");
  is("no-such.test", Verdict::invalid, "no_such_domain");
  is("elsewhere.example", Verdict::unknown, "dns_failure");  // REFUSED: it has another zone
  EXPECT_THAT(check("mail.test").mail_hosts, ElementsAre("mx1.mail.test", "mx2.mail.test"));
}

TEST_F(DomainCheckerTest, AsksNothingAboutWhatIsNoDomain) {
  for (const std::string bad : {"", "nodots", "a\r\nb.test", "[127.0.0.1]", "b\xc3\xbc.test"})
    EXPECT_EQ(check(bad).reason, "not_a_domain");
  EXPECT_EQ(resolver_->statistics().asked, 0U);
}

TEST_F(DomainCheckerTest, KeepsAnAnswerForItsTtl) {
  EXPECT_EQ(check("mail.test").cache_for, 120s);
  clock_.advance(100s);
  EXPECT_EQ(check("mail.test").cache_for, 20s);
  EXPECT_EQ(checker_->statistics().cache_hits, 1U);
  EXPECT_EQ(resolver_->statistics().asked, 1U);
  clock_.advance(20s);
  EXPECT_EQ(check("mail.test").cache_for, 120s);
  EXPECT_EQ(resolver_->statistics().asked, 2U);
  EXPECT_EQ(checker_->statistics().cached, 1U);
}

TEST_F(DomainCheckerTest, KeepsANoForTheZonesMinimum) {
  EXPECT_EQ(check("no-such.test").cache_for, 120s);
  EXPECT_EQ(check("no-such.test").reason, "no_such_domain");
  EXPECT_EQ(resolver_->statistics().asked, 1U);
}

TEST_F(DomainCheckerTest, AsksAgainAfterAnOutage) {
  std::atomic<bool> down = true;
  WildServer server{[&](std::string_view question, Transport) -> std::string {
    if (down) return "";
    test::Reply reply;
    reply.answer.add(test::to_question, 15, 600, test::two_bytes(1) + test::wire_name("mx.shop.test"));
    return reply.to(question);
  }};
  use(server.address(), 200ms);
  const auto during = check("shop.test");
  EXPECT_EQ(during.verdict, Verdict::unknown);
  EXPECT_EQ(during.reason, "dns_timeout");
  EXPECT_EQ(during.retry_after, 60s);
  EXPECT_EQ(checker_->statistics().timeouts, 1U);
  down = false;
  EXPECT_EQ(check("shop.test").reason, "dns_timeout");  // kept for a minute
  clock_.advance(60s);
  EXPECT_EQ(check("shop.test").verdict, Verdict::valid);
}

TEST_F(DomainCheckerTest, StaysUnknownWhereOnlyTheSecondRoundFails) {
  WildServer server{[](std::string_view question, Transport) -> std::string {
    return test::type_asked(question) == 15 ? test::Reply{}.to(question) : "";
  }};
  use(server.address(), 200ms);
  EXPECT_EQ(check("shop.test").reason, "dns_timeout");
}

TEST_F(DomainCheckerTest, AsksOnceForManyCallers) {
  test::Collected<DomainVerdict> verdicts;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 250; ++i) checker_->check("mail.test", verdicts.callback());
    });
  for (auto& thread : threads) thread.join();
  for (const auto& verdict : verdicts.wait_for(1'000)) EXPECT_EQ(verdict.reason, "mx");
  EXPECT_EQ(resolver_->statistics().asked, 1U);
  const auto counted = checker_->statistics();
  EXPECT_EQ(counted.asked, 1'000U);
  EXPECT_EQ(counted.cache_hits + counted.joined, 999U);
  EXPECT_EQ(counted.waiting, 0U);
}

TEST_F(DomainCheckerTest, DropsTheLeastRecentlyUsed) {
  checker_ = std::make_unique<DomainChecker>(*resolver_, clock_, DomainCheckerSettings{24h, 2});
  check("mail.test");
  check("null.test");
  check("mail.test");
  check("alias.test");
  EXPECT_EQ(checker_->statistics().cached, 2U);
  EXPECT_EQ(resolver_->statistics().asked, 3U);
  check("mail.test");
  EXPECT_EQ(resolver_->statistics().asked, 3U);
  check("null.test");
  EXPECT_EQ(resolver_->statistics().asked, 4U);
}

TEST_F(DomainCheckerTest, RefusesMoreCallersThanMayWait) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  use(server.address(), 30s);
  test::Collected<DomainVerdict> verdicts;
  for (std::size_t i = 0; i <= limits::domain_checks_waiting_max; ++i)
    checker_->check("shop.test", verdicts.callback());
  const auto refused = verdicts.wait();
  EXPECT_EQ(refused.reason, "too_busy");
  EXPECT_TRUE(refused.retry_after);
  EXPECT_EQ(checker_->statistics().waiting, limits::domain_checks_waiting_max);
  checker_->stop();
  EXPECT_EQ(verdicts.size(), limits::domain_checks_waiting_max + 1);
}

TEST_F(DomainCheckerTest, StopsWithQuestionsOpen) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  use(server.address(), 30s);
  test::Collected<DomainVerdict> verdicts;
  for (int i = 0; i < 100; ++i) checker_->check("d" + std::to_string(i % 50) + ".test", verdicts.callback());
  checker_.reset();
  resolver_.reset();
  const auto all = verdicts.wait_for(100);
  EXPECT_EQ(all.size(), 100U);
  for (const auto& verdict : all) {
    EXPECT_EQ(verdict.verdict, Verdict::unknown);
    EXPECT_EQ(verdict.reason, "stopping");
  }
}

TEST_F(DomainCheckerTest, TellsCallersWhenTheResolverStopsFirst) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  use(server.address(), 30s);
  test::Collected<DomainVerdict> verdicts;
  checker_->check("shop.test", verdicts.callback());
  resolver_->stop();
  EXPECT_EQ(verdicts.wait().reason, "stopping");
  EXPECT_EQ(checker_->statistics().cached, 0U);
}

}  // namespace
}  // namespace leadhub::verify
