#include "verify/mailbox_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/smtp_server.hpp"
#include "support/waiting.hpp"
#include "support/wild_server.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using lead::Verdict;
using test::polite;
using test::SmtpServer;
using test::Transport;
using test::WildServer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr TimePoint start_time{1'767'614'400'000ms};

/// Every host is on loopback, but for down.test, which is nowhere.
std::string everything_is_here(std::string_view question, Transport) {
  test::Reply reply;
  const std::string name = test::name_asked(question);
  if (name.find("down") == std::string::npos && test::type_asked(question) == 1)
    reply.answer.add(test::to_question, 1, 60, std::string("\x7f\0\0\1", 4));
  return reply.to(question);
}

std::string by_local_part(const std::string& local_part) {
  if (local_part == "ok") return "250 2.1.5 ok";
  if (local_part == "full") return "452 4.2.2 full";
  if (local_part == "disabled") return "550 5.2.1 disabled";
  if (local_part == "grey") return "451 4.7.1 later";
  if (local_part == "blocked") return "554 5.7.1 not you";
  if (local_part == "unsure") return "252 2.0.0 perhaps";
  return "550 5.1.1 nobody";
}

class MailboxProbeTest : public ::testing::Test {
 protected:
  MailboxProbeTest() {
    auto resolver = DnsResolver::start({{dns_.address()}, 2s});
    if (!resolver) throw std::runtime_error(resolver.error().message);
    resolver_ = std::move(*resolver);
    settings_.helo_name = "hub.leadhub.test";
    settings_.timeout = 5s;
    settings_.domain_interval = 0s;
    settings_.reachable = ReachableHosts::any;
  }

  void serve(test::SmtpScript script) {
    probe_.reset();
    server_ = std::make_unique<SmtpServer>(std::move(script));
    start(server_->port());
  }

  void start(std::uint16_t port) {
    settings_.port = port;
    auto probe = MailboxProbe::start(settings_, *resolver_, clock_);
    if (!probe) throw std::runtime_error(probe.error().message);
    probe_ = std::move(*probe);
  }

  MailboxVerdict probe(const std::string& local_part, const std::string& domain = "shop.test",
                       std::vector<std::string> hosts = {"mx.shop.test"}) {
    test::Collected<MailboxVerdict> verdicts;
    probe_->probe({local_part, domain, std::move(hosts)}, verdicts.callback());
    return verdicts.wait();
  }

  void expect(const MailboxVerdict& got, Verdict verdict, std::string_view reason) {
    EXPECT_EQ(got.verdict, verdict) << got.reason;
    EXPECT_EQ(got.reason, reason);
    EXPECT_EQ(got.retry_after.has_value(),
              verdict == Verdict::unknown && reason != "skipped" && reason != "not_probeable")
        << got.reason;
  }

  WildServer dns_{everything_is_here};
  ManualClock clock_{start_time};
  std::unique_ptr<DnsResolver> resolver_;
  std::unique_ptr<SmtpServer> server_;
  MailboxProbeSettings settings_;
  std::unique_ptr<MailboxProbe> probe_;
};

TEST_F(MailboxProbeTest, TellsMailboxesApart) {
  serve(polite(by_local_part));
  expect(probe("ok"), Verdict::valid, "mailbox_accepted");
  expect(probe("nobody"), Verdict::invalid, "no_such_mailbox");
  expect(probe("full"), Verdict::risky, "mailbox_full");
  expect(probe("disabled"), Verdict::invalid, "mailbox_disabled");
  expect(probe("grey"), Verdict::unknown, "greylisted");
  expect(probe("blocked"), Verdict::unknown, "blocked");
  expect(probe("unsure"), Verdict::unknown, "undecided");
  EXPECT_EQ(probe("nobody").code, 550);
  EXPECT_EQ(probe("nobody").enhanced_status, "5.1.1");
}

TEST_F(MailboxProbeTest, SaysItsLinesAndNeverData) {
  serve(polite(by_local_part));
  probe("ok");
  probe_.reset();
  EXPECT_THAT(server_->lines(),
              ElementsAre("EHLO hub.leadhub.test", "MAIL FROM:<>",
                          AllOf(StartsWith("RCPT TO:<"), HasSubstr("@shop.test>"), SizeIs(40)),
                          "RCPT TO:<ok@shop.test>", "RSET", "QUIT"));
}

