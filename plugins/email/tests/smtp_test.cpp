#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "smtp_fixture.hpp"

namespace leadhub::email {
namespace {

using testing::a_mail;
using ::testing::AllOf;
using testing::Behaviour;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using testing::mail_to;
using testing::mails_to;
using ::testing::Not;
using testing::rules;
using ::testing::SizeIs;
using testing::Smtp;
using testing::states_of;

TEST_F(Smtp, BringsAMailAsItIs) {
  auto mail = a_mail();
  mail.text = "Dear Ada,\n.\n..two dots\nthe end\n";
  mail.html.clear();
  const auto outcome = deliver({mail}).front();
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_EQ(outcome.provider_id, "4F9D12");
  EXPECT_EQ(host_.counted("mails"), 1);
  ASSERT_THAT(sink_.mails(), SizeIs(1));
  EXPECT_EQ(sink_.mails()[0].sender, "ada@engines.example");
  EXPECT_EQ(sink_.mails()[0].recipient, "ada@example.com");
  const auto python = testing::read_with_python(sink_.mails()[0].content);
  EXPECT_EQ(python["subject"], "Please confirm");
  EXPECT_EQ(python["parts"][0]["text"], mail.text);
  EXPECT_THAT(sink_.mails()[0].content, HasSubstr("List-Unsubscribe: <https://engines.example/u/1>\r\n"));
}

TEST_F(Smtp, UsesAConnectionAgainAndSaysGoodBye) {
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(sink_.sessions(), 1);
  channel_.reset();
  for (int i = 0; i < 100 && sink_.lines().back() != "QUIT"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  EXPECT_EQ(sink_.lines().back(), "QUIT");
}

TEST_F(Smtp, AConnectionThatTheRelayHasClosedMeanwhileCostsNothing) {
  for (const std::string parting : {"<close>", "421 4.4.2 timeout\r\n<close>"}) {
    sink_.set_behaviour(rules({{".", "250 2.0.0 Ok\r\n" + parting}}));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE) << parting;
  }
  EXPECT_EQ(sink_.sessions(), 6);
}

TEST_F(Smtp, TriesAMailThatAnUsedConnectionDroppedAtOnceOnANewOne) {
  Behaviour one_mail_each;
  one_mail_each.rules = {{"RSET", "421 4.7.0 too many mails\r\n<close>"}};
  sink_.set_behaviour(one_mail_each);
  // The refused one makes the next begin with RSET.
  one_mail_each.rules.insert(one_mail_each.rules.begin(), {"RCPT TO:<full@", "452 4.2.2 full\r\n"});
  sink_.set_behaviour(one_mail_each);
  const auto outcomes = deliver(mails_to({"full@example.com", "ada@example.com"}));
  EXPECT_THAT(states_of(outcomes), ElementsAre(LEADHUB_DELIVERY_FAILED, LEADHUB_DELIVERY_DONE));
  EXPECT_EQ(sink_.sessions(), 2);
}

TEST_F(Smtp, TemporaryRefusalsAreForLater) {
  expect_later(with_rule("CONNECT", "421 4.3.2 shutting down\r\n<close>"), "421");
  expect_later(with_rule("CONNECT", "554 5.7.1 go away\r\n<close>"), "554");
  expect_later(with_rule("MAIL", "421 4.3.2 shutting down\r\n<close>"), "421 4.3.2 to MAIL FROM");
  expect_later(with_rule("MAIL", "452 4.3.1 no room\r\n"), "452 4.3.1 to MAIL FROM");
  expect_later(with_rule("RCPT", "450 4.2.1 greylisted\r\n"), "450 4.2.1 to RCPT TO");
  expect_later(with_rule("RCPT", "452 4.2.2 ada@example.com is full\r\n"), "452 4.2.2 to RCPT TO");
  expect_later(with_rule("DATA", "451 try again\r\n"), "451 to DATA");
  expect_later(with_rule(".", "451 4.3.0 queue file\r\n"), "451 4.3.0 to the mail");
  expect_later(with_rule(".", "421 4.3.2 shutting down\r\n<close>"), "421 4.3.2 to the mail");
  EXPECT_THAT(sink_.mails(), IsEmpty());
  sink_.set_behaviour({});
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE) << "still in order after all that";
}

TEST_F(Smtp, FinalRefusalsSayWhetherTheRecipientExists) {
  const auto refused = [&](const std::string& line, const std::string& answer, leadhub_error_code code) {
    const auto outcome = with_rule(line, answer + "\r\n");
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << answer;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << answer;
    EXPECT_EQ(outcome.code, code) << answer;
    EXPECT_THAT(outcome.message, Not(HasSubstr("ada@"))) << "no personal data";
  };
  constexpr auto gone = LEADHUB_ERROR_NOT_FOUND;
  constexpr auto other = LEADHUB_ERROR_UNAVAILABLE;
  refused("RCPT", "550 5.1.1 <ada@example.com>: user unknown", gone);
  refused("RCPT", "550-5.1.1 The account\r\n550 5.1.1 does not exist", gone);
  refused("RCPT", "553 5.1.3 bad address", gone);
  refused("RCPT", "556 5.1.10 null MX", gone);
  refused("RCPT", "550 No such user here", gone);
  refused("RCPT", "550 5.7.1 Client host blocked", other);
  refused("RCPT", "550 5.7.1 user unknown", other);
  refused("RCPT", "550 sender address does not exist", other);
  refused("RCPT", "550 mailbox unavailable", other);
  refused("RCPT", "552 5.2.2 mailbox full", other);
  refused("RCPT", "554 5.7.1 relay access denied", other);
  refused("MAIL", "552 5.3.4 too large", other);
  refused("MAIL", "554 5.2.3 too large", other);
  refused("DATA", "554 5.5.1 no valid recipients", other);
  refused(".", "550 5.7.26 DMARC", other);
  refused(".", "552 5.2.2 full", other);
  refused(".", "550 5.1.1 unknown", gone);
  sink_.set_behaviour({});
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
}

TEST_F(Smtp, ARefusedSenderIsNoFaultOfTheMail) {
  for (const std::string answer :
       {"550 5.1.1 user unknown", "553 5.7.1 not your address", "554 no", "550 spf"})
    expect_later(with_rule("MAIL", answer + "\r\n"), "mend the sender's address", LEADHUB_RETRY_AUTH);
  for (const std::string line : {"MAIL", "RCPT", "DATA", "."})
    expect_later(with_rule(line, "530 5.7.0 log in first\r\n"), "mend user and password", LEADHUB_RETRY_AUTH);
}

TEST_F(Smtp, AMailDoesNotAnswerForTheOneBefore) {
  for (const std::vector<std::string>& abilities : {std::vector<std::string>{}, {"PIPELINING"}})
    for (const std::string answer : {"502 5.5.1 what\r\n", "550 5.1.1 user unknown\r\n", "354 go on\r\n"}) {
      channel_.reset();
      const int sessions = sink_.sessions();
      Behaviour behaviour = rules({{".", "452 4.2.2 full\r\n"}});
      behaviour.abilities = abilities;
      sink_.set_behaviour(behaviour);
      expect_later(deliver_one(), "452 4.2.2 to the mail");
      behaviour.rules = {{"RSET", answer}};
      sink_.set_behaviour(behaviour);
      const auto outcome = deliver_one();
      EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << answer << ": " << outcome.message;
      EXPECT_EQ(sink_.sessions() - sessions, 2) << "the first connection is of no use any more";
    }
}

TEST_F(Smtp, AConnectionThatIsOutOfStepIsNotUsedAgain) {
  const std::vector<std::pair<std::string, std::string>> answers{{".", "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n"},
                                                                 {".", "250 2.0.0 Ok\r\n25"},
                                                                 {".", "354 more\r\n"},
                                                                 {"DATA", "250 2.0.0 Ok\r\n"},
                                                                 {"DATA", "334 \r\n"}};
  for (const auto& [line, answer] : answers) {
    channel_.reset();
    const int sessions = sink_.sessions();
    (void)with_rule(line, answer);
    sink_.set_behaviour({});
    EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
    EXPECT_EQ(sink_.sessions() - sessions, 2) << line << " " << answer;
  }
}

TEST_F(Smtp, WhatEndsBehindTheFinalDotIsUnknown) {
  for (const std::string answer : {"<close>", "25<close>", "nonsense\r\n", "999 what\r\n", "354 more\r\n"}) {
    const auto outcome = with_rule(".", answer);
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_UNKNOWN) << answer << ": " << outcome.message;
  }
  EXPECT_EQ(with_rule(".", "", 400).state, LEADHUB_DELIVERY_UNKNOWN) << "nothing";
  EXPECT_EQ(with_rule(".", "<drip>250 2.0.0 Ok\r\n", 400).state, LEADHUB_DELIVERY_UNKNOWN)
      << "a byte at a time";
  EXPECT_EQ(with_rule(".", "<drip>250 2.0.0 Ok\r\n").state, LEADHUB_DELIVERY_DONE) << "with enough time";
}

