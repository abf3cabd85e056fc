#include "mail_events.hpp"

#include <gmock/gmock.h>

#include "limits.hpp"

namespace leadhub::mailbox {
namespace {

using sdk::Signal;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t now_ms = 1767614400000;  // 2026-01-05T12:00:00Z

MailReading read(const std::string& bytes) {
  return read_mail(bytes, now_ms);
}

/// A feedback report whose machine-readable part holds `fields`.
std::string feedback(const std::string& fields, const std::string& to = "ada@example.com") {
  return "From: feedback@provider.example\r\nTo: abuse@hub.example\r\nMessage-ID: <f1@provider.example>\r\n"
         "Date: Sun, 4 Jan 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nSomebody complained.\r\n"
         "--b\r\nContent-Type: message/feedback-report\r\n\r\n" +
         fields + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: " + to +
         "\r\nMessage-ID: <m1@hub.example>\r\nSubject: News\r\n\r\nNews\r\n--b--\r\n";
}

std::string answer(const std::string& headers, const std::string& body) {
  return "From: Ada Lovelace <ada@example.com>\r\nTo: hello@hub.example\r\nMessage-ID: <a1@example.com>\r\n"
         "In-Reply-To: <m1@hub.example>\r\nDate: Sun, 4 Jan 2026 10:00:00 +0100\r\nSubject: Re: News\r\n" +
         headers + "\r\n" + body;
}

TEST(MailEvents, SayWhoComplained) {
  const MailReading reading =
      read(feedback("Feedback-Type: abuse\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\n"
                    "Original-Rcpt-To: <grace@example.com>\r\n"));
  EXPECT_EQ(reading.kind, MailKind::complaint);
  ASSERT_THAT(reading.events, SizeIs(1));
  EXPECT_EQ(reading.events[0].type, "email.complained");
  EXPECT_EQ(reading.events[0].person.email, "grace@example.com");
  EXPECT_EQ(reading.events[0].occurred_at, "2026-01-04T09:00:00Z");
  EXPECT_EQ(reading.events[0].signal.reason, "abuse");
  EXPECT_EQ(reading.events[0].signal.message_id, "m1@hub.example");
  EXPECT_EQ(reading.events[0].signal.user_agent, "Loop/1.0");
}

TEST(MailEvents, TakeTheRecipientOfTheReturnedMailWhereTheProviderHidesWhoComplained) {
  const MailReading reading = read(feedback("Feedback-Type: opt-out\r\nVersion: 1\r\n"));
  ASSERT_THAT(reading.events, SizeIs(1));
  EXPECT_EQ(reading.events[0].person.email, "ada@example.com");
}

TEST(MailEvents, DoNotGuessWhichOfSeveralComplained) {
  EXPECT_THAT(
      read(feedback("Feedback-Type: abuse\r\nVersion: 1\r\n", "ada@example.com, alan@example.com")).events,
      IsEmpty());
}

TEST(MailEvents, TakeNoOtherFeedbackForAComplaint) {
  for (const char* const type : {"not-spam", "virus", "auth-failure", "other", ""})
    EXPECT_THAT(
        read(feedback(std::string{"Feedback-Type: "} + type + "\r\nOriginal-Rcpt-To: <ada@example.com>\r\n"))
            .events,
        IsEmpty())
        << type;
}

TEST(MailEvents, GiveABouncedRecipientEach) {
  const MailReading reading = read(
      "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <r1@mx.example>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
      "Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; "
      "550 unknown\r\n\r\n"
      "Final-Recipient: rfc822; alan@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n--b--\r\n");
  EXPECT_EQ(reading.kind, MailKind::bounce);
  ASSERT_THAT(reading.events, SizeIs(2));
  EXPECT_EQ(reading.events[0].type, "email.bounced");
  EXPECT_EQ(reading.events[0].signal.bounce, Signal::Bounce::hard);
  EXPECT_EQ(reading.events[0].signal.status, "5.1.1");
  EXPECT_EQ(reading.events[0].signal.reason, "550 unknown");
  EXPECT_EQ(reading.events[1].type, "x.email.delayed");
  EXPECT_EQ(reading.events[1].signal.bounce, Signal::Bounce::none);
  EXPECT_EQ(reading.events[1].key, reading.events[0].key + ":2");
}

TEST(MailEvents, GiveWhatAPersonAnswered) {
  const MailReading reading =
      read(answer("", "Yes, call me.\r\n\r\nAda\r\n\r\nOn Sunday you wrote:\r\n> Shall we call?\r\n"));
  EXPECT_EQ(reading.kind, MailKind::reply);
  ASSERT_THAT(reading.events, SizeIs(1));
  EXPECT_EQ(reading.events[0].type, "x.email.replied");
  EXPECT_EQ(reading.events[0].person.email, "ada@example.com");
  EXPECT_EQ(reading.events[0].message, "Yes, call me.\n\nAda");
  EXPECT_EQ(reading.events[0].signal.trust, Signal::Trust::human);
  EXPECT_EQ(reading.events[0].signal.message_id, "m1@hub.example");
}

TEST(MailEvents, KeepAnAnswerThatStandsBelowTheQuotedText) {
  EXPECT_EQ(read(answer("", "> Shall we call?\r\nYes.\r\n")).events.at(0).message, "Yes.");
}

TEST(MailEvents, BoundTheTextOfAnAnswer) {
  const std::string text = read(answer("", std::string(200'000, 'x'))).events.at(0).message;
  EXPECT_EQ(text.size(), limits::reply_bytes_max);
}

TEST(MailEvents, TellAutomaticAnswersFromAPersons) {
  for (const char* const header :
       {"Auto-Submitted: auto-replied\r\n", "X-Autoreply: yes\r\n", "Precedence: auto_reply\r\n",
        "Return-Path: <>\r\n", "Auto-Submitted: auto-generated (vacation)\r\n"}) {
    const MailReading reading = read(answer(header, "I am away.\r\n"));
    EXPECT_EQ(reading.kind, MailKind::automatic_answer) << header;
    ASSERT_THAT(reading.events, SizeIs(1));
    EXPECT_EQ(reading.events[0].type, "x.email.auto_replied");
    EXPECT_EQ(reading.events[0].message, "");
    EXPECT_EQ(reading.events[0].signal.trust, Signal::Trust::scanner);
  }
  EXPECT_EQ(read(answer("Auto-Submitted: no\r\n", "Yes.\r\n")).kind, MailKind::reply);
}

TEST(MailEvents, SayNothingOfListsAndOfMailsThatAnswerNothing) {
  EXPECT_EQ(read(answer("List-Id: <talk.example.com>\r\n", "Hello all\r\n")).kind, MailKind::other);
  EXPECT_EQ(read("From: a@example.com\r\nSubject: Buy now\r\n\r\nBuy.\r\n").kind, MailKind::other);
  EXPECT_EQ(read("").kind, MailKind::other);
}

TEST(MailEvents, HaveTheSameKeyForTheSameMail) {
  const std::string first = answer("Received: by mx1.example\r\n", "Yes.\r\n");
  const std::string again = answer("Received: by mx2.example\r\n", "Yes.\r\n");
  EXPECT_EQ(read(first).events.at(0).to_json(), read(again).events.at(0).to_json());
  const std::string other = "From: a@example.com\r\nIn-Reply-To: <m1@hub.example>\r\n\r\nYes.\r\n";
  EXPECT_NE(read(other).events.at(0).key, read(first).events.at(0).key);
  EXPECT_EQ(read(other).events.at(0).key, read(other).events.at(0).key);
}

TEST(MailEvents, DoNotBelieveADateInTheFuture) {
  const std::string mail =
      "From: a@example.com\r\nIn-Reply-To: <m1@hub.example>\r\nDate: Mon, 5 Jan 2099 10:00:00 "
      "+0000\r\n\r\nYes.\r\n";
  EXPECT_EQ(read(mail).events.at(0).occurred_at, "");
}

}  // namespace
}  // namespace leadhub::mailbox
