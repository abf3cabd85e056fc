#include "verify/dns_resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/waiting.hpp"
#include "support/wild_server.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using test::Reply;
using test::to_question;
using test::Transport;
using test::two_bytes;
using test::WildServer;
using test::wire_name;
using ::testing::HasSubstr;

constexpr int type_cname = 5;
constexpr int type_mx = 15;
constexpr std::chrono::milliseconds short_timeout = 300ms;

std::unique_ptr<DnsResolver> resolver_for(const std::string& address,
                                          std::chrono::milliseconds timeout = short_timeout) {
  auto resolver = DnsResolver::start({{address}, timeout});
  if (!resolver) throw std::runtime_error(resolver.error().message);
  return std::move(*resolver);
}

DnsAnswer ask(DnsResolver& resolver, const std::string& name, DnsType type = DnsType::mx) {
  test::Collected<DnsAnswer> answers;
  resolver.ask(name, type, answers.callback());
  return answers.wait();
}

std::string one_exchanger(std::string_view question) {
  Reply reply;
  reply.answer.add(to_question, type_mx, 77, two_bytes(10) + wire_name("mx.shop.test"));
  return reply.to(question);
}

TEST(DnsResolver, ReadsAnAnswerWithItsTtl) {
  WildServer server{[](std::string_view question, Transport) { return one_exchanger(question); }};
  const auto resolver = resolver_for(server.address());
  const auto answer = ask(*resolver, "shop.test");
  EXPECT_EQ(answer.status, DnsStatus::answered);
  EXPECT_EQ(answer.ttl, 77s);
  ASSERT_EQ(answer.exchangers.size(), 1U);
  EXPECT_EQ(answer.exchangers.front().host, "mx.shop.test");
  EXPECT_EQ(resolver->statistics().asked, 1U);
  EXPECT_EQ(resolver->statistics().in_flight, 0U);
}

TEST(DnsResolver, GivesUpOnSilenceAboutWhenItSaid) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  const auto resolver = resolver_for(server.address());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(*resolver, "shop.test").status, DnsStatus::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - began, short_timeout / 2);
  while (server.questions(Transport::udp) < limits::dns_tries) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(resolver->statistics().timed_out, 1U);
}

TEST(DnsResolver, IgnoresAnswersToOtherQuestions) {
  WildServer wrong_id{[](std::string_view question, Transport) {
    std::string answer = one_exchanger(question);
    answer[0] = static_cast<char>(answer[0] + 1);
    return answer;
  }};
  EXPECT_EQ(ask(*resolver_for(wrong_id.address()), "shop.test").status, DnsStatus::timed_out);
  WildServer wrong_name{[](std::string_view question, Transport) {
    std::string answer = one_exchanger(question);
    answer[13] = 'x';
    return answer;
  }};
  EXPECT_EQ(ask(*resolver_for(wrong_name.address()), "shop.test").status, DnsStatus::timed_out);
}

TEST(DnsResolver, AsksAgainOverTcpWhereAnAnswerWasCut) {
  WildServer server{[](std::string_view question, Transport transport) {
    if (transport == Transport::tcp) return one_exchanger(question);
    Reply cut;
    cut.truncated = true;
    return cut.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(server.address()), "shop.test").status, DnsStatus::answered);
  EXPECT_EQ(server.questions(Transport::tcp), 1);
}

TEST(DnsResolver, ProvesNothingWhereOnlyCutAnswersCome) {
  WildServer server{[](std::string_view question, Transport) {
    Reply cut;
    cut.truncated = true;
    return cut.to(question);
  }};
  const auto answer = ask(*resolver_for(server.address()), "shop.test");
  EXPECT_TRUE(answer.status == DnsStatus::failed || answer.status == DnsStatus::timed_out);
}