TEST_F(Smtp, WhatEndsBeforeTheFinalDotIsForLater) {
  for (const std::string line : {"MAIL", "RCPT", "DATA"}) {
    expect_later(with_rule(line, "<close>"), "closed the connection");
    expect_later(with_rule(line, "nonsense\r\n"), "no SMTP reply");
    Behaviour silent = rules({{line, ""}});
    silent.abilities = {};
    sink_.set_behaviour(silent);
    expect_later(deliver_one(400), "did not answer in time");
  }
  expect_later(with_rule("RCPT", std::string(20'000, '2')), "no SMTP reply");
  expect_later(with_rule("CONNECT", "<close>"), "cannot be reached");
  for (const std::string greeting : {"", "nonsense\r\n", "<drip>220 sink ESMTP\r\n"})
    EXPECT_EQ(with_rule("CONNECT", greeting, 400).state, LEADHUB_DELIVERY_UNTRIED) << "no time was left";
  EXPECT_THAT(sink_.mails(), IsEmpty());
}

TEST_F(Smtp, ACutInTheMiddleOfTheMailIsForLater) {
  Behaviour cutting = rules({{"DATA", "354 go on\r\n<close>"}});
  cutting.abilities = {"PIPELINING"};
  sink_.set_behaviour(cutting);
  auto mail = a_mail();
  while (mail.text.size() < 12'000'000) mail.text += std::string(76, 'x') + "\n";
  expect_later(deliver({mail}).front(), "closed the connection");
}

TEST_F(Smtp, ARelayThatIsNotThereIsForLater) {
  start({{"url", "smtp://127.0.0.1:1"}});
  const auto outcomes = deliver(mails_to({"a@example.com", "b@example.com"}));
  for (const auto& outcome : outcomes) expect_later(outcome, "the relay cannot be reached");
}

TEST_F(Smtp, WorksWithoutPipeliningToo) {
  Behaviour plain;
  plain.abilities = {};
  plain.rules = {{"RCPT TO:<full@", "452 4.2.2 full\r\n"}};
  sink_.set_behaviour(plain);
  const auto outcomes = deliver(mails_to({"a@example.com", "full@example.com", "c@example.com"}));
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_FAILED, LEADHUB_DELIVERY_DONE));
  EXPECT_EQ(std::ranges::count(sink_.lines(), "DATA"), 2) << "not for the one that was refused";
  EXPECT_EQ(std::ranges::count(sink_.lines(), "RSET"), 1);
}

TEST_F(Smtp, ARelayThatTakesDataWithoutARecipientGetsNoMail) {
  sink_.set_behaviour(rules({{"RCPT", "550 5.1.1 unknown\r\n"}}));
  EXPECT_EQ(deliver_one().code, LEADHUB_ERROR_NOT_FOUND);
  EXPECT_THAT(sink_.mails(), IsEmpty());
}

TEST_F(Smtp, TakesManyMailsOverSeveralConnections) {
  start({{"connections", 4}});
  std::vector<Mail> mails;
  mails.reserve(200);
  for (int i = 0; i < 200; ++i) mails.push_back(mail_to("ada@example.com", i));
  const auto outcomes = deliver(mails, 30'000);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_LE(sink_.sessions(), 4);
  EXPECT_GT(sink_.sessions(), 1);
  std::set<std::string> ids;
  for (const auto& mail : sink_.mails()) {
    const auto at = mail.content.find("Message-Id: ");
    ids.insert(mail.content.substr(at, mail.content.find('\r', at) - at));
  }
  EXPECT_EQ(ids.size(), 200) << "each once";
}

TEST_F(Smtp, ASlowAnswerHoldsNobodyElse) {
  start({{"connections", 2}});
  Behaviour slow;
  slow.rules = {{"MAIL", "250 2.1.0 Ok\r\n"}, {"RCPT TO:<slow@", "<drip>250 2.1.5 slowly\r\n"}};
  sink_.set_behaviour(slow);
  const auto begun = std::chrono::steady_clock::now();
  const auto outcomes =
      deliver(mails_to({"slow@example.com", "a@example.com", "b@example.com", "c@example.com"}));
  EXPECT_THAT(states_of(outcomes), ::testing::Each(LEADHUB_DELIVERY_DONE));
  EXPECT_EQ(sink_.mails().back().recipient, "slow@example.com") << "the others overtook it";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
}

TEST_F(Smtp, AConnectionThatDiesCostsItsMailOnly) {
  start({{"connections", 3}});
  Behaviour dying;
  dying.rules = {{"RCPT TO:<die@", "<close>"}};
  sink_.set_behaviour(dying);
  const auto outcomes = deliver(mails_to({"a@example.com", "die@example.com", "c@example.com",
                                          "die@example.com", "e@example.com", "f@example.com"}));
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_FAILED, LEADHUB_DELIVERY_DONE,
                          LEADHUB_DELIVERY_FAILED, LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_DONE));
}

