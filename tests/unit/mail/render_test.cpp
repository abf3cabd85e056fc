#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/template_set.hpp"
#include "template_folder.hpp"

namespace leadhub::mail {
namespace {

using nlohmann::ordered_json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Rendering : public ::testing::Test {
 protected:
  RenderedMail rendered(const std::string& body, const ordered_json& more = ordered_json::object(),
                        MailKind kind = MailKind::marketing) {
    folder.write_mail("mail", body);
    return rendered_file(more, kind);
  }
  RenderedMail rendered_file(const ordered_json& more = ordered_json::object(),
                             MailKind kind = MailKind::marketing) {
    const auto set = folder.load();
    EXPECT_THAT(folder.diagnostics, IsEmpty()) << config::to_text(folder.diagnostics.front());
    auto values = marketing_values();
    values.update(more);
    auto mail = set.render(*set.find("mail"), kind, values);
    EXPECT_TRUE(mail) << mail.error().message;
    return mail.value_or(RenderedMail{});
  }

  TemplateFolder folder;
};

TEST_F(Rendering, PutsFieldsAndDefaultsIn) {
  folder.write(
      "mail.md",
      "---\nsubject: Hi {{first_name|there}}\npreheader: From {{city|afar}}\n---\nDear {{name|you}},\n");
  auto mail = rendered_file({{"first_name", "Ada"}, {"name", "Ada Lovelace"}});
  EXPECT_EQ(mail.subject, "Hi Ada");
  EXPECT_EQ(mail.preheader, "From afar");
  EXPECT_THAT(mail.text, StartsWith("Dear Ada Lovelace,\n"));
  EXPECT_THAT(mail.html, HasSubstr(">Dear Ada Lovelace,</p>"));
  mail = rendered_file({{"first_name", ""}, {"name", nullptr}, {"city", " \n"}});
  EXPECT_EQ(mail.subject, "Hi there");
  EXPECT_EQ(mail.preheader, "From afar");
  EXPECT_THAT(mail.text, StartsWith("Dear you,\n"));
}

TEST_F(Rendering, DecidesSectionsByPresence) {
  const std::string body = "Hi{{#company}} at {{company}}{{/company}}{{^company}} alone{{/company}}!\n";
  EXPECT_THAT(rendered(body, {{"company", "Engines"}}).text, StartsWith("Hi at Engines!\n"));
  EXPECT_THAT(rendered(body).text, StartsWith("Hi alone!\n"));
}

TEST_F(Rendering, RepeatsSectionsOverLists) {
  const ordered_json tags{{"tags", {"one", "two"}}};
  EXPECT_THAT(rendered("{{#tags}}\n- {{.}}\n{{/tags}}\n", tags).text, StartsWith("- one\n- two\n"));
  EXPECT_THAT(rendered("All: {{tags}}\n", tags).text, StartsWith("All: one, two\n"));
  EXPECT_THAT(rendered("{{^tags}}none{{/tags}}", {{"tags", ordered_json::array()}}).text,
              StartsWith("none\n"));
}

TEST_F(Rendering, ReadsAttributesOfEachType) {
  const ordered_json lead{
      {"attributes", {{"plan", "pro"}, {"size", 250}, {"vip", true}, {"no", false}, {"a.b", {"x", "y"}}}}};
  EXPECT_THAT(
      rendered("{{attributes.plan}} {{attributes.size}}{{#attributes.vip}} vip{{/attributes.vip}}"
               "{{#attributes.no}} no{{/attributes.no}} {{#attributes.a.b}}<{{.}}>{{/attributes.a.b}}",
               lead)
          .text,
      StartsWith("pro 250 vip <x><y>\n"));
}

TEST_F(Rendering, ShowsRecordsAndWhatIsAroundThem) {
  const ordered_json lead{{"name", "Ada"},
                          {"timeline",
                           {{{"type", "form.submitted"}, {"occurred_at", "2026-01-07T12:00:05Z"}},
                            {{"type", "chat.message"}, {"message", "hello\nthere"}}}}};
  EXPECT_THAT(
      rendered("{{#timeline}}\n- {{occurred_at}} {{type}} {{name}} {{message|nothing}}\n{{/timeline}}\n",
               lead, MailKind::hand_off)
          .text,
      StartsWith("- 2026-01-07 12:00 UTC form.submitted Ada nothing\n- chat.message Ada hello there\n"));
}

TEST_F(Rendering, PutsPartialsIn) {
  folder.write("partials/sign.md", "Yours,\n{{owner|the team}}\n");
  EXPECT_THAT(rendered("Hello\n\n{{> sign}}\n").text, StartsWith("Hello\n\nYours, the team\n"));
}

TEST_F(Rendering, WritesTextWithoutMarkup) {
  const auto text = rendered(
                        "# A *big* day\n\nRead **this** and `that`, [our guide](https://x.example/guide) or "
                        "<https://y.example>.\n\n1. one\n2. two\n   - three\n\n> quoted\n\n![a "
                        "picture](https://z.example/p.png)\n")
                        .text;
  EXPECT_THAT(text,
              StartsWith("A big day\n\nRead this and that, our guide (https://x.example/guide) or "
                         "https://y.example.\n\n1. one\n2. two\n   - three\n\n    quoted\n\na picture\n"));
}

TEST_F(Rendering, WrapsTextAt78Columns) {
  std::string words;
  for (int i = 0; i < 100; ++i) words += "wörter ";
  const auto text = rendered("- " + words).text;
  std::istringstream lines{text};
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("- ") && !line.starts_with("  ")) continue;
    longest = std::max<std::size_t>(longest, static_cast<std::size_t>(std::ranges::count_if(
                                                 line, [](char c) { return (c & 0xC0) != 0x80; })));
  }
  EXPECT_LE(longest, 78U);
  EXPECT_GT(longest, 70U);
}

