// The hub on a disk that is full or broken; see fault_shim.c.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"
#include "crash/stores.hpp"

namespace leadhub::crash {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class FaultyDisk : public testing::Test {
 protected:
  /// Faults hit the files whose path contains `files`.
  [[nodiscard]] std::vector<std::string> faulty(const std::string& files) const {
    return {"LD_PRELOAD=" SHIM_FOLDER "/fault_shim.so", "LEADHUB_FAULT_FILES=" + files,
            "LEADHUB_FAULT_CONTROL=" + control().string()};
  }
  [[nodiscard]] std::filesystem::path control() const { return elsewhere_ / "control"; }

  void let(const std::string& fault) const {
    std::ofstream{elsewhere_ / "next"} << fault;
    std::filesystem::rename(elsewhere_ / "next", control());
  }
  [[nodiscard]] std::vector<std::string> refused_calls() const {
    std::ifstream file{control().string() + ".log"};
    std::vector<std::string> calls;
    for (std::string line; std::getline(file, line);) calls.push_back(line);
    return calls;
  }

  /// Posts one that has no answer yet, the last one refused or a new one, on a connection of its own.
  std::optional<HttpAnswer> post_next(const HubProcess& hub) {
    HttpConnection connection{hub.edge_port()};
    ledger_.allow_new(1);
    const auto number = ledger_.take();
    auto answer = post(connection, number);
    if (answer && answer->is_success())
      ledger_.acknowledge(number);
    else
      ledger_.give_back(number, answer);
    return answer;
  }
  void post_new(const HubProcess& hub, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto answer = post_next(hub);
      ASSERT_TRUE(answer && answer->is_success());
    }
  }
  static void expect_come_back_later(const std::optional<HttpAnswer>& answer) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_THAT(answer->head, HasSubstr("\r\nretry-after: "));
  }

  HubFolder folder_;
  test::TemporaryFolder elsewhere_;
  Ledger ledger_;
};

TEST_F(FaultyDisk, FullForTheInboxIsA503UntilThereIsRoom) {
  {
    HubProcess hub{folder_, faulty("leadhub-inbox.db")};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    post_new(hub, 20);
    let("enospc");
    for (int i = 0; i < 10; ++i) expect_come_back_later(post_next(hub));
    EXPECT_FALSE(refused_calls().empty());
    let("nothing");
    ASSERT_TRUE(hub.wait_until_caught_up());
    post_new(hub, 20);
    hub.signal(SIGKILL);
    EXPECT_EQ(hub.wait(10s), -SIGKILL);
  }
  EXPECT_THAT(folder_.log(), HasSubstr("free disk space"));
  EXPECT_THAT(folder_.log(), HasSubstr("committing again"));
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(FaultyDisk, FullForTheLeadsDelaysThemAndNobodyElse) {
  {
    HubProcess hub{folder_, faulty("leadhub.db")};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    post_new(hub, 20);
    ASSERT_TRUE(hub.wait_until_caught_up());
    let("enospc");
    post_new(hub, 100);
    EXPECT_FALSE(hub.wait_until_caught_up(500ms));
    EXPECT_EQ(hub.document("/api/v1/status")["inbox"]["backlog"], 100);
    let("nothing");
    EXPECT_TRUE(hub.wait_until_caught_up(10s)) << "it goes on by itself: " << folder_.log();
  }
  EXPECT_FALSE(refused_calls().empty());
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(FaultyDisk, FailingAnFsyncOfTheInboxEndsTheHub) {
  {
    HubProcess hub{folder_, faulty("leadhub-inbox.db")};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    post_new(hub, 20);
    let("eio-fsync");
    ledger_.allow_new(1'000);
    std::vector<std::jthread> senders;
    for (int i = 0; i < 4; ++i)
      senders.emplace_back([&] { send_until(hub.edge_port(), ledger_, [] { return false; }); });
    EXPECT_EQ(hub.wait(10s), 70) << folder_.log();
    hub.signal(SIGKILL);  // should it live on, the senders would
  }
  EXPECT_EQ(refused_calls().size(), 1U) << "what an fsync after a failed one says is not to be believed";
  EXPECT_THAT(folder_.log(), HasSubstr("leadhub-inbox.db: "));
  EXPECT_THAT(folder_.log(), HasSubstr("check the disk"));
  EXPECT_THAT(folder_.log(), HasSubstr("nothing is acknowledged any more"));
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(FaultyDisk, FailingAnFsyncOfTheLeadsEndsTheHub) {
  {
    HubProcess hub{folder_, faulty("leadhub.db")};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    post_new(hub, 20);
    ASSERT_TRUE(hub.wait_until_caught_up());
    let("eio-fsync");
    post_next(hub);  // whether it is answered is a race that both may win
    EXPECT_EQ(hub.wait(10s), 70) << folder_.log();
  }
  EXPECT_EQ(refused_calls().size(), 1U);
  EXPECT_THAT(folder_.log(), HasSubstr("leadhub.db: "));
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(FaultyDisk, FailingAWriteOfTheInboxEndsTheHub) {
  {
    HubProcess hub{folder_, faulty("leadhub-inbox.db")};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    post_new(hub, 20);
    let("eio-write");
    const auto answer = post_next(hub);
    EXPECT_FALSE(answer && answer->is_success());
    EXPECT_EQ(hub.wait(10s), 70) << folder_.log();
  }
  expect_all_is_there_once(folder_, ledger_);
}

/// A tmpfs of a mount namespace of its own, so that it goes with the test program.
class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", place_.path().c_str(), "tmpfs", 0, "size=4m") != 0)
      GTEST_SKIP() << "a disk of 4 MiB cannot be mounted here: " << std::strerror(errno);
    is_mounted_ = true;
  }
  void TearDown() override {
    if (is_mounted_) ::umount2(place_.path().c_str(), MNT_DETACH);
  }

  test::TemporaryFolder place_;
  bool is_mounted_ = false;
};

TEST_F(SmallDisk, FillsUpAndIsFreedAgain) {
  const HubFolder folder{place_.path()};
  Ledger ledger;
  {
    HubProcess hub{folder};
    ASSERT_TRUE(hub.wait_until_ready()) << folder.log();
    std::ofstream{place_ / "ballast"} << std::string(1'500'000, 'x');
    HttpConnection connection{hub.edge_port()};
    const auto post_until = [&](int status) {
      for (int i = 0; i < 5'000; ++i) {
        ledger.allow_new(1);
        const auto number = ledger.take();
        const auto answer = post(connection, number);
        if (!answer) return false;
        if (answer->is_success())
          ledger.acknowledge(number);
        else
          ledger.give_back(number, answer);
        if (answer->status == status) return true;
      }
      return false;
    };
    ASSERT_TRUE(post_until(503)) << folder.log();
    const auto acked = ledger.totals().acked;
    EXPECT_GT(acked, 0U);
    std::filesystem::remove(place_ / "ballast");
    EXPECT_TRUE(post_until(200)) << folder.log();
    EXPECT_TRUE(hub.wait_until_caught_up()) << folder.log();
    hub.signal(SIGKILL);
    EXPECT_EQ(hub.wait(10s), -SIGKILL);
  }
  expect_all_is_there_once(folder, ledger);
}

}  // namespace
}  // namespace leadhub::crash