TEST_F(Smtp, AMailThatMayNotLeaveAnyMoreIsNotMentionedToTheRelay) {
  const auto outcomes = deliver(mails_to({"a@example.com", "left@example.com", "c@example.com"}), 8'000,
                                [](std::size_t index) { return index != 1; });
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED, LEADHUB_DELIVERY_DONE));
  EXPECT_THAT(sink_.lines(), Not(::testing::Contains(HasSubstr("left@"))));
  EXPECT_EQ(sink_.sessions(), 1) << "and it costs no connection";
}

TEST_F(Smtp, ClaimsWhenTheRelayIsReadyAndNotBefore) {
  sink_.set_behaviour(rules({{"EHLO", "<close>"}, {"HELO", "<close>"}}));
  bool was_claimed = false;
  const auto outcomes = deliver({a_mail()}, 8'000, [&](std::size_t) { return was_claimed = true; });
  EXPECT_EQ(outcomes[0].state, LEADHUB_DELIVERY_FAILED);
  EXPECT_FALSE(was_claimed);
}

TEST_F(Smtp, BeginsNothingWhereTheHubStops) {
  start();
  host_.stop();
  EXPECT_THAT(states_of(deliver(mails_to({"a@example.com", "b@example.com"}))),
              ::testing::Each(LEADHUB_DELIVERY_UNTRIED));
  EXPECT_THAT(sink_.mails(), IsEmpty());
}

TEST_F(Smtp, NothingThatCouldSplitAnEnvelopeOrAHeaderLeaves) {
  start();
  for (const auto field : {&Mail::message_id, &Mail::to, &Mail::to_name, &Mail::subject}) {
    for (const std::string& injected : {std::string{"\r\nRCPT TO:<eve@example.com>"}, std::string{"\n"},
                                        std::string{"\r"}, std::string{"\0", 1}}) {
      auto mail = a_mail();
      mail.*field = injected + mail.*field;
      const auto outcome = deliver({mail}).front();
      EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
      EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
    }
    auto mail = a_mail();
    mail.*field = std::string(10'000, 'x') + mail.*field;
    EXPECT_NE(deliver({mail}).front().state, LEADHUB_DELIVERY_UNKNOWN)
        << "what leaves has short lines, below";
  }
  auto mail = a_mail();
  for (const std::string& injected : {std::string{"1\r\nBcc: eve@example.com"}, std::string(10'000, 'x')}) {
    mail.headers = {{"X-One", injected}};
    EXPECT_EQ(deliver({mail}).front().retry_class, LEADHUB_RETRY_PERMANENT);
  }
  for (const std::string to : {"<ada@example.com>", "ada@example.com> SIZE=1", "a b@example.com", "ada",
                               "ada@", "@example.com", "ada@example.com,eve@example.com"})
    EXPECT_EQ(deliver({mail_to(to)}).front().retry_class, LEADHUB_RETRY_PERMANENT) << to;
  for (const auto& line : sink_.lines()) EXPECT_THAT(line, Not(HasSubstr("eve")));
  for (const auto& taken : sink_.mails()) {
    EXPECT_THAT(taken.content, Not(HasSubstr("eve")));
    std::size_t from = 0;
    for (std::size_t end = 0; (end = taken.content.find("\r\n", from)) != std::string::npos; from = end + 2)
      ASSERT_LE(end - from, 998) << "RFC 5322 section 2.1.1";
  }
}

TEST_F(Smtp, InternationalAddressesGoWhereTheRelayTakesThem) {
  EXPECT_EQ(deliver({mail_to("ada@zürich.example")}).front().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(sink_.mails().back().recipient, "ada@xn--zrich-kva.example");
  EXPECT_THAT(sink_.lines()[1], Not(HasSubstr("SMTPUTF8"))) << "only where it is needed";
  EXPECT_EQ(deliver({mail_to("zoë@example.com")}).front().state, LEADHUB_DELIVERY_DONE);
  EXPECT_THAT(sink_.lines(), ::testing::Contains(AllOf(HasSubstr("MAIL FROM"), HasSubstr(" SMTPUTF8"))));
  Behaviour ascii;
  ascii.abilities = {"PIPELINING"};
  sink_.set_behaviour(ascii);
  channel_.reset();
  const auto refused = deliver({mail_to("zoë@example.com")}).front();
  EXPECT_EQ(refused.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(refused.message, HasSubstr("knows no SMTPUTF8"));
}

TEST_F(Smtp, AMailThatTheRelayFindsTooLargeIsNotSent) {
  Behaviour small;
  small.abilities = {"PIPELINING", "SIZE 200"};
  sink_.set_behaviour(small);
  EXPECT_THAT(deliver_one().message, HasSubstr("larger than the relay takes"));
}

TEST_F(Smtp, BouncesGoWhereTheConfigurationSays) {
  start({{"envelope_from", "bounces@engines.example"}});
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(sink_.mails()[0].sender, "bounces@engines.example");
}

TEST_F(Smtp, ReconnectsAfterSoManyMails) {
  start({{"rate", {{"per_connection", 2}}}});
  EXPECT_THAT(states_of(deliver(
                  mails_to({"a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"}))),
              ::testing::Each(LEADHUB_DELIVERY_DONE));
  EXPECT_EQ(sink_.sessions(), 3);
}

// --- Login and TLS

TEST_F(Smtp, LogsIn) {
  host_.set_secret("/password", "open sesame");
  Behaviour wants_login;
  wants_login.abilities = {"PIPELINING", "AUTH PLAIN"};
  wants_login.rules = {{"AUTH PLAIN", "334 \r\n"}, {"AGFkYQBvcGVuIHNlc2FtZQ==", "235 2.7.0 welcome\r\n"}};
  sink_.set_behaviour(wants_login);
  start({{"user", "ada"}, {"password", {{"$secret", "/password"}}}});
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  EXPECT_THAT(sink_.lines(), ::testing::Contains("AGFkYQBvcGVuIHNlc2FtZQ=="));
}

TEST_F(Smtp, AWrongPasswordIsTriedOnceAndNothingLeaves) {
  host_.set_secret("/password", "wrong");
  Behaviour refusing;
  refusing.abilities = {"PIPELINING", "AUTH PLAIN"};
  refusing.rules = {{"AUTH", "535 5.7.8 no\r\n"}, {"AG", "535 5.7.8 no\r\n"}};
  sink_.set_behaviour(refusing);
  start({{"user", "ada"}, {"password", {{"$secret", "/password"}}}, {"connections", 4}});
  const auto outcomes = deliver(mails_to({"a@example.com", "b@example.com", "c@example.com"}), 8'000,
                                [](std::size_t) { return ADD_FAILURE() << "claimed", true; });
  for (const auto& outcome : outcomes) {
    expect_later(outcome, "refuses the login", LEADHUB_RETRY_AUTH);
    EXPECT_THAT(outcome.message, Not(HasSubstr("wrong")));
  }
  EXPECT_EQ(sink_.sessions(), 1);
  refusing.rules = {{"AUTH", "454 4.7.0 later\r\n"}};
  sink_.set_behaviour(refusing);
  expect_later(deliver_one(), "refuses the login for now");
}

class SmtpOverTls : public Smtp {
 protected:
  void serve(const std::vector<std::pair<std::string, std::string>>& rules, bool is_tls = false) {
    Behaviour secured;
    secured.abilities = {"PIPELINING", "STARTTLS"};
    secured.rules = rules;
    secured.certificate = certificate_;
    secured.is_tls = is_tls;
    sink_.set_behaviour(secured);
  }
  const testing::TemporaryFolder folder_;
  const std::string certificate_ = testing::make_certificate(folder_.path().string());
  const Json trusting_{{"tls", "required"}, {"ca_file", (folder_.path() / "certificate.pem").string()}};
};

TEST_F(SmtpOverTls, SecuresTheConnectionFirst) {
  serve({});
  start(trusting_);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(sink_.lines()[1], "STARTTLS");
}

TEST_F(SmtpOverTls, TlsFromTheStart) {
  serve({}, true);
  auto config = trusting_;
  config["url"] = "smtps://127.0.0.1:" + std::to_string(sink_.port());
  start(config);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
}

TEST_F(SmtpOverTls, ACertificateOfNobodyKnownIsRefused) {
  serve({});
  start({{"tls", "required"}});
  expect_later(deliver_one(), "certificate is not to be trusted");
  EXPECT_THAT(sink_.mails(), IsEmpty());
  EXPECT_THAT(sink_.lines(), Not(::testing::Contains(HasSubstr("MAIL"))));
}

TEST_F(SmtpOverTls, WithoutStarttlsNothingLeaves) {
  start(trusting_);  // the sink offers none
  expect_later(deliver_one(), "offers no STARTTLS");
  EXPECT_THAT(sink_.lines(), Not(::testing::Contains(HasSubstr("MAIL"))));
}

TEST_F(SmtpOverTls, PlainTextAfterStarttlsIsNoServerToTalkTo) {
  for (const std::string answer :
       {"220 go on\r\n250 2.1.0 Ok\r\n", "220 go on\r\n250-AUTH PLAIN\r\n250 HELP\r\n<close>"}) {
    serve({{"STARTTLS", answer}});
    channel_.reset();
    start(trusting_);
    const auto outcome = deliver_one(3'000);
    EXPECT_NE(outcome.state, LEADHUB_DELIVERY_DONE);
    EXPECT_NE(outcome.state, LEADHUB_DELIVERY_UNKNOWN);
  }
  EXPECT_THAT(sink_.lines(), Not(::testing::Contains(HasSubstr("MAIL"))));
}

}  // namespace
}  // namespace leadhub::email
