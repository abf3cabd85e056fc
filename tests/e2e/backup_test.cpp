#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

std::string config() {
  return replaced(example_config(), "\nchannels:\n", R"(
channels:
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.requested
      fields: {email: {to: email, required: true}}
      consent: [{field: accept, purpose: marketing_email, text: "Send me news."}]
      double_opt_in: {expires: 48h, resend_after: 1h}
)");
}

Json status_of(const HubProcess& hub) {
  httplib::Client control{"127.0.0.1", hub.control_port()};
  const auto answer = control.Get("/api/v1/status", {{"Authorization", "Bearer " + hub.token()}});
  return answer ? Json::parse(answer->body) : Json{};
}

void catch_up(const HubProcess& hub) {
  for (int tries = 0; tries < 1500; ++tries) {
    if (status_of(hub)["inbox"]["backlog"] == 0) return;
    std::this_thread::sleep_for(20ms);
  }
  FAIL() << "the pipeline does not catch up";
}

/// The addresses of all leads.
std::set<std::string> addresses(const HubProcess& hub) {
  catch_up(hub);
  std::set<std::string> found;
  std::istringstream lines{hub.run({"leads", "export", "--format", "jsonl"}).out};
  for (std::string line; std::getline(lines, line);)
    found.insert(Json::parse(line)["email"].get<std::string>());
  return found;
}

std::size_t mails_of(const HubProcess& hub) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator{hub.folder() / "data" / "mail", none})
    count += file.path().extension() == ".eml" ? 1 : 0;
  return count;
}

/// Posts forms, one after the other, until it goes; knows which were acknowledged.
class Visitors {
 public:
  explicit Visitors(const HubProcess& hub)
      : thread_{[this, port = hub.edge_port()](const std::stop_token& stop) { post(port, stop); }} {}

  [[nodiscard]] std::set<std::string> acknowledged() {
    const std::scoped_lock lock{mutex_};
    return acknowledged_;
  }
  void wait_for(std::size_t count) {
    while (acknowledged().size() < count) std::this_thread::sleep_for(5ms);
  }

 private:
  void post(int port, const std::stop_token& stop) {
    httplib::Client edge{"127.0.0.1", port};
    edge.set_keep_alive(true);
    edge.set_tcp_nodelay(true);
    for (int number = 0; !stop.stop_requested(); ++number) {
      const auto email = "visitor" + std::to_string(number) + "@example.com";
      const auto answer = edge.Post("/in/website", "your-email=" + email + "&your-name=Ada",
                                    "application/x-www-form-urlencoded");
      const std::scoped_lock lock{mutex_};
      if (answer && answer->status < 400) acknowledged_.insert(email);
    }
  }

  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::jthread thread_;
};

/// `verb` run on the hub's files with another environment, as one that never serves.
std::string config_of_store(const HubProcess& hub) {
  return replaced(config(), "sqlite:data/leadhub.db",
                  "sqlite:" + (hub.folder() / "data/leadhub.db").string());
}

TEST(Backup, OfABusyHubHoldsWhateverWasAcknowledgedBefore) {
  HubProcess hub{config()};
  hub.start();
  TemporaryFolder elsewhere;
  const auto kept = (elsewhere.path() / "kept").string();
  std::set<std::string> before;
  {
    Visitors visitors{hub};
    visitors.wait_for(300);
    before = visitors.acknowledged();
    const auto made = hub.run({"backup", kept, "--json"});
    ASSERT_EQ(made.code, 0) << made.err;
    const auto log = Json::parse(made.out)["logs"][0];
    EXPECT_GE(log["head"], before.size());
    EXPECT_LE(log["cursor"], log["head"]);
    const auto now = visitors.acknowledged().size();
    visitors.wait_for(now + 20);  // the hub goes on serving
  }
  EXPECT_EQ(hub.run({"backup", kept}).code, 1) << "it holds a backup";
  const auto token = hub.token();

  HubProcess other{config()};
  const auto restored = other.run({"restore", kept});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("leadhub sending resume"));
  EXPECT_FALSE(std::filesystem::exists(other.folder() / "data/leadhub.token"));
  other.start();
  EXPECT_NE(other.token(), token);
  EXPECT_THAT(other.printed(), HasSubstr("Sending is paused: this store was restored from a backup."));
  EXPECT_EQ(status_of(other)["sending"]["reason"], "restored");
  const auto after = addresses(other);
  std::vector<std::string> lost;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(lost));
  EXPECT_THAT(lost, IsEmpty());

  httplib::Client edge{"127.0.0.1", other.edge_port()};
  const auto asked =
      edge.Post("/in/signup", "email=ada%40example.com&accept=yes", "application/x-www-form-urlencoded");
  ASSERT_TRUE(asked && asked->status == 200);
  catch_up(other);
  std::this_thread::sleep_for(600ms);  // three times as often as the sender looks
  EXPECT_EQ(mails_of(other), 0U);
  EXPECT_EQ(other.run({"sending", "resume"}).code, 0);
  for (int tries = 0; tries < 500 && mails_of(other) == 0; ++tries) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(mails_of(other), 1U);
}

