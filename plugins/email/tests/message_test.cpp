#include "message.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>

#include "support.hpp"

namespace leadhub::email {
namespace {

using testing::a_mail;
using testing::a_sender;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using ::testing::Not;
using testing::read_with_gmime;
using testing::read_with_python;

std::string refusal(const Mail& mail) {
  try {
    make_message(a_sender(), mail);
    return "was made";
  } catch (const sdk::ChannelError& error) {
    EXPECT_EQ(error.retry_class(), sdk::RetryClass::permanent);
    return error.what();
  }
}

TEST(Message, IsTheSameForTwoReaders) {
  auto mail = a_mail();
  mail.to_name = "Lovelace, Ada \"Zoë\" 日本";
  mail.subject = "Zwölf Räder für Ada, und dazu ein Betreff, der gewiss nicht in eine einzige Zeile passt";
  mail.text = "Liebe Ada,\n\nzwölf Räder = 12.\n.\nFrom here on\n trailing \n";
  mail.html = "<p>日本語</p>\n";
  const auto bytes = make_message(a_sender(), mail);

  const auto python = read_with_python(bytes);
  EXPECT_EQ(python["from"],
            Json::parse(R"([["Ada at Analytical Engines", "ada@analytical-engines.example"]])"));
  EXPECT_EQ(python["reply_to"], Json::parse(R"([["", "hello@analytical-engines.example"]])"));
  EXPECT_EQ(python["to"], Json::array({Json::array({mail.to_name, mail.to})}));
  EXPECT_EQ(python["subject"], mail.subject);
  EXPECT_EQ(python["message_id"], "<" + mail.message_id + ">");
  EXPECT_EQ(python["date"], "2026-01-05T12:00:00+00:00");
  EXPECT_EQ(python["list_unsubscribe"], "<https://engines.example/u/1>");
  EXPECT_EQ(python["type"], "multipart/alternative");
  EXPECT_EQ(
      python["parts"],
      Json::array(
          {{{"type", "text/plain"}, {"charset", "utf-8"}, {"text", mail.text}, {"defects", Json::array()}},
           {{"type", "text/html"}, {"charset", "utf-8"}, {"text", mail.html}, {"defects", Json::array()}}}));
  EXPECT_EQ(python["defects"], Json::array());
  EXPECT_EQ(python["is_ascii"], true);
  EXPECT_EQ(python["bare_line_ends"], 0);
  EXPECT_EQ(python["bare_line_ends_decoded"], 0) << "in base64 either";
  EXPECT_LE(python["longest_line"], 78);

  const auto gmime = read_with_gmime(bytes);
  ASSERT_TRUE(gmime);
  EXPECT_EQ(g_mime_message_get_subject(gmime.get()), mail.subject);
  EXPECT_EQ(g_mime_message_get_message_id(gmime.get()), mail.message_id);
  auto* to = internet_address_list_get_address(g_mime_message_get_to(gmime.get()), 0);
  EXPECT_EQ(internet_address_get_name(to), mail.to_name);
  EXPECT_EQ(g_date_time_to_unix(g_mime_message_get_date(gmime.get())), 1'767'614'400);
  auto* both = GMIME_MULTIPART(g_mime_message_get_mime_part(gmime.get()));
  ASSERT_EQ(g_mime_multipart_get_count(both), 2);
  for (int i = 0; i < 2; ++i) {
    char* text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(both, i)));
    std::string read{text};
    g_free(text);
    std::erase(read, '\r');
    EXPECT_EQ(read, i == 0 ? mail.text : mail.html);
  }
}

TEST(Message, IsFromWhomItSaysItselfAndElseFromTheChannelsSender) {
  auto mail = a_mail();
  mail.from = Mailbox{"Grace", "grace@analytical-engines.example"};
  mail.reply_to = Mailbox{"", "desk@analytical-engines.example"};
  const auto python = read_with_python(make_message(a_sender(), mail));
  EXPECT_EQ(python["from"], Json::parse(R"([["Grace", "grace@analytical-engines.example"]])"));
  EXPECT_EQ(python["reply_to"], Json::parse(R"([["", "desk@analytical-engines.example"]])"));
  mail.from->address = "grace@analytical-engines.example, bob@example.com";
  EXPECT_THAT(refusal(mail), HasSubstr("not one address"));
}

TEST(Message, WithoutHtmlIsOnePart) {
  auto mail = a_mail();
  mail.html.clear();
  mail.to_name.clear();
  mail.headers.clear();
  const auto python = read_with_python(make_message({{"", "ada@engines.example"}, std::nullopt}, mail));
  EXPECT_EQ(python["type"], "text/plain");
  EXPECT_EQ(python["to"], Json::parse(R"([["", "ada@example.com"]])"));
  EXPECT_EQ(python["from"], Json::parse(R"([["", "ada@engines.example"]])"));
  EXPECT_EQ(
      python["names"],
      Json::parse(R"(["Date", "From", "Subject", "To", "Message-Id", "MIME-Version", "Content-Type"])"));
}

TEST(Message, LongLinksStayWholeAndLongLinesEnd) {
  auto mail = a_mail();
  const std::string link = "<https://engines.example/u/" + std::string(600, 'x') + ">";
  mail.headers = {
      {"List-Unsubscribe", "<mailto:u@engines.example?subject=1>, " + link},
      {"X-Long", "many words " + std::string(120, 'w') + "  two blanks" + std::string(70, ' ') + "and more"},
      {"X-Empty", ""}};
  mail.text = std::string(5'000, 'a');
  const auto bytes = make_message(a_sender(), mail);
  EXPECT_THAT(bytes, HasSubstr("\r\n " + link + "\r\n"));
  const auto python = read_with_python(bytes);
  EXPECT_EQ(python["list_unsubscribe"], "<mailto:u@engines.example?subject=1>, " + link);
  EXPECT_EQ(python["x_long"], mail.headers[1].second);
  EXPECT_EQ(python["parts"][0]["text"], mail.text + "\n");
  EXPECT_LE(python["longest_line"], 998);
  EXPECT_EQ(python["defects"], Json::array());
  mail.headers = {{"X-Endless", std::string(2'000, 'x')}};
  EXPECT_EQ(refusal(mail),
            "the mail cannot be sent: the header X-Endless has a word of 2000 bytes, which no line of a mail "
            "can hold");
}

TEST(Message, HeadersBeyondAsciiAreEncodedWords) {
  auto mail = a_mail();
  mail.headers = {{"X-Long", "zwölf Räder für Ada"}};
  const auto python = read_with_python(make_message(a_sender(), mail));
  EXPECT_EQ(python["x_long"], "zwölf Räder für Ada");
  EXPECT_EQ(python["is_ascii"], true);
}

TEST(Message, InternationalDomainsGoAsALabelsAndLocalPartsAsTheyAre) {
  auto mail = a_mail();
  mail.to = "ada@bücher.example";
  mail.to_name.clear();
  EXPECT_THAT(make_message(a_sender(), mail), HasSubstr("\r\nTo: ada@xn--bcher-kva.example\r\n"));
  mail.to = "zoë@bücher.example";
  EXPECT_THAT(make_message(a_sender(), mail), HasSubstr("\r\nTo: zoë@xn--bcher-kva.example\r\n"));
  Sender sender{*read_mailbox("Bücher <info@bücher.example>"), std::nullopt};
  mail.to = "ada@example.com";
  EXPECT_THAT(make_message(sender, mail), HasSubstr("<info@xn--bcher-kva.example>\r\n"));
}

TEST(Message, QuotedLocalPartsSurvive) {
  auto mail = a_mail();
  mail.to = "\"ada, countess\"@example.com";
  EXPECT_EQ(read_with_python(make_message(a_sender(), mail))["to"],
            Json::array({Json::array({"Ada Lovelace", mail.to})}));
}

TEST(Message, ARecipientThatCouldBeTwoIsRefused) {
  for (const auto* to :
       {"", "ada", "@example.com", "ada@", "ada@example.com, eve@example.com",
        "ada@example.com>, <eve@example.com", "Ada <ada@example.com>", "<ada@example.com>",
        "ada@example.com (Ada)", "friends: ada@example.com;", "ada lovelace@example.com",
        "ada@example.com\r\nBcc: eve@example.com", "ada@example.com eve@example.com",
        "ada@example.com;eve@example.com", " ada@example.com", "<@a.example:ada@example.com>"}) {
    auto mail = a_mail();
    mail.to = to;
    EXPECT_EQ(refusal(mail), "the mail cannot be sent: the recipient is not one address") << to;
  }
}

TEST(Message, NoFieldCanAddAHeader) {
  const std::string injected = "x\r\nBcc: eve@example.com\r\nX-Injected: 1\r\n\r\nbody";
  for (const auto field : {&Mail::subject, &Mail::to_name}) {
    auto mail = a_mail();
    mail.*field = injected;
    const auto bytes = make_message(a_sender(), mail);
    EXPECT_THAT(bytes, Not(HasSubstr("\nBcc"))) << bytes;
    EXPECT_THAT(bytes, Not(HasSubstr("\nX-Injected"))) << bytes;
  }
  auto mail = a_mail();
  mail.message_id = "1@engines.example>\r\nBcc: <eve@example.com";
  EXPECT_EQ(refusal(mail), "the mail cannot be sent: the message id is not like id@domain");
  for (const auto* name :
       {"\"Ada\" <eve@example.com>", "eve@example.com,", "=?utf-8?q?=0D=0ABcc:?=", "Ada\\", "\""}) {
    mail = a_mail();
    mail.to_name = name;
    const auto python = read_with_python(make_message(a_sender(), mail));
    EXPECT_EQ(python["to"].size(), 1) << name;
    EXPECT_EQ(python["to"][0][1], "ada@example.com") << name;
    EXPECT_EQ(python["names"].size(), 10) << name;
    mail = a_mail();
    mail.subject = name;
    EXPECT_EQ(read_with_python(make_message(a_sender(), mail))["names"].size(), 10) << name;
  }
}

TEST(Message, IsReadWithWordsAsTheyStand) {
  const auto mail = read_mail(R"({"type": "mail", "subject": "=?utf-8?q?a?=", "to_name": "=?x",
    "from": {"name": "=?y", "address": "a@example.com"}, "reply_to": {"name": "= ?z", "address": "b@example.com"}})");
  EXPECT_EQ(mail.subject, "= ?utf-8?q?a?=");
  EXPECT_EQ(mail.to_name, "= ?x");
  ASSERT_TRUE(mail.from && mail.reply_to);
  EXPECT_EQ(mail.from->name, "= ?y");
  EXPECT_EQ(mail.reply_to->name, "= ?z") << "and once is enough";
}

TEST(Message, WantsAnIdAndADate) {
  for (const auto* id : {"", "id", "@domain", "id@", "a@b@c", "a b@c", "<a@b>", "ä@b", "a@[b]"}) {
    auto mail = a_mail();
    mail.message_id = id;
    EXPECT_EQ(refusal(mail), "the mail cannot be sent: the message id is not like id@domain") << id;
  }
  auto mail = a_mail();
  mail.date = "yesterday";
  EXPECT_EQ(refusal(mail), "the mail cannot be sent: the date is not RFC 3339");
}

TEST(ReadMailbox, TakesOneAddressWithOrWithoutAName) {
  const auto with = read_mailbox("Ada at Analytical Engines <ada@analytical-engines.example>");
  ASSERT_TRUE(with);
  EXPECT_EQ(with->name, "Ada at Analytical Engines");
  EXPECT_EQ(with->address, "ada@analytical-engines.example");
  const auto without = read_mailbox("hello@analytical-engines.example");
  ASSERT_TRUE(without);
  EXPECT_THAT(without->name, IsEmpty());
  for (const auto* text : {"", "a", "a@b, c@d", "group: a@b;", "a@b\r\nBcc: c@d", "a@b\n", "@b", "a@"})
    EXPECT_FALSE(read_mailbox(text)) << text;
}

}  // namespace
}  // namespace leadhub::email
