#include <gmock/gmock.h>
#include <httplib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

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

/// The example's journey, at any time of the day; its first mail waits, so that none is on its way.
std::string config() {
  auto text = replaced(example_config(), "\nchannels:\n", std::string{"\nchannels:"} + signup);
  text = replaced(text, "      steps:\n        - send: {template: welcome",
                  "      steps:\n        - wait: 1h\n        - send: {template: welcome");
  return replaced(text, "  quiet_hours: {from: \"21:00\", to: \"08:00\"}", "");
}

class Simulate : public testing::Test {
 protected:
  Simulate() : hub_(config()) {
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates",
                          hub_.folder() / "templates", std::filesystem::copy_options::recursive);
    hub_.start();
    httplib::Client client{"127.0.0.1", hub_.edge_port()};
    const auto answer = client.Post("/in/signup", "email=ada%40example.com&name=Ada&accept=yes",
                                    "application/x-www-form-urlencoded");
    EXPECT_TRUE(answer && answer->status < 400);
    id_ = Json::parse(hub_.lead("ada@example.com")).at("id");
  }

  /// Templates of the mails that would go, as the verb tells.
  [[nodiscard]] std::vector<std::string> mails(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"simulate", "--lead", id_, "--until", "73h", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto said = hub_.run(arguments);
    EXPECT_EQ(said.code, 0) << said.err;
    std::vector<std::string> templates;
    const auto simulation = Json::parse(said.out);
    for (const auto& step : simulation.at("steps"))
      if (step.at("kind") == "mail") templates.push_back(step.at("template"));
    return templates;
  }

  HubProcess hub_;
  std::string id_;
};

TEST_F(Simulate, TellsOfALeadOfTheRunningHubAndOfAStoppedOne) {
  const auto before = hub_.lead("ada@example.com");
  EXPECT_THAT(mails({}), ElementsAre("welcome", "tips"));
  EXPECT_EQ(Json::parse(hub_.lead("ada@example.com")), Json::parse(before));
  EXPECT_EQ(hub_.stop(), 0);
  EXPECT_THAT(mails({}), ElementsAre("welcome", "tips"));
}

TEST_F(Simulate, TriesAConfigurationThatDoesNotRunYet) {
  write_file(hub_.folder() / "new.yaml", replaced(config(), "- wait: 3d", "- wait: 30d"));
  EXPECT_THAT(mails({"-c", "new.yaml"}), ElementsAre("welcome"));
}

TEST_F(Simulate, AsksWhatIfSomethingCame) {
  const auto said = hub_.run({"simulate", "--lead", "ada@example.com", "--until", "4d", "--text", "--event",
                              R"({"type": "demo.requested"}@2d)"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(HasSubstr("Ada <ada@example.com>, if nothing else comes from outside\n"),
                              HasSubstr("event        demo.requested\n"), HasSubstr("cold -> hot\n"),
                              HasSubstr("welcome arrived"), HasSubstr("Welcome, Ada")));
}

TEST_F(Simulate, RefusesWhomItDoesNotKnow) {
  const auto said = hub_.run({"simulate", "--lead", "bob@example.com"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, HasSubstr("there is no such lead"));
}

}  // namespace
}  // namespace leadhub::e2e
