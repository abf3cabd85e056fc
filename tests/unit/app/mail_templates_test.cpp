#include "app/mail_templates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "config_file.hpp"

namespace leadhub::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto hub_yaml = R"(channels:
  news:
    plugin: newsletter
    config: {provider: native, list: news, text: News please, double_opt_in: {template: ask, expires: 48h}}
  mail:
    plugin: email
    config: {transport: maildir, directory: mail, from: ada@example.com, postal_address: 12 Square}
nurture:
  templates: mails
  journeys:
    welcome:
      enter: {event.type: newsletter.subscribed}
      steps:
        - send: {template: welcome, via: mail}
        - if: {lead.score: {gte: 20}}
          then: [{send: {template: wellcome, via: mail}}]
)";

class MailTemplates : public ::testing::Test {
 protected:
  void write_mail(const std::string& name, const std::string& body) {
    std::filesystem::create_directories(file.folder() / "mails");
    std::ofstream{file.folder() / "mails" / (name + ".md")} << "---\nsubject: Hello\n---\n" << body << "\n";
  }

  std::vector<std::string> messages() {
    std::vector<std::string> texts;
    for (const auto& diagnostic : load(file.path()).diagnostics)
      texts.push_back(config::to_text(diagnostic).substr(file.folder().string().size() + 1));
    return texts;
  }

  test::ConfigFile file{hub_yaml};
};

TEST_F(MailTemplates, AreMissingAltogetherWithANotice) {
  EXPECT_THAT(messages(), ElementsAre(AllOf(HasSubstr("hub.yaml:9:14: notice: there is no folder"),
                                            EndsWith(R"("ask", "welcome", "wellcome")"))));
  const auto loaded = file.loaded();
  ASSERT_NE(loaded.templates, nullptr);
  EXPECT_NE(loaded.templates->find("confirm"), nullptr);
}

TEST_F(MailTemplates, ThatHubYamlNamesMustBeThere) {
  write_mail("welcome", "Hello");
  EXPECT_THAT(
      messages(),
      ElementsAre(
          AllOf(HasSubstr("hub.yaml:4:89: there is no template \"ask\"; write "), EndsWith("mails/ask.md")),
          AllOf(HasSubstr("hub.yaml:16:36: there is no template \"wellcome\"; did you mean \"welcome\"?"),
                EndsWith("mails/wellcome.md"))));
}

TEST_F(MailTemplates, OfMarketingNeedAChannelWithAPostalAddress) {
  std::string text = hub_yaml;
  text.erase(text.find(", postal_address: 12 Square"),
             std::string_view{", postal_address: 12 Square"}.size());
  file.write(text);
  for (const auto* name : {"ask", "welcome", "wellcome"})
    write_mail(name, name == std::string_view{"ask"} ? "{{confirm_url}}" : "Hello");
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("hub.yaml:14:28: the channel \"mail\" says no postal_address"),
                          HasSubstr("hub.yaml:16:36: the channel \"mail\" says no postal_address")));
}

TEST_F(MailTemplates, MustFitTheirUse) {
  write_mail("welcome", "Hello {{answer_url}}");
  write_mail("wellcome", "Hello {{first_name}}");
  write_mail("ask", "Hello {{first_name}}, [confirm]({{confirm_url}})");
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("mails/ask.md:4:7: a confirmation mail has no field \"first_name\""),
                          HasSubstr("mails/welcome.md:4:7: a marketing mail has no field \"answer_url\"")));
}

TEST_F(MailTemplates, ThatAreFineSayNothing) {
  write_mail("welcome", "Hello {{first_name}}");
  write_mail("wellcome", "Hello {{first_name}}");
  write_mail("ask", "[confirm]({{confirm_url}})");
  EXPECT_THAT(messages(), IsEmpty());
  const auto loaded = file.loaded();
  EXPECT_THAT(template_uses(*loaded.config), SizeIs(3));
  EXPECT_EQ(opt_in_template(*loaded.config, "news"), "ask");
  EXPECT_EQ(opt_in_template(*loaded.config, "mail"), "confirm");
  EXPECT_EQ(first_mail_channel(loaded), "mail");
  EXPECT_EQ(
      hub_values(*loaded.config, "mail"),
      (nlohmann::ordered_json{
          {"public_url", "http://localhost:8080"}, {"site", "localhost"}, {"postal_address", "12 Square"}}));
}

TEST(ExampleTemplates, AreSound) {
  const auto loaded = load(LEADHUB_SOURCE_DIR "/examples/hub.yaml");
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
  ASSERT_TRUE(loaded.config);
  EXPECT_THAT(template_uses(*loaded.config), SizeIs(7));
}

}  // namespace
}  // namespace leadhub::app
