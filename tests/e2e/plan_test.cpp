#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.requested
      fields: {email: {to: email, required: true}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
      double_opt_in: {expires: 48h, resend_after: 1h}
)";

std::string config() {
  return replaced(example_config(), "\nchannels:\n", "\nchannels:" + std::string{signup});
}

class Plan : public testing::Test {
 protected:
  Plan() : hub_(config()) { hub_.start(); }

  void post(const std::string& path, const std::string& body) const {
    httplib::Client client{"127.0.0.1", hub_.edge_port()};
    const auto answer = client.Post(path, body, "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer);
    ASSERT_LT(answer->status, 400) << answer->body;
  }

  /// What the plan for that configuration says, as JSON.
  [[nodiscard]] Json plan(const std::string& next) const {
    write_file(hub_.folder() / "new.yaml", next);
    const auto said = hub_.run({"plan", "new.yaml", "--json", "--examples", "2"});
    EXPECT_EQ(said.code, 0) << said.err;
    return Json::parse(said.out, nullptr, false);
  }

  HubProcess hub_;
};

TEST_F(Plan, FindsNothingWhereNothingWouldDiffer) {
  post("/in/website", "your-email=ada%40example.com");
  post("/in/signup", "email=ada%40example.com&accept=yes");
  const auto same = plan(config());
  EXPECT_EQ(same["entries"], 2);
  EXPECT_EQ(same["leads"], Json::parse(R"({"before": 1, "after": 1})"));
  EXPECT_EQ(same["changes"], Json::object());
  EXPECT_EQ(same["unknown"], Json::array());
  write_file(hub_.folder() / "new.yaml", config());
  const auto said = hub_.run({"plan", "new.yaml"});
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("\n2 -> 2 events, 1 -> 1 leads\n"), HasSubstr("\nNothing would differ.\n")));
}

TEST_F(Plan, ShowsWhatEachRequestAndEachLeadWouldBecome) {
  post("/in/website", "your-email=ada%40example.com&tel=020+7946+0958");
  post("/in/website", "your-email=grace%40example.com");
  post("/in/website", "your-email=mary%40example.com");
  post("/in/signup", "email=mary%40example.com&accept=yes");
  auto next = replaced(config(), "tel: {to: phone,", "tel: {to: phone, required: true,");
  next = replaced(next, "double_opt_in: {expires: 48h, resend_after: 1h}", "");
  const auto changed = plan(next);
  EXPECT_EQ(changed["changes"]["would_fail"]["count"], 2);
  EXPECT_EQ(changed["changes"]["would_fail"]["examples"][0]["who"], "entry 2 (website)");
  EXPECT_EQ(
      changed["changes"]["leads_gone"],
      Json::parse(R"({"count": 1, "examples": [{"who": "grace@example.com", "before": "", "after": ""}]})"));
  EXPECT_EQ(changed["changes"]["temperature"]["examples"],
            Json::parse(R"([{"who": "mary@example.com", "before": "warm", "after": "cold"}])"));
  EXPECT_EQ(changed["changes"]["mails"]["examples"],
            Json::parse(R"([{"who": "mary@example.com", "before": "opt_in of signup", "after": ""}])"));
  EXPECT_EQ(changed["events"], Json::parse(R"({"before": 4, "after": 2})"));

  // The other way round, what failed would fail no more.
  hub_.configure(next);
  const auto back = plan(config());
  EXPECT_EQ(back["changes"]["would_fail_no_more"]["count"], 2);
  EXPECT_EQ(back["changes"]["leads_new"]["examples"][0]["who"], "grace@example.com");
}

TEST_F(Plan, LeavesTheHubAsItIs) {
  post("/in/website", "your-email=ada%40example.com");
  static_cast<void>(plan(config()));
  EXPECT_EQ(Json::parse(hub_.run({"leads", "list", "--json"}).out)["items"].size(), 1U);
  hub_.stop();
  EXPECT_EQ(plan(config())["entries"], 1) << "a hub that is stopped";
  hub_.start();
  EXPECT_EQ(Json::parse(hub_.run({"leads", "list", "--json"}).out)["items"].size(), 1U);
}

TEST_F(Plan, LooksAtTheWindowOnlyAndSaysWhatItDidNotKnow) {
  post("/in/website", "your-email=ada%40example.com");
  post("/in/website", "your-email=grace%40example.com");
  std::this_thread::sleep_for(6s);  // longer than the window, which is wide enough for a slow machine
  const auto ada = Json::parse(hub_.run({"leads", "show", "ada@example.com", "--json"}).out)["id"];
  EXPECT_EQ(hub_.run({"leads", "merge", "grace@example.com", ada}).code, 0);
  const auto all = plan(config());
  EXPECT_EQ(all["entries"], 3);
  EXPECT_EQ(all["unknown"], Json::parse(R"([{"count": 1,
                             "what": "merges, erasures, replies and the like were not done again"}])"));
  const auto said = hub_.run({"plan", "hub.yaml", "--json", "--last", "5s"});
  EXPECT_EQ(Json::parse(said.out)["entries"], 1) << said.err;
}

TEST_F(Plan, SaysWhatIsWrongWithTheNewFile) {
  write_file(hub_.folder() / "new.yaml", "channels: {x: {plugin: webfrm}}\n");
  const auto said = hub_.run({"plan", "new.yaml"});
  EXPECT_EQ(said.code, 78);
  EXPECT_THAT(said.err, HasSubstr("new.yaml:1:24: "));
  EXPECT_EQ(hub_.run({"plan", "hub.yaml", "--last", "soon"}).code, 1);
}

}  // namespace
}  // namespace leadhub::e2e
