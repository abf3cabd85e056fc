#include "verify/mailbox_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/limits.hpp"

namespace leadhub::verify {
namespace {

std::optional<SmtpReply> take(std::string& text) {
  auto reply = take_reply(text);
  EXPECT_TRUE(reply) << text;
  return reply ? *reply : std::nullopt;
}

TEST(MailboxReply, TakesOneReplyAtATime) {
  std::string text = "250-first\r\n250-5.9.9 of another class\r\n250 2.1.5 last\r\n550 5.1.1 no\n221\r\nrest";
  EXPECT_EQ(take(text), (SmtpReply{250, "2.1.5"}));
  EXPECT_EQ(take(text), (SmtpReply{550, "5.1.1"}));
  EXPECT_EQ(take(text), (SmtpReply{221, ""}));
  EXPECT_EQ(text, "rest");
}

TEST(MailboxReply, WaitsForTheWhole) {
  std::string text;
  for (const char c : std::string{"250-a\r\n250 b\r"}) {
    text += c;
    EXPECT_EQ(take(text), std::nullopt);
  }
  text += '\n';
  EXPECT_EQ(take(text), (SmtpReply{250, ""}));
  EXPECT_EQ(text, "");
}

TEST(MailboxReply, RefusesWhatIsNoReply) {
  for (const std::string bad :
       {"\r\n", "hello\r\n", "25\r\n", "250x\r\n", "150 early\r\n", "600 late\r\n", "2a0 ok\r\n",
        "250-a\r\n550 b\r\n", "HTTP/1.1 400 Bad Request\r\n", "-250 a\r\n"}) {
    std::string text = bad;
    EXPECT_FALSE(take_reply(text)) << bad;
  }
}

TEST(MailboxReply, RefusesWhatIsTooLong) {
  std::string line = "250 " + std::string(limits::probe_reply_bytes_max, 'x');
  EXPECT_FALSE(take_reply(line));
  std::string lines;
  while (lines.size() <= limits::probe_reply_bytes_max) lines += "250-and so on\r\n";
  EXPECT_FALSE(take_reply(lines));
}

TEST(MailboxReply, KnowsAStatusFromOtherNumbers) {
  const auto status = [](std::string text) { return take_reply(text)->value().enhanced; };
  EXPECT_EQ(status("550 5.1.1 no\r\n"), "5.1.1");
  EXPECT_EQ(status("550 5.1.10\r\n"), "5.1.10");
  EXPECT_EQ(status("550-5.1.1 no\r\n550 5.7.1 x\r\n"), "5.1.1");
  EXPECT_EQ(status("550 5.1 no\r\n"), "");
  EXPECT_EQ(status("550 5.1.1234 no\r\n"), "");
  EXPECT_EQ(status("550 5.1.1no\r\n"), "");
  EXPECT_EQ(status("550 5.7.1.2 is blocked\r\n"), "");
  EXPECT_EQ(status("550 4.1.1 of another class\r\n"), "");
}

TEST(MailboxReply, ReadsWhatAServerMeans) {
  using enum RecipientAnswer;
  const std::vector<std::pair<SmtpReply, RecipientAnswer>> cases{
      {{250, "2.1.5"}, accepted},  {{251, ""}, accepted},
      {{252, "2.0.0"}, undecided}, {{550, "5.1.1"}, no_such_mailbox},
      {{550, ""}, refused},        {{551, ""}, refused},
      {{553, "5.5.0"}, refused},   {{550, "5.4.1"}, refused},
      {{550, "5.7.1"}, blocked},   {{554, "5.7.1"}, blocked},
      {{554, ""}, blocked},        {{530, ""}, blocked},
      {{550, "5.2.1"}, disabled},  {{552, "5.2.2"}, full},
      {{452, "4.2.2"}, full},      {{552, ""}, full},
      {{452, ""}, later},          {{451, "4.7.1"}, later},
      {{421, ""}, later},          {{450, "4.1.1"}, later},
      {{354, ""}, later}};
  for (const auto& [reply, meaning] : cases)
    EXPECT_EQ(read_recipient_answer(reply), meaning) << reply.code << ' ' << reply.enhanced;
}

}  // namespace
}  // namespace leadhub::verify
