#include "bounce_report.hpp"

#include <gmock/gmock.h>

#include "limits.hpp"

namespace leadhub::mailbox {
namespace {

using namespace std::string_literals;
using Bounce = sdk::Signal::Bounce;
using Outcome = FailedRecipient::Outcome;
using testing::IsEmpty;
using testing::SizeIs;

/// A report whose machine-readable part holds `fields`.
std::string report_with(const std::string& fields, const std::string& returned = "") {
  return "From: MAILER-DAEMON@mx.example\r\nTo: bounces@hub.example\r\nMessage-ID: <r1@mx.example>\r\n"
         "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
         "boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
         "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
         fields + "\r\n" + returned + "--b--\r\n";
}

BounceReport read(const std::string& bytes) {
  return read_bounce_report(read_message(bytes)).value_or(BounceReport{});
}

TEST(BounceReport, TakesAddressStatusAndReasonOfEachRecipient) {
  const BounceReport report =
      read(report_with("Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
                       "Diagnostic-Code: smtp; 550 5.1.1\r\n\tno such user\r\n\r\n"
                       "Final-Recipient: rfc822; alan@example.com\r\nAction: delayed\r\nStatus: 4.2.2\r\n",
                       "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m1@hub.example>\r\nSubject: "
                       "Hi\r\n\r\nHi\r\n"));
  ASSERT_THAT(report.recipients, SizeIs(2));
  EXPECT_EQ(report.recipients[0].address, "ada@example.com");
  EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
  EXPECT_EQ(report.recipients[0].status, "5.1.1");
  EXPECT_EQ(report.recipients[0].reason, "550 5.1.1 no such user");
  EXPECT_EQ(report.recipients[1].outcome, Outcome::delayed);
  EXPECT_EQ(report.message_id, "m1@hub.example");
}

TEST(BounceReport, TakesTheMessageIdOfHeadersThatAreReturnedAlone) {
  EXPECT_EQ(
      read(report_with("Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n",
                       "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Hi\r\nMessage-ID:\r\n"
                       " <m1@hub.example>\r\n"))
          .message_id,
      "m1@hub.example");
}

TEST(BounceReport, PrefersWhomWeWroteToToWhereItWasForwarded) {
  const BounceReport report = read(
      report_with("Original-Recipient: rfc822; ada+news@example.com\r\n"
                  "Final-Recipient: rfc822; box7@internal.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"));
  ASSERT_THAT(report.recipients, SizeIs(1));
  EXPECT_EQ(report.recipients[0].address, "ada+news@example.com");
}

TEST(BounceReport, DecodesTheXtextOfAnOriginalRecipient) {
  const BounceReport report = read(report_with(
      "Original-Recipient: rfc822; ada+2Bnews@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"));
  ASSERT_THAT(report.recipients, SizeIs(1));
  EXPECT_EQ(report.recipients[0].address, "ada+news@example.com");
}

constexpr const char* own_header =
    "To: Ada <ada@example.com>\r\nMessage-ID: <0198c0de-1234-7abc-8def-0123456789ab@hub.example>\r\nSubject: "
    "Hi\r\n";

TEST(BounceReport, MeansTheRecipientOfTheHubsOwnMailWhateverItCallsThem) {
  const std::string returned = std::string{"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"} + own_header;
  const BounceReport forwarded = read(report_with(
      "Final-Recipient: rfc822; box7@internal.example\r\nAction: failed\r\nStatus: 5.1.1\r\n", returned));
  ASSERT_THAT(forwarded.recipients, SizeIs(1));
  EXPECT_EQ(forwarded.recipients[0].address, "ada@example.com");
  EXPECT_EQ(forwarded.recipients[0].status, "5.1.1");
  EXPECT_THAT(read(report_with("Final-Recipient: rfc822; ada@example.com\r\nAction: delivered\r\n", returned))
                  .recipients,
              IsEmpty());

  const BounceReport nameless = read(
      "From: MAILER-DAEMON@mx.example\r\nSubject: Failure\r\n\r\nSorry, 5.2.2 screenname is over "
      "quota.\r\n\r\n"
      "--- Original message follows.\r\n\r\n" +
      std::string{own_header} + "\r\nHi\r\n");
  ASSERT_THAT(nameless.recipients, SizeIs(1));
  EXPECT_EQ(nameless.recipients[0].address, "ada@example.com");
  EXPECT_EQ(nameless.recipients[0].status, "5.2.2");
}

TEST(BounceReport, LeavesOutWhomTheMailReached) {
  const auto report = read_bounce_report(read_message(
      report_with("Final-Recipient: rfc822; ada@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
                  "Final-Recipient: rfc822; alan@example.com\r\nAction: relayed\r\nStatus: 2.0.0\r\n")));
  ASSERT_TRUE(report);
  EXPECT_THAT(report->recipients, IsEmpty());
}

TEST(BounceReport, NamesEachRecipientOnce) {
  EXPECT_THAT(
      read(report_with("Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
                       "Final-Recipient: rfc822; ADA@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
          .recipients,
      SizeIs(1));
}

TEST(BounceReport, ReadsReportsOfInternationalMail) {
  const std::string report =
      report_with("Final-Recipient: utf-8; j\xC3\xBCrgen@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n");
  ASSERT_THAT(read(report).recipients, SizeIs(1));
  EXPECT_EQ(read(report).recipients[0].address, "j\xC3\xBCrgen@example.com");
}

TEST(BounceReport, IsBoundedHoweverManyRecipientsThereAre) {
  std::string fields;
  for (int i = 0; i < 5000; ++i)
    fields += "Final-Recipient: rfc822; u" + std::to_string(i) +
              "@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n";
  EXPECT_THAT(read(report_with(fields)).recipients, SizeIs(limits::recipients_max));
}

TEST(BounceReport, KeepsToTheNoticeOfASystemThatHasNoReports) {
  const BounceReport report = read(
      "From: postmaster@mx.example\r\nTo: bounces@hub.example\r\nSubject: Undeliverable mail\r\n\r\n"
      "We could not deliver your message to\r\n\r\n  ada@example.com\r\n\r\n550 5.1.1 unknown. Ask "
      "postmaster@mx.example.\r\n\r\n"
      "----- Original message -----\r\nTo: somebody@else.example\r\nMessage-ID: <m1@hub.example>\r\n\r\nmail "
      "grace@example.com\r\n");
  ASSERT_THAT(report.recipients, SizeIs(1));
  EXPECT_EQ(report.recipients[0].address, "ada@example.com");
  EXPECT_EQ(report.recipients[0].status, "5.1.1");
  EXPECT_EQ(report.message_id, "m1@hub.example");
}

TEST(BounceReport, IsNoneWhereAPersonAnswersAboutABounce) {
  EXPECT_FALSE(read_bounce_report(read_message(
      "From: Ada <ada@example.com>\r\nTo: hello@hub.example\r\nSubject: Re: Undeliverable: your mail\r\n"
      "In-Reply-To: <m1@hub.example>\r\n\r\nYour mail to alan@example.com could not be delivered, he has "
      "left.\r\n")));
}

TEST(BounceReport, IsNoneWhereAnAbsenceNamesSomebodyElse) {
  EXPECT_FALSE(read_bounce_report(read_message(
      "Return-Path: <>\r\nFrom: Ada <ada@example.com>\r\nTo: hello@hub.example\r\nSubject: Absence\r\n"
      "In-Reply-To: <m1@hub.example>\r\nAuto-Submitted: auto-replied\r\n\r\n"
      "I have left; your mail did not reach me. Write to:\r\n\r\nalan@example.com\r\n")));
}

TEST(BounceReport, TakesWhateverComes) {
  for (const std::string& bytes : {std::string{}, std::string{"\r\n\r\n"}, std::string(1 << 20, '@'),
                                   std::string(1 << 20, '<'), std::string(200'000, '\n'),
                                   "From: mailer-daemon@x\r\n\r\n" + std::string(1 << 20, 'a') + "@b.example",
                                   "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: "
                                   "message/delivery-status\r\n\r\n\xFF\xFE\0:"s})
    EXPECT_THAT(read(bytes).recipients, SizeIs(testing::Le(1u))) << bytes.substr(0, 40);
}

/// A megabyte of addresses in one line, of opened multiparts, and of messages in messages.
TEST(BounceReport, StaysBoundedBeforeMailsMadeToHurt) {
  std::string addresses = "From: mailer-daemon@x.example\r\n\r\n";
  while (addresses.size() < limits::message_bytes_max) addresses += "<a@b.example> failed ";
  EXPECT_THAT(read(addresses).recipients, SizeIs(testing::Le(limits::recipients_max)));
  std::string nested;
  for (int i = 0; nested.size() < limits::message_bytes_max; ++i)
    nested += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
              std::to_string(i) + "\r\n";
  EXPECT_THAT(read_message(nested).parts, SizeIs(testing::Le(limits::parts_max)));
  std::string enclosed;
  while (enclosed.size() < limits::message_bytes_max) enclosed += "Content-Type: message/rfc822\r\n\r\n";
  EXPECT_THAT(read_message(enclosed).parts, SizeIs(testing::Le(limits::parts_max)));
}

struct ClassCase {
  std::string_view status, reason;
  Bounce expected;
};

class BounceClass : public testing::TestWithParam<ClassCase> {};

TEST_P(BounceClass, FollowsTheCodeThenTheWords) {
  EXPECT_EQ(bounce_class(GetParam().status, GetParam().reason), GetParam().expected)
      << GetParam().status << " " << GetParam().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BounceClass,
    testing::Values(
        ClassCase{"5.1.1", "", Bounce::hard}, ClassCase{"5.1.10", "", Bounce::hard},
        ClassCase{"5.1.8", "bad sender", Bounce::block}, ClassCase{"5.2.1", "disabled", Bounce::hard},
        ClassCase{"5.2.2", "mailbox full", Bounce::soft}, ClassCase{"4.2.2", "user unknown", Bounce::soft},
        ClassCase{"5.3.4", "message too big", Bounce::soft}, ClassCase{"5.4.4", "no mail host", Bounce::hard},
        ClassCase{"5.4.7", "expired", Bounce::soft}, ClassCase{"5.6.1", "", Bounce::block},
        ClassCase{"5.7.1", "spam", Bounce::block}, ClassCase{"5.7.13", "account disabled", Bounce::hard},
        ClassCase{"5.7.26", "unauthenticated", Bounce::block},
        ClassCase{"5.0.0", "User unknown", Bounce::hard},
        ClassCase{"5.0.0", "over quota; no such user list", Bounce::soft},
        ClassCase{"", "blocked by a blacklist", Bounce::block}, ClassCase{"", "", Bounce::soft}));

}  // namespace
}  // namespace leadhub::mailbox