TEST_F(Rendering, TakesTheTextOverride) {
  folder.write("mail.md", "---\nsubject: Hi\ntext: |\n  Plain {{first_name}}\n---\n# Rich\n");
  const auto mail = rendered_file({{"first_name", "Ada"}});
  EXPECT_THAT(mail.text, StartsWith("Plain Ada\n"));
  EXPECT_THAT(mail.text, Not(HasSubstr("Rich")));
}

TEST_F(Rendering, InlinesTheStylesOfTheLayout) {
  folder.write("layout.html",
               "---\nstyles: {p: \"margin:0\", button: \"color:#fff\", a: "
               "'font:\"x\"'}\n---\n<b>{{content}}</b>{{footer}}");
  const auto html = rendered("Hello\n\n**[Go](https://x.example)**\n\n[no](https://y.example)\n").html;
  EXPECT_THAT(html, HasSubstr("<b><p style=\"margin:0;\">Hello</p>"));
  EXPECT_THAT(
      html,
      HasSubstr(
          "<strong><a class=\"button\" style=\"color:#fff;\" href=\"https://x.example\">Go</a></strong>"));
  EXPECT_THAT(rendered("So **[go](https://x.example)**\n").html, Not(HasSubstr("class=\"button\"")));
  EXPECT_THAT(html, HasSubstr("<a style=\"font:&quot;x&quot;;\" href=\"https://y.example\">no</a>"));
}

TEST_F(Rendering, EndsMarketingMailsWithAddressAndUnsubscribeLink) {
  const auto mail = rendered("Hello\n");
  EXPECT_THAT(
      mail.text,
      HasSubstr("Hello\n\n12 St James's Square, London\n\nUnsubscribe (https://hub.example/u/token)"));
  EXPECT_THAT(mail.html, HasSubstr("12 St James's Square, London"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"https://hub.example/u/token\">Unsubscribe</a>"));
}

