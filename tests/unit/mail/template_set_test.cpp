#include "mail/template_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/preview_values.hpp"
#include "ops/limits.hpp"
#include "template_folder.hpp"

namespace leadhub::mail {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(BuiltInTemplates, AreSound) {
  TemplateFolder empty;
  EXPECT_THAT(empty.faults(), IsEmpty());
  TemplateFolder copy;
  for (const auto* name : {"confirm.md", "hand-off.md", "footer.md", "layout.html"}) {
    std::ifstream file{std::string{LEADHUB_SOURCE_DIR "/core/mail/built_in/"} + name};
    copy.write(name, std::string{std::istreambuf_iterator<char>{file}, {}});
  }
  EXPECT_THAT(copy.faults(), IsEmpty());
  const auto set = TemplateSet::built_in();
  EXPECT_THAT(set.names(), ElementsAre("confirm", "hand-off"));
  EXPECT_THAT(set.faults(*set.find("confirm"), MailKind::confirmation), IsEmpty());
  EXPECT_THAT(set.faults(*set.find("hand-off"), MailKind::hand_off), IsEmpty());
}

TEST(TemplateFolders, AreReadWithAllTheirParts) {
  TemplateFolder folder;
  folder.write(
      "welcome.md",
      "---\nsubject: Hi {{first_name|there}}\nfrom: Ada <ada@example.com>\nreply_to: hello@example.com\n"
      "layout: plain\n---\n{{> greeting}}\n");
  folder.write("partials/greeting.md", "Hello {{name}}\n");
  folder.write("plain.html", "<p>{{content}}</p>");
  folder.write("README.md", "how we write mails");
  const auto set = folder.load();
  EXPECT_THAT(folder.diagnostics, IsEmpty());
  ASSERT_NE(set.find("welcome"), nullptr);
  EXPECT_EQ(set.find("welcome")->from, (Mailbox{"Ada", "ada@example.com"}));
  EXPECT_EQ(set.find("welcome")->reply_to, (Mailbox{"", "hello@example.com"}));
  EXPECT_EQ(set.find("README"), nullptr);
}

TEST(TemplateFaults, OfFieldsStandAtTheirPlaceWithASuggestion) {
  TemplateFolder folder;
  folder.write_mail("welcome", "Hello\nÄh {{first_nam}}!\n");
  EXPECT_THAT(folder.faults(),
              ElementsAre("welcome.md:5:4: there is no field \"first_nam\"; did you mean \"first_name\"?"));
}

TEST(TemplateFaults, OfSectionsStandAtTheirPlace) {
  TemplateFolder folder;
  folder.write_mail("welcome", "{{#company}}\nat work\n");
  EXPECT_THAT(folder.faults(),
              ElementsAre(StartsWith("welcome.md:4:1: the section {{#company}} is not closed")));
}

TEST(TemplateFaults, OfHeadersStandWithinTheFrontMatter) {
  TemplateFolder folder;
  folder.write("a.md", "---\nsubject: Hi {{nam}}\npreheader: \"So {{#x}}\"\n---\nHello\n");
  folder.write("b.md", "---\nsubject: Hi\ntext: |\n  Hello\n  you {{nam}}\n---\nHello\n");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("a.md:2:13: there is no field \"nam\""),
                                           StartsWith("a.md:3:16: the section {{#x}} is not closed"),
                                           StartsWith("a.md:3:16: there is no field \"x\""),
                                           StartsWith("b.md:5:7: there is no field \"nam\"")));
}

TEST(TemplateFaults, OfFrontMatterAreSaid) {
  TemplateFolder folder;
  folder.write("a.md", "Hello\n");
  folder.write("b.md", "---\nsubject: Hi\n");
  folder.write("c.md", "---\nsubjct: Hi\n---\nHello\n");
  folder.write("d.md", "---\nsubject: \"Hi\\nBcc: x@example.com\"\nfrom: nobody\n---\nHello\n");
  folder.write("e.md", "---\nsubject: 12\nlayout: plane\n---\nHello\n");
  folder.write("f.md", "---\nsubject: Hi\n---\n  \n");
  EXPECT_THAT(
      folder.faults(),
      ElementsAre(StartsWith("a.md:1:1: there is no front matter"),
                  StartsWith("b.md:1:1: the front matter does not end"),
                  StartsWith("c.md:1:1: the mail has no subject"),
                  StartsWith("c.md:2:1: there is no key \"subjct\"; did you mean \"subject\"?"),
                  StartsWith("d.md:2:10: subject is one line"), StartsWith("d.md:3:7: from is no mailbox"),
                  StartsWith("e.md:2:10: subject is a text"),
                  StartsWith("e.md:3:9: there is no layout \"plane\""),
                  StartsWith("f.md:4:1: the mail says nothing")));
}

