#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A hub with one template of its own.
class Templates : public testing::Test {
 protected:
  Templates() : hub_(example_config()) {
    std::filesystem::create_directories(folder());
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates", folder(),
                          std::filesystem::copy_options::recursive);
    write(
        "greeting",
        "---\nsubject: Hello {{first_name|there}}\n---\n**[Meet us](https://example.com/?c={{company}})**\n");
  }

  [[nodiscard]] std::filesystem::path folder() const { return hub_.folder() / "templates"; }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder() / (name + ".md")).string();
  }
  void write(const std::string& name, const std::string& text) const { write_file(file(name), text); }

  HubProcess hub_;
};

TEST_F(Templates, AreShownWithSamplesWhileNoHubRuns) {
  const auto html = (hub_.folder() / "greeting.html").string();
  const auto shown = hub_.run({"template", "preview", file("greeting"), "--html", html});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out,
              StartsWith("Subject: Hello Ada\n\nMeet us:\nhttps://example.com/?c=Analytical%20Engines\n"));
  EXPECT_THAT(shown.out, HasSubstr("Unsubscribe (http://localhost:8080/u/sample)"));
  EXPECT_THAT(read_file(html),
              AllOf(HasSubstr("href=\"https://example.com/?c=Analytical%20Engines\">Meet us</a>"),
                    HasSubstr("12 St James")));
}

TEST_F(Templates, SayWhatIsWrongWithThemAtTheirPlace) {
  write("greeting", "---\nsubject: Hello\n---\n{{frist_name}}\n");
  const auto shown = hub_.run({"template", "preview", file("greeting")});
  EXPECT_EQ(shown.code, 78);
  EXPECT_EQ(shown.err,
            file("greeting") + ":4:1: there is no field \"frist_name\"; did you mean \"first_name\"?\n");
  const auto checked = hub_.run({"validate", (hub_.folder() / "hub.yaml").string()});
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, HasSubstr("templates/greeting.md:4:1: there is no field \"frist_name\""));
}

TEST_F(Templates, AreFilledWithALeadOfTheRunningHub) {
  hub_.start();
  httplib::Client edge{"127.0.0.1", hub_.edge_port()};
  ASSERT_TRUE(edge.Post("/in/website",
                        "your-email=grace%40example.com&your-name=Grace+Hopper&company=%3Cb%3EEvil%3C%2Fb%3E",
                        "application/x-www-form-urlencoded"));
  static_cast<void>(hub_.lead("grace@example.com"));
  const auto shown =
      hub_.run({"template", "preview", file("greeting"), "--lead", "grace@example.com", "--json"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  const auto mail = json::parse(shown.out);
  EXPECT_EQ(mail["kind"], "marketing");
  EXPECT_EQ(mail["subject"], "Hello Grace");
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("?c=%3Cb%3EEvil%3C%2Fb%3E"));
  EXPECT_THAT(mail["html"].get<std::string>(), Not(HasSubstr("<b>")));
  EXPECT_EQ(hub_.run({"template", "preview", file("greeting"), "--lead", "nobody@example.com"}).code, 1);
}

TEST_F(Templates, AreSentToTheirAuthorForATest) {
  hub_.start();
  const auto sent =
      hub_.run({"template", "send-test", "greeting", "--to", "me@example.com", "--via", "mail"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_EQ(sent.out, "sent: [Test] Hello Ada\n");
  std::vector<std::string> mails;
  for (const auto& entry : std::filesystem::directory_iterator{hub_.folder() / "data" / "mail"})
    if (entry.path().extension() == ".eml") mails.push_back(read_file(entry.path()));
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_THAT(mails[0], AllOf(HasSubstr("Subject: [Test] Hello Ada"), HasSubstr("To: me@example.com"),
                              HasSubstr("multipart/alternative"), HasSubstr("12 St James")));

  const auto unknown =
      hub_.run({"template", "send-test", "greting", "--to", "me@example.com", "--via", "mail"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"greeting\"?"));
  EXPECT_THAT(hub_.run({"template", "send-test", "greeting", "--to", "me@example.com", "--via", "news"}).err,
              HasSubstr("there is no channel \"news\" that delivers mails"));
  EXPECT_EQ(hub_.run({"template", "send-test", "greeting", "--to", "no address", "--via", "mail"}).code, 1);
  EXPECT_EQ(hub_.run({"sending", "pause"}).code, 0);
  EXPECT_EQ(hub_.run({"template", "send-test", "greeting", "--to", "me@example.com", "--via", "mail"}).code,
            1);
}

}  // namespace
}  // namespace leadhub::e2e