TEST_F(Rendering, EndsThemSoWhateverTheLayoutAndTheTextSay) {
  folder.write("layout.html", "<html><body>{{content}}</body></html>");
  folder.write("mail.md", "---\nsubject: Hi\ntext: Plain\n---\nRich\n");
  const auto mail = rendered_file();
  EXPECT_THAT(mail.text, HasSubstr("Unsubscribe (https://hub.example/u/token)"));
  EXPECT_THAT(mail.text, HasSubstr("12 St James's Square"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"https://hub.example/u/token\">Unsubscribe</a>"));
  EXPECT_THAT(mail.html, HasSubstr("12 St James's Square"));
  EXPECT_THAT(mail.html, EndsWith("</body></html>"));
}

TEST_F(Rendering, RefusesMarketingMailsWithoutThem) {
  folder.write_mail("mail", "Hello");
  const auto set = folder.load();
  for (const auto* name : {"unsubscribe_url", "postal_address"}) {
    auto values = marketing_values();
    values.erase(name);
    const auto mail = set.render(*set.find("mail"), MailKind::marketing, values);
    ASSERT_FALSE(mail);
    EXPECT_THAT(mail.error().message, HasSubstr(name));
  }
}

TEST_F(Rendering, LeavesOtherMailsWithoutAFooter) {
  const auto mail = rendered("Hello\n", ordered_json::object(), MailKind::hand_off);
  EXPECT_EQ(mail.text, "Hello\n");
  EXPECT_THAT(mail.html, Not(HasSubstr("nsubscribe")));
}

TEST_F(Rendering, KeepsPercentEncodedValuesInLinks) {
  const auto mail = rendered("[book](https://x.example/?lead={{id}}&c={{company}}) [write](mailto:{{email}})",
                             {{"id", "a/b?c#d"}, {"company", "A & B \"C\""}, {"email", "ada@example.com"}});
  EXPECT_THAT(mail.html,
              HasSubstr("href=\"https://x.example/?lead=a%2Fb%3Fc%23d&amp;c=A%20%26%20B%20%22C%22\""));
  EXPECT_THAT(mail.text, HasSubstr("(https://x.example/?lead=a%2Fb%3Fc%23d&c=A%20%26%20B%20%22C%22)"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"mailto:ada@example.com\""));
}

TEST_F(Rendering, KeepsHeadersInOneLineAndBounded) {
  folder.write("mail.md", "---\nsubject: Hi {{name}}\npreheader: So {{name}}\n---\nx\n");
  auto mail = rendered_file({{"name", "a\r\nBcc: b@example.com\x01\u202e"}});
  EXPECT_EQ(mail.subject, "Hi a Bcc: b@example.\u200Bcom");
  mail = rendered_file({{"name", std::string(100'000, 'x')}});
  EXPECT_LE(mail.subject.size(), 1024U);
  EXPECT_LE(mail.preheader.size(), 303U);
}

TEST(ConfirmTemplate, AsksAsItAlwaysDid) {
  const auto set = TemplateSet::built_in();
  const auto mail = set.render(*set.find("confirm"), MailKind::confirmation,
                               {{"site", "hub.example"},
                                {"confirm_url", "https://hub.example/c/token"},
                                {"expires", "2026-01-07T12:00:00Z"},
                                {"consent_text", "Send me Engine News."}});
  ASSERT_TRUE(mail) << mail.error().message;
  EXPECT_EQ(mail->subject, "Please confirm your subscription");
  EXPECT_EQ(mail->text,
            "Somebody, we hope it was you, gave this address at hub.example and agreed:\n\n"
            "    Send me Engine News.\n\nTo confirm, open this page and press the button:\n\n"
            "Confirm:\nhttps://hub.example/c/token\n\n"
            "The link works until 2026-01-07 12:00 UTC. If it was not you, do nothing:\n"
            "without your confirmation we send you nothing more.\n");
  EXPECT_THAT(mail->html, HasSubstr("href=\"https://hub.example/c/token\">Confirm</a>"));
}

}  // namespace
}  // namespace leadhub::mail
