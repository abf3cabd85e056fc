#include <gmock/gmock.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto shop = R"(
  shop:
    plugin: webform
    config: {provider: json, event: form.submitted, secret: whsec_c2hvcC1zZWNyZXQtZm9yLXRlc3RzLW9ubHk=,
             fields: {email: {to: email}}}
)";

std::string with_shop() {
  return replaced(example_config(), "\nchannels:\n", "\nchannels:" + std::string{shop});
}

class Reload : public testing::Test {
 protected:
  explicit Reload(const std::string& config = example_config()) : hub_(config) { hub_.start(); }

  [[nodiscard]] httplib::Client edge() const { return httplib::Client{"127.0.0.1", hub_.edge_port()}; }

  /// What /in/shop says to somebody who has not signed: nobody is there, or nobody knows you.
  [[nodiscard]] int shop_status() const {
    const auto answer = edge().Post("/in/shop", "{}", "application/json");
    return answer ? answer->status : 0;
  }

  [[nodiscard]] int post(const std::string& email) const {
    const auto answer =
        edge().Post("/in/website", "your-email=" + email, "application/x-www-form-urlencoded");
    return answer ? answer->status : 0;
  }

  [[nodiscard]] Json status() const {
    httplib::Client control{"127.0.0.1", hub_.control_port()};
    const auto answer = control.Get("/api/v1/status", {{"Authorization", "Bearer " + hub_.token()}});
    return answer ? Json::parse(answer->body) : Json{};
  }

  template <class Holds>
  [[nodiscard]] static bool eventually(const Holds& holds) {
    for (int tries = 0; tries < 500; ++tries) {
      if (holds()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  HubProcess hub_;
};

TEST_F(Reload, BringsAndTakesAwayChannels) {
  EXPECT_EQ(shop_status(), 404);
  hub_.configure(with_shop());
  const auto said = hub_.run({"reload"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "The new configuration is in force.\n");
  EXPECT_EQ(shop_status(), 401);
  EXPECT_EQ(status()["reloads"], 1);
  hub_.configure(example_config());
  EXPECT_EQ(hub_.run({"reload"}).code, 0);
  EXPECT_EQ(shop_status(), 404);
}

TEST_F(Reload, ChangesWhatThePipelineDoes) {
  const auto phone = [&](const std::string& who) {
    std::string found;
    EXPECT_TRUE(eventually([&] {
      const auto said = hub_.run({"leads", "show", who, "--json"});
      if (said.code == 0) found = Json::parse(said.out)["phone"];
      return said.code == 0;
    })) << who;
    return found;
  };
  EXPECT_EQ(post("ada%40example.com&tel=020+7946+0958") / 100, 3);
  EXPECT_EQ(phone("ada@example.com"), "+442079460958");
  hub_.configure(replaced(example_config(), "default_country: GB", "default_country: DE"));
  EXPECT_EQ(hub_.run({"reload"}).code, 0);
  EXPECT_EQ(post("grace%40example.com&tel=030+901820") / 100, 3);
  EXPECT_EQ(phone("grace@example.com"), "+4930901820");
}

TEST_F(Reload, KeepsTheOldConfigurationWhereTheNewOneIsWrong) {
  hub_.configure(replaced(with_shop(), "provider: json, event: form.submitted", "provider: jsn"));
  const auto said = hub_.run({"reload"});
  EXPECT_EQ(said.code, 78);
  EXPECT_THAT(said.err, AllOf(HasSubstr("hub.yaml:24:24: "), HasSubstr("did you mean \"json\"?"),
                              HasSubstr("Nothing has changed: the hub goes on as it was.\n")));
  EXPECT_EQ(shop_status(), 404);
  EXPECT_EQ(post("ada%40example.com") / 100, 3);
  EXPECT_EQ(status()["reloads"], 0);
}

TEST_F(Reload, RefusesWhatNeedsAStart) {
  auto config = replaced(with_shop(), "keep_raw: 90d", "keep_raw: 30d");
  config = replaced(config, "public_url: http://localhost:8080", "public_url: http://localhost:9090");
  hub_.configure(config);
  const auto said = hub_.run({"reload"});
  EXPECT_EQ(said.code, 78);
  EXPECT_THAT(said.err,
              AllOf(HasSubstr("hub.yaml:3:13: public_url cannot be changed while the hub runs; put it "
                              "back, or start the hub again\n"),
                    HasSubstr("store.keep_raw cannot be changed while the hub runs")));
  EXPECT_EQ(shop_status(), 404);
}

TEST_F(Reload, ComesByASignalToo) {
  hub_.configure(with_shop());
  ASSERT_EQ(::kill(hub_.pid(), SIGHUP), 0);
  EXPECT_TRUE(eventually([&] { return shop_status() == 401; }));
  EXPECT_EQ(hub_.stop(), 0);
}

TEST_F(Reload, HappensByItselfWhereTheFileIsWatched) {
  hub_.stop();
  hub_.start({"--watch"});
  hub_.configure(with_shop());
  EXPECT_TRUE(eventually([&] { return shop_status() == 401; }));
  hub_.configure("channels: [");
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(shop_status(), 401);
  hub_.configure(example_config());
  EXPECT_TRUE(eventually([&] { return shop_status() == 404; }));
}

TEST_F(Reload, FailsNoRequestUnderLoad) {
  std::atomic<bool> done{false};
  std::atomic<int> posted{0};
  std::atomic<int> failed{0};
  std::vector<std::jthread> visitors;
  for (int visitor = 0; visitor < 4; ++visitor)
    visitors.emplace_back([&, visitor] {
      auto client = edge();
      client.set_keep_alive(true);
      for (int i = 0; !done; ++i) {
        const auto email = "v" + std::to_string(visitor) + "-" + std::to_string(i) + "%40example.com";
        const auto answer =
            client.Post("/in/website", "your-email=" + email, "application/x-www-form-urlencoded");
        ++posted;
        if (!answer || answer->status / 100 != 3) ++failed;
      }
    });
  for (int i = 0; i < 20; ++i) {
    hub_.configure(i % 2 == 0 ? with_shop() : example_config());
    const auto said = hub_.run({"reload"});
    EXPECT_EQ(said.code, 0) << said.err;
    // However fast the machine is, requests come between any two reloads.
    EXPECT_TRUE(eventually([&, enough = posted + 6] { return posted >= enough; }));
  }
  done = true;
  visitors.clear();
  EXPECT_EQ(failed, 0) << "of " << posted;
  EXPECT_GT(posted, 100);
  EXPECT_TRUE(eventually([&] { return status()["inbox"]["backlog"] == 0; }));
  EXPECT_EQ(status()["inbox"]["cursor"], posted.load());
  EXPECT_EQ(status()["reloads"], 20);
  RecordProperty("posted", posted.load());
}

}  // namespace
}  // namespace leadhub::e2e