TEST(Backup, OfAStoppedHubIsRestoredOnlyWhereNoneIs) {
  HubProcess hub{config()};
  hub.start();
  {
    Visitors visitors{hub};
    visitors.wait_for(5);
  }
  const auto known = addresses(hub);
  hub.stop();
  const auto kept = hub.folder() / "kept";
  const auto made = hub.run({"backup", "kept"});
  ASSERT_EQ(made.code, 0) << made.err;

  const auto over = hub.run({"restore", "kept"});
  EXPECT_EQ(over.code, 1);
  EXPECT_THAT(over.err, AllOf(HasSubstr("leadhub.db: is there already"), HasSubstr("move it away")));
  hub.start();
  const auto served = hub.run({"restore", "kept"});
  EXPECT_EQ(served.code, 73);
  EXPECT_THAT(served.err, HasSubstr("another leadhub serves this store; stop it first"));
  EXPECT_EQ(addresses(hub), known) << "it is as it was";

  HubProcess other{config()};
  auto bytes = read_file(kept / "leadhub-inbox.db");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  write_file(kept / "leadhub-inbox.db", bytes);
  const auto flipped = other.run({"restore", kept});
  EXPECT_EQ(flipped.code, 1);
  EXPECT_THAT(flipped.err, HasSubstr("is not what was backed up"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  write_file(kept / "leadhub-inbox.db", bytes);
  EXPECT_EQ(other.run({"restore", kept}).code, 0);
  other.start();
  EXPECT_EQ(addresses(other), known);
}

TEST(Backup, ThatWasKilledIsNoBackup) {
  HubProcess hub{config()};
  hub.start();
  {
    Visitors visitors{hub};
    visitors.wait_for(20);
  }
  for (const auto* moment : {"leadhub.before_commit:1", "leadhub-inbox.before_commit:1"}) {
    const HubProcess killed{config_of_store(hub), {{"LEADHUB_FAILPOINT", moment}}};
    EXPECT_EQ(killed.run({"backup", "kept"}).code, 128 + SIGKILL) << moment;
    EXPECT_TRUE(std::filesystem::exists(killed.folder() / "kept/leadhub.db")) << "it was in the middle";
    HubProcess other{config()};
    const auto refused = other.run({"restore", killed.folder() / "kept"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("cut short"));
  }
  EXPECT_EQ(hub.run({"backup", "kept"}).code, 0) << "the hub does not mind";
}

TEST(Backup, OntoAFullDiskLeavesNothingThatLooksWhole) {
  HubProcess hub{config()};
  hub.start();
  {
    Visitors visitors{hub};
    visitors.wait_for(20);
  }
  for (const auto* file : {"leadhub.db", "leadhub-inbox.db", "leadhub.keys", "manifest.json"}) {
    TemporaryFolder control;
    write_file(control.path() / "control", "enospc");
    const HubProcess full{config_of_store(hub),
                          {{"ASAN_OPTIONS", "verify_asan_link_order=0"},
                           {"LD_PRELOAD", LEADHUB_BINARY_DIR "/tests/crash/fault_shim.so"},
                           {"LEADHUB_FAULT_FILES", std::string{"/kept/"} + file},
                           {"LEADHUB_FAULT_CONTROL", (control.path() / "control").string()}}};
    const auto said = full.run({"backup", "kept"});
    EXPECT_EQ(said.code, 73) << file << ": " << said.err;
    EXPECT_THAT(said.err, AllOf(HasSubstr(file), HasSubstr("free disk space"))) << file;
    EXPECT_FALSE(std::filesystem::exists(full.folder() / "kept")) << file;
  }
}

}  // namespace
}  // namespace leadhub::e2e