TEST(TemplateFaults, OfPartials) {
  TemplateFolder folder;
  folder.write_mail("a", "{{> signatur}}");
  folder.write("partials/signature.md", "{{> signature}} {{nam}}");
  folder.write_mail("b", "{{> signature}}");
  EXPECT_THAT(
      folder.faults(),
      ElementsAre("a.md:4:1: there is no partial \"signatur\"; did you mean \"signature\"?",
                  StartsWith("partials/signature.md:1:1: the partial \"signature\" names itself again"),
                  StartsWith("partials/signature.md:1:17: there is no field \"nam\"")));
}

TEST(TemplateFaults, OfPartialsInACircleOfTwo) {
  TemplateFolder folder;
  folder.write_mail("a", "{{> x}}");
  folder.write("partials/x.md", "{{> y}}");
  folder.write("partials/y.md", "{{> x}}");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("partials/y.md:1:1: the partial \"x\" names itself")));
}

TEST(TemplateFaults, OfPartialsThatMultiply) {
  TemplateFolder folder;
  std::string all;
  folder.write_mail("a", "{{> p0}}");
  for (int i = 0; i < 7; ++i) {
    std::string inner;
    for (int k = 0; k < 50; ++k) inner += "{{> p" + std::to_string(i + 1) + "}}";
    folder.write("partials/p" + std::to_string(i) + ".md", inner);
  }
  folder.write("partials/p7.md", "x");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("a.md:4:1: with its partials the template grows")));
}

TEST(TemplateFaults, OfListsWithinLists) {
  TemplateFolder folder;
  folder.write_mail("a", "{{#tags}}{{#timeline}}{{type}}{{/timeline}}{{/tags}}");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("a.md:4:10: a list within a list")));
}

TEST(TemplateFaults, OfListsShownAsText) {
  TemplateFolder folder;
  folder.write_mail("a", "{{timeline}} {{missed}} {{.}}");
  EXPECT_THAT(folder.faults(),
              ElementsAre(StartsWith("a.md:4:1: timeline is a list"), StartsWith("a.md:4:14: missed is true"),
                          StartsWith("a.md:4:25: {{.}} is the entry of a list")));
}

TEST(TemplateFaults, OfLinksAndHtml) {
  TemplateFolder folder;
  folder.write_mail("a",
                    "[a]({{company}})\n\n[b](/path) and <b>x</b>\n\n[c](https://{{company}}.example/)\n");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("a.md:4:5: a value must not choose where a link leads"),
                                           StartsWith("a.md:6:5: a link of a mail leads to a whole address"),
                                           StartsWith("a.md:6:16: HTML has no place"),
                                           StartsWith("a.md:8:13: a value must not choose")));
}

TEST(TemplateFaults, OfLinksThatAreFineAreNone) {
  TemplateFolder folder;
  folder.write_mail("a",
                    "[a](https://x.example/?lead={{id}}) [b]({{public_url}}/x) [c](mailto:{{email}}) "
                    "[d](tel:{{phone}}) [e](https://x.example) <https://y.example>\n");
  EXPECT_THAT(folder.faults(), IsEmpty());
}

TEST(TemplateFaults, OfLayouts) {
  TemplateFolder folder;
  folder.write("a.html", "---\nstyles: {pp: \"\"}\n---\n<p {{subject}}>{{first_name}}</p>");
  folder.write("b.html", "<!-- {{footer}} -->\n{{#preheader}}{{content}}{{/preheader}}");
  EXPECT_THAT(folder.faults(), ElementsAre(StartsWith("a.html:2:10: Markdown makes no element \"pp\""),
                                           StartsWith("a.html:4:1: the layout has no place for the mail"),
                                           StartsWith("a.html:4:4: {{subject}} is text"),
                                           StartsWith("a.html:4:16: a layout has no field \"first_name\""),
                                           StartsWith("b.html:1:6: {{footer}} in a comment"),
                                           StartsWith("b.html:2:15: {{content}} must always be there")));
}

