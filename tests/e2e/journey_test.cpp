#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.subscribed
      fields: {email: {to: email, required: true}, name: {to: name}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
)";

/// The example's journey, at any time of the day and with a short wait.
std::string config(const std::string& wait) {
  auto text = replaced(example_config(), "\nchannels:\n", std::string{"\nchannels:"} + signup);
  text = replaced(text, "        - wait: 3d\n", "        - wait: " + wait + "\n");
  return replaced(text, "  quiet_hours: {from: \"21:00\", to: \"08:00\"}", "");
}

class Journey : public testing::Test {
 protected:
  void start(const std::string& text) {
    hub_ = std::make_unique<HubProcess>(text);
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates",
                          hub_->folder() / "templates", std::filesystem::copy_options::recursive);
    hub_->start();
  }

  [[nodiscard]] httplib::Client edge() const { return httplib::Client{"127.0.0.1", hub_->edge_port()}; }

  void sign_up() const {
    const auto answer = edge().Post("/in/signup", "email=ada%40example.com&name=Ada&accept=yes",
                                    "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer);
    EXPECT_LT(answer->status, 400) << answer->body;
  }

  [[nodiscard]] std::vector<std::string> mails() const {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator{hub_->folder() / "data" / "mail", error})
      if (file.path().extension() == ".eml") found.push_back(read_file(file.path()));
    return found;
  }

  [[nodiscard]] std::vector<std::string> mails(std::size_t count) const {
    for (int tries = 0; tries < 1000 && mails().size() < count; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    return mails();
  }

  /// What the outbox says of the mails of journeys, the oldest first, once there are so many that are not on
  /// their way any more.
  [[nodiscard]] std::vector<Json> settled_messages(std::size_t count) const {
    std::vector<Json> settled;
    for (int tries = 0; tries < 200 && settled.size() < count; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
      const auto listed = Json::parse(hub_->run({"messages", "list", "--kind", "journey", "--json"}).out);
      settled.clear();
      for (auto item = listed.at("items").rbegin(); item != listed.at("items").rend(); ++item)
        if (item->at("state") != "queued" && item->at("state") != "attempting") settled.push_back(*item);
    }
    return settled;
  }

  std::unique_ptr<HubProcess> hub_;
};

TEST_F(Journey, SendsItsMailsOneAfterTheOther) {
  start(config("1s"));
  sign_up();
  const auto sent = settled_messages(2);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].at("template"), "welcome");
  EXPECT_EQ(sent[1].at("template"), "tips");
  EXPECT_THAT(mails(2),
              AllOf(SizeIs(2),
                    Each(AllOf(HasSubstr("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
                               HasSubstr("To: Ada <ada@example.com>"), HasSubstr("multipart/alternative")))));
  const auto explained = hub_->run({"leads", "explain", "ada@example.com"}).out;
  EXPECT_THAT(
      explained,
      AllOf(HasSubstr("On the journey welcome since "), HasSubstr("at \"wait_until\" until "),
            HasSubstr("Message journey \"welcome\" of the journey welcome, step \"welcome\": sent ")));
}

TEST_F(Journey, SendsNothingMoreToWhoeverHasUnsubscribed) {
  start(config("2s"));
  sign_up();
  ASSERT_THAT(mails(1), SizeIs(1));
  const auto mail = std::regex_replace(mails().front(), std::regex{"\r?\n[ \t]"}, "");
  std::smatch link;
  ASSERT_TRUE(
      std::regex_search(mail, link, std::regex{R"(List-Unsubscribe: ?<http://localhost:8080(/u/[^>]+)>)"}))
      << mail;
  const auto answer =
      edge().Post(link[1].str(), "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  const auto settled = settled_messages(2);
  ASSERT_THAT(settled, SizeIs(2));
  EXPECT_EQ(settled[1].at("state"), "withheld");
  EXPECT_EQ(settled[1].at("detail"), "no consent to marketing_email: withdrawn");
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(Journey, SaysWhoFollowedALinkAndPlansWithIt) {
  const auto tracked = replaced(config("3d"), "    welcome:\n", "    welcome:\n      track: [clicks]\n");
  start(tracked);
  sign_up();
  ASSERT_THAT(settled_messages(1), SizeIs(1));
  const auto mail = std::regex_replace(mails().front(), std::regex{"=\r?\n"}, "");
  std::smatch link;
  ASSERT_TRUE(std::regex_search(mail, link, std::regex{R"re(href=3D"http://localhost:8080(/r/[^"]+)")re"}))
      << mail;
  const auto answer = edge().Get(link[1].str(), {{"user-agent", "curl/7.88.1"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 303);
  EXPECT_EQ(hub_->stop(), 0);
  hub_->start();

  std::string explained;
  for (int tries = 0; tries < 100 && explained.find("email.clicked") == explained.npos; ++tries)
    explained = hub_->run({"leads", "explain", "ada@example.com"}).out;
  EXPECT_THAT(explained,
              testing::ContainsRegex("\nemail.clicked 2[^ ]+: scanner, the user agent of curl; https://"));
  EXPECT_THAT(explained, testing::Not(HasSubstr("\"clicked a link\" (engagement), from")));

  write_file(hub_->folder() / "new.yaml", replaced(tracked, "{event.type: email.clicked, event.trust: human}",
                                                   "{event.type: email.clicked}"));
  const auto plan = Json::parse(hub_->run({"plan", "new.yaml", "--json"}).out);
  EXPECT_EQ(plan["changes"]["score"]["count"], 1) << plan.dump(2);
}

TEST_F(Journey, GoesOnWhereItWasAfterARestart) {
  start(config("2s"));
  sign_up();
  ASSERT_THAT(mails(1), SizeIs(1));
  EXPECT_EQ(hub_->stop(), 0);
  hub_->start();
  EXPECT_THAT(mails(2), SizeIs(2));
}

}  // namespace
}  // namespace leadhub::e2e