TEST_F(MailboxProbeTest, KnowsAServerThatTakesAllAndRemembersIt) {
  serve(polite([](const std::string&) { return "250 2.1.5 ok"; }));
  expect(probe("ok"), Verdict::risky, "catch_all");
  EXPECT_THAT(server_->lines(), Not(Contains("RCPT TO:<ok@shop.test>")));
  expect(probe("other"), Verdict::risky, "catch_all");
  EXPECT_EQ(server_->connections(), 1);
  clock_.advance(std::chrono::days{8});
  expect(probe("other"), Verdict::risky, "catch_all");
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(MailboxProbeTest, TakesABareRefusalForTheAddressOnlyWherePostmasterIsTaken) {
  serve(polite([](const std::string& name) { return name == "postmaster" ? "250 ok" : "550 no"; }));
  expect(probe("ada"), Verdict::invalid, "no_such_mailbox");
  EXPECT_THAT(server_->lines(), Contains("RCPT TO:<postmaster@shop.test>"));
  serve(polite([](const std::string&) { return "550 no"; }));
  expect(probe("ada"), Verdict::unknown, "blocked");
}

TEST_F(MailboxProbeTest, ComesBackToAGreylistWithTheSamePair) {
  std::set<std::string> seen;
  serve(polite([&](const std::string& name) -> std::string {
    if (seen.insert(name).second) return "450 4.2.0 greylisted";
    return by_local_part(name);
  }));
  expect(probe("ok"), Verdict::unknown, "greylisted");
  EXPECT_EQ(seen.size(), 2U);
  expect(probe("ok"), Verdict::valid, "mailbox_accepted");
  EXPECT_EQ(seen.size(), 2U);
}

TEST_F(MailboxProbeTest, DoesNotTakeARefusalOfUsForOneOfTheAddress) {
  const auto at = [&](const std::string& command, const std::string& reply) {
    serve([=](const std::string& line) {
      return line.starts_with(command) && (!command.empty() || line.empty()) ? reply
                                                                             : polite(by_local_part)(line);
    });
    return probe("nobody");
  };
  expect(at("", "554 5.7.1 go away\r\n"), Verdict::unknown, "blocked");
  expect(at("", "421 busy\r\n"), Verdict::unknown, "greylisted");
  expect(at("MAIL", "550 5.7.1 on a list\r\n"), Verdict::unknown, "blocked");
  expect(at("MAIL", "451 later\r\n"), Verdict::unknown, "greylisted");
  expect(at("RCPT", "550 5.7.1 on a list\r\n"), Verdict::unknown, "blocked");
}

TEST_F(MailboxProbeTest, FallsBackToHelo) {
  serve([](const std::string& line) -> std::string {
    return line.starts_with("EHLO") ? "502 what?\r\n" : polite(by_local_part)(line);
  });
  expect(probe("ok"), Verdict::valid, "mailbox_accepted");
  EXPECT_THAT(server_->lines(), Contains("HELO hub.leadhub.test"));
}

TEST_F(MailboxProbeTest, SurvivesServersThatDoNotSpeakSmtp) {
  serve([](const std::string& line) { return line.empty() ? "SSH-2.0-OpenSSH_9.2\r\n" : ""; });
  expect(probe("ok"), Verdict::unknown, "not_smtp");
  serve([](const std::string&) { return test::hang_up; });
  expect(probe("ok"), Verdict::unknown, "not_smtp");
  serve([](const std::string&) { return "220-" + std::string(100'000, 'x'); });
  expect(probe("ok"), Verdict::unknown, "not_smtp");
  serve([](const std::string& line) {
    return line.starts_with("RCPT") ? test::hang_up : polite(by_local_part)(line);
  });
  expect(probe("ok"), Verdict::unknown, "not_smtp");
}

TEST_F(MailboxProbeTest, GivesUpOnSilence) {
  settings_.timeout = 200ms;
  serve([](const std::string& line) { return line.starts_with("MAIL") ? "" : polite(by_local_part)(line); });
  expect(probe("ok"), Verdict::unknown, "probe_timeout");
  EXPECT_EQ(probe_->statistics().timed_out, 1U);
}

TEST_F(MailboxProbeTest, TriesTheNextMailHost) {
  serve(polite(by_local_part));
  expect(probe("ok", "shop.test", {"mx.down.test", "mx.shop.test"}), Verdict::valid, "mailbox_accepted");
  expect(probe("ok", "shop.test", {"mx.down.test", "mx2.down.test", "mx.shop.test"}), Verdict::unknown,
         "no_connection");
}

TEST_F(MailboxProbeTest, ConnectsToTheInternetOnlyUnlessTold) {
  settings_.reachable = ReachableHosts::global;
  serve(polite(by_local_part));
  expect(probe("ok"), Verdict::unknown, "no_connection");
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(MailboxProbeTest, SaysWhereNobodyListens) {
  start(test::udp_and_tcp().second.port());
  expect(probe("ok"), Verdict::unknown, "no_connection");
}

TEST_F(MailboxProbeTest, WritesNothingThatCouldEndACommand) {
  serve(polite(by_local_part));
  for (const std::string bad :
       {"", "a\r\nDATA", "a\nb", "a b", "a>b", "\"a b\"", ".a", "a..b", "a\xc3\xbc", "a@b", "<a"})
    expect(probe(bad), Verdict::unknown, "not_probeable");
  expect(probe(std::string("a\0b", 3)), Verdict::unknown, "not_probeable");
  expect(probe(std::string(65, 'a')), Verdict::unknown, "not_probeable");
  for (const std::string bad : {"", "shop", "Shop.test", "a\r\nDATA.test", "shop.test>", "[127.0.0.1]"})
    expect(probe("ok", bad), Verdict::unknown, "not_probeable");
  expect(probe("ok", "shop.test", {}), Verdict::unknown, "not_probeable");
  expect(probe("ok", "shop.test", {"a\r\nb.test"}), Verdict::unknown, "not_probeable");
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(MailboxProbeTest, LeavesBigProvidersAlone) {
  serve(polite(by_local_part));
  expect(probe("ada", "gmail.com"), Verdict::unknown, "skipped");
  expect(probe("ada", "firm.example", {"aspmx.l.google.com"}), Verdict::unknown, "skipped");
  expect(probe("ada", "firm.example", {"firm-example.mail.protection.outlook.com"}), Verdict::unknown,
         "skipped");
  EXPECT_EQ(server_->connections(), 0);
  expect(probe("ok", "notgmail.com"), Verdict::valid, "mailbox_accepted");
}

TEST_F(MailboxProbeTest, AsksADomainOnceInItsInterval) {
  settings_.domain_interval = 10s;
  serve(polite(by_local_part));
  expect(probe("ok"), Verdict::valid, "mailbox_accepted");
  clock_.advance(4s);
  const auto early = probe("ok");
  expect(early, Verdict::unknown, "rate_limited");
  EXPECT_EQ(early.retry_after, 6s);
  expect(probe("ok", "other.test"), Verdict::valid, "mailbox_accepted");
  clock_.advance(6s);
  expect(probe("ok"), Verdict::valid, "mailbox_accepted");
}

TEST_F(MailboxProbeTest, HasOneConnectionAMailHost) {
  serve([](const std::string&) { return ""; });
  test::Collected<MailboxVerdict> verdicts;
  for (int i = 0; i < 5; ++i)
    probe_->probe({"ok", "d" + std::to_string(i) + ".test", {"mx.shop.test"}}, verdicts.callback());
  for (const auto& verdict : verdicts.wait_for(4)) expect(verdict, Verdict::unknown, "rate_limited");
  probe_->stop();
  EXPECT_LE(server_->connections(), 1);
  EXPECT_EQ(verdicts.size(), 5U);
}

TEST_F(MailboxProbeTest, StopsWithProbesOpen) {
  settings_.timeout = 60s;
  serve([](const std::string&) { return ""; });
  test::Collected<MailboxVerdict> verdicts;
  for (int i = 0; i < 20; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".test";
    probe_->probe({"ok", domain, {"mx." + domain}}, verdicts.callback());
  }
  while (probe_->statistics().open > 0 && server_->connections() == 0) std::this_thread::sleep_for(1ms);
  probe_->stop();
  EXPECT_EQ(verdicts.size(), 20U);
  probe_->probe({"ok", "shop.test", {"mx.shop.test"}}, verdicts.callback());
  for (const auto& verdict : verdicts.wait_for(21)) expect(verdict, Verdict::unknown, "stopping");
  EXPECT_EQ(probe_->statistics().open, 0U);
}

TEST_F(MailboxProbeTest, SaysWhatIsWrongWithItsSettings) {
  const auto message = [&](auto change) {
    MailboxProbeSettings settings = settings_;
    change(settings);
    const auto probe = MailboxProbe::start(settings, *resolver_, clock_);
    return probe ? std::string{"started"} : probe.error().message;
  };
  EXPECT_THAT(message([](auto& s) { s.helo_name = ""; }), HasSubstr("name to greet with"));
  EXPECT_THAT(message([](auto& s) { s.helo_name = "hub.test\r\nDATA"; }), HasSubstr("name to greet with"));
  EXPECT_THAT(message([](auto& s) { s.port = 0; }), HasSubstr("port"));
  EXPECT_THAT(message([](auto& s) { s.timeout = 1ms; }), HasSubstr("timeout"));
  EXPECT_THAT(message([](auto& s) { s.domain_interval = -1s; }), HasSubstr("domain_interval"));
  EXPECT_EQ(message([](auto&) {}), "started");
}

}  // namespace
}  // namespace leadhub::verify