TEST(DnsResolver, TakesAsManyExchangersAsAMessageHolds) {
  WildServer server{[](std::string_view question, Transport transport) {
    Reply reply;
    reply.truncated = transport == Transport::udp;
    for (int i = 0; !reply.truncated && i < 4'000; ++i)
      reply.answer.add(to_question, type_mx, 60, two_bytes(i) + to_question);
    return reply.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(server.address()), "shop.test").exchangers.size(), 4'000U);
}

TEST(DnsResolver, RefusesTenThousandExchangersThatAreNotThere) {
  WildServer server{[](std::string_view question, Transport) {
    Reply reply;
    for (int i = 0; i < 50; ++i) reply.answer.add(to_question, type_mx, 60, two_bytes(i) + to_question);
    reply.answer.count = 10'000;
    return reply.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(server.address()), "shop.test").status, DnsStatus::failed);
}

TEST(DnsResolver, EndsAliasLoopsAndCompressionLoops) {
  WildServer aliases{[](std::string_view question, Transport) {
    Reply reply;
    reply.answer.add(to_question, type_cname, 60, to_question);
    return reply.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(aliases.address()), "shop.test").status, DnsStatus::failed);
  WildServer pointers{[](std::string_view question, Transport) {
    Reply reply;
    const auto here = static_cast<int>(reply.to(question).size());
    reply.answer.add(two_bytes(0xc000 | here), type_mx, 60, two_bytes(1) + to_question);
    return reply.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(pointers.address()), "shop.test").status, DnsStatus::failed);
}

TEST(DnsResolver, GoesOnWhereAServerStopsAtAnAlias) {
  WildServer server{[](std::string_view question, Transport) {
    if (test::name_asked(question) == wire_name("mail.test")) return one_exchanger(question);
    Reply reply;
    reply.answer.add(to_question, type_cname, 5, wire_name("mail.test"));
    return reply.to(question);
  }};
  const auto answer = ask(*resolver_for(server.address()), "shop.test");
  EXPECT_EQ(answer.status, DnsStatus::answered);
  EXPECT_EQ(answer.ttl, 5s);
  EXPECT_EQ(server.questions(Transport::udp), 2);
}

TEST(DnsResolver, EndsAChainOfAliasesThatIsToldLinkByLink) {
  WildServer server{[](std::string_view question, Transport) {
    Reply reply;
    std::string longer = test::name_asked(question);
    reply.answer.add(to_question, type_cname, 60, "\1a" + longer);
    return reply.to(question);
  }};
  EXPECT_EQ(ask(*resolver_for(server.address(), 2s), "shop.test").failure, "a CNAME loop or chain too long");
  EXPECT_EQ(server.questions(Transport::udp), limits::dns_cname_depth_max + 1);
}

TEST(DnsResolver, SurvivesNoise) {
  WildServer server{[](std::string_view question, Transport) {
    return std::string{question.substr(0, 2)} + "\x81\x80" + std::string(200, '\xff');
  }};
  const auto answer = ask(*resolver_for(server.address()), "shop.test");
  EXPECT_TRUE(answer.status == DnsStatus::failed || answer.status == DnsStatus::timed_out);
}

TEST(DnsResolver, TellsAServersFailureFromItsNo) {
  for (const int rcode : {2, 5}) {
    WildServer server{[rcode](std::string_view question, Transport) {
      Reply reply;
      reply.rcode = rcode;
      return reply.to(question);
    }};
    EXPECT_EQ(ask(*resolver_for(server.address()), "shop.test").status, DnsStatus::failed) << rcode;
  }
  const auto nobody = test::udp_and_tcp().first.port();
  const auto answer = ask(*resolver_for("127.0.0.1:" + std::to_string(nobody)), "shop.test");
  EXPECT_TRUE(answer.status == DnsStatus::failed || answer.status == DnsStatus::timed_out);
}

TEST(DnsResolver, AsksTheNextServerWhereOneFails) {
  WildServer broken{[](std::string_view question, Transport) {
    Reply reply;
    reply.rcode = 2;
    return reply.to(question);
  }};
  WildServer good{[](std::string_view question, Transport) { return one_exchanger(question); }};
  auto resolver = DnsResolver::start({{broken.address(), good.address()}, 2s});
  ASSERT_TRUE(resolver);
  EXPECT_EQ(ask(**resolver, "shop.test").status, DnsStatus::answered);
}

TEST(DnsResolver, RefusesNamesThatCannotBeAsked) {
  WildServer server{[](std::string_view question, Transport) { return one_exchanger(question); }};
  const auto resolver = resolver_for(server.address());
  EXPECT_EQ(ask(*resolver, std::string(300, 'a') + ".test").status, DnsStatus::failed);
  EXPECT_EQ(ask(*resolver, "a..test").status, DnsStatus::failed);
  EXPECT_EQ(ask(*resolver, "hidden.onion").status, DnsStatus::no_such_name);
  EXPECT_EQ(server.questions(Transport::udp), 0);
}

TEST(DnsResolver, AnswersManyQuestionsWithFewInFlight) {
  WildServer server{[](std::string_view question, Transport) { return one_exchanger(question); }};
  const auto resolver = resolver_for(server.address(), 10s);
  test::Collected<DnsAnswer> answers;
  for (int i = 0; i < 2'000; ++i)
    resolver->ask("d" + std::to_string(i) + ".test", DnsType::mx, answers.callback());
  for (const auto& answer : answers.wait_for(2'000)) EXPECT_EQ(answer.status, DnsStatus::answered);
}

TEST(DnsResolver, RefusesWhatItsQueueCannotHold) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  const auto resolver = resolver_for(server.address(), 30s);
  test::Collected<DnsAnswer> answers;
  const auto asked = limits::dns_questions_waiting_max + limits::dns_questions_in_flight_max + 1;
  for (std::size_t i = 0; i < asked; ++i) resolver->ask("shop.test", DnsType::mx, answers.callback());
  EXPECT_EQ(answers.wait().failure, "too many questions");
  resolver->stop();
  EXPECT_EQ(answers.wait_for(asked).size(), asked);
}

TEST(DnsResolver, GivesEachOpenQuestionItsStopped) {
  WildServer server{[](std::string_view, Transport) { return ""; }};
  test::Collected<DnsAnswer> answers;
  auto resolver = resolver_for(server.address(), 30s);
  for (int i = 0; i < 500; ++i) resolver->ask("shop.test", DnsType::mx, answers.callback());
  resolver->stop();
  EXPECT_EQ(answers.size(), 500U);
  resolver->ask("shop.test", DnsType::mx, answers.callback());
  for (const auto& answer : answers.wait_for(501)) EXPECT_EQ(answer.status, DnsStatus::stopped);
}

TEST(DnsResolver, LetsACallbackAskAgain) {
  WildServer server{[](std::string_view question, Transport) { return one_exchanger(question); }};
  const auto resolver = resolver_for(server.address());
  test::Collected<DnsAnswer> answers;
  resolver->ask("shop.test", DnsType::mx,
                [&](const DnsAnswer&) { resolver->ask("again.test", DnsType::mx, answers.callback()); });
  EXPECT_EQ(answers.wait().status, DnsStatus::answered);
}

TEST(DnsResolver, SaysWhatIsWrongWithItsSettings) {
  const auto message = [](const DnsSettings& settings) {
    const auto resolver = DnsResolver::start(settings);
    return resolver ? std::string{"started"} : resolver.error().message;
  };
  EXPECT_THAT(message({{"dns.example"}, 1s}), HasSubstr("dns.example"));
  for (const std::string bad : {"", "1.2.3", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:5x",
                                "[::1", "[::1]53", "::1]:53", "127.0.0.1,127.0.0.2"})
    EXPECT_THAT(message({{"127.0.0.1:53", bad}, 1s}), HasSubstr("'" + bad + "' is no IP address"));
  EXPECT_THAT(message({std::vector<std::string>(9, "127.0.0.1"), 1s}), HasSubstr("at most 8"));
  EXPECT_THAT(message({{"127.0.0.1"}, 1ms}), HasSubstr("verify.dns.timeout"));
  EXPECT_EQ(message({{"[::1]:5353", "::1", "127.0.0.1"}, 1s}), "started");
  EXPECT_EQ(message({{}, 1s}), "started");
}

}  // namespace
}  // namespace leadhub::verify