TEST(TemplateFaults, OfFootersWithoutAWayOut) {
  TemplateFolder folder;
  folder.write("footer.md", "{{#company}}{{postal_address}}{{/company}}");
  EXPECT_THAT(folder.faults(),
              ElementsAre(HasSubstr("{{unsubscribe_url}} outside"), HasSubstr("{{postal_address}} outside")));
}

TEST(TemplateFaults, OfFilesThatAreTooLargeOrNoText) {
  TemplateFolder folder;
  folder.write("a.md", std::string(limits::mail_template_bytes_max + 1, 'x'));
  folder.write("b.md", "---\nsubject: \xff\n---\nx");
  EXPECT_THAT(folder.faults(), Contains(HasSubstr("a.md: the file is larger than")));
  EXPECT_THAT(folder.faults(), Contains(StartsWith("b.md:2:10: this is no text")));
}

TEST(TemplateUse, IsCheckedForTheKindOfMail) {
  TemplateFolder folder;
  folder.write_mail("a", "Hi {{first_name}}, see {{confirm_url}}");
  const auto set = folder.load();
  EXPECT_THAT(folder.diagnostics, IsEmpty());
  const auto& mail = *set.find("a");
  ASSERT_EQ(set.faults(mail, MailKind::confirmation).size(), 1U);
  EXPECT_EQ(set.faults(mail, MailKind::confirmation)[0].message,
            "a confirmation mail has no field \"first_name\"; it is one of marketing and hand-off mails");
  EXPECT_EQ(set.faults(mail, MailKind::confirmation)[0].position, (config::Position{4, 4}));
  ASSERT_EQ(set.faults(mail, MailKind::marketing).size(), 1U);
  EXPECT_EQ(set.faults(mail, MailKind::marketing)[0].position, (config::Position{4, 24}));
}

TEST(FieldTable, StandsInTheDocumentation) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/docs/mails.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};
  for (const auto& field : fields()) EXPECT_THAT(page, HasSubstr("| `" + std::string{field.name} + "` | "));
}

TEST(PreviewValues, FillEachFieldOfTheTable) {
  TemplateFolder folder;
  std::string body;
  for (const auto& field : fields())
    if (field.kinds.find('h') != std::string_view::npos && field.type != FieldType::records &&
        field.type != FieldType::truth && field.name.find_first_of("[*") == std::string_view::npos)
      body += std::string{field.name} + "=({{" + std::string{field.name} + "|EMPTY}})\n";
  folder.write_mail("all", body + "{{attributes.plan}} {{#timeline}}{{type}}: {{message}}{{/timeline}}");
  const auto set = folder.load();
  EXPECT_THAT(folder.diagnostics, IsEmpty());
  const auto& mail = *set.find("all");
  EXPECT_EQ(fitting_kind(set, mail), MailKind::hand_off);
  const auto rendered = set.render(mail, MailKind::hand_off, sample_values(mail));
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_THAT(rendered->text, HasSubstr("sample demo.requested: Can it compose music?"));
  EXPECT_THAT(rendered->text, HasSubstr("events_before=(EMPTY)"));
  EXPECT_EQ(rendered->text.find("EMPTY"), rendered->text.rfind("EMPTY")) << rendered->text;
}

TEST(PreviewValues, OfALeadAreThoseOfItsDocument) {
  const auto values = lead_values(nlohmann::ordered_json::parse(R"({
      "email": "ada@example.com", "name": "Ada Lovelace", "company": "Engines", "owner": "Charles",
      "contact_points": [{"kind": "email", "canonical": "ada@example.com", "verified_at": "2026-01-05T12:00:00Z"},
                         {"kind": "telegram", "canonical": "7"}],
      "scores": [{"rule": "asked", "points": 50, "at": "2026-01-05T12:00:00Z"}, {"rule": "free", "points": -10}],
      "timeline": [{"type": "chat.message", "channel": "chat", "event": {"message": "Hello"}}]})"));
  EXPECT_EQ(values["lead"], "Ada Lovelace (Engines)");
  EXPECT_EQ(values["owner_name"], "Charles");
  ASSERT_EQ(values["contacts"].size(), 1U);
  EXPECT_EQ(values["contacts"][0]["confirmed"], true);
  EXPECT_EQ(values["scores"][0]["points"], "+50");
  EXPECT_EQ(values["scores"][1]["points"], "-10");
  EXPECT_EQ(values["timeline"][0]["message"], "Hello");
}

}  // namespace
}  // namespace leadhub::mail
