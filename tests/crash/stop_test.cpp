// The hub is told to stop under load, started twice, and given files that do not belong together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"
#include "crash/stores.hpp"

namespace leadhub::crash {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto shutdown_deadline = 12s;  // limits::shutdown_deadline, and a little for a busy machine

/// A request of which half was sent.
struct Begun {
  std::size_t number;
  std::string rest;
  std::unique_ptr<HttpConnection> connection;
};

class Stop : public testing::Test {
 protected:
  /// Posts some, waits for the pipeline and stops the hub.
  void fill(std::size_t count) {
    HubProcess hub{folder_};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    HttpConnection connection{hub.edge_port()};
    ledger_.allow_new(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = ledger_.take();
      const auto answer = post(connection, number);
      ASSERT_TRUE(answer && answer->is_success());
      ledger_.acknowledge(number);
    }
    ASSERT_TRUE(hub.wait_until_caught_up());
    hub.signal(SIGTERM);
    ASSERT_EQ(hub.wait(shutdown_deadline), 0) << folder_.log();
  }

  static void remove_store(const std::filesystem::path& file) {
    for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
  }

  void expect_refused(int exit_code, const std::string& sentence) const {
    HubProcess hub{folder_};
    EXPECT_FALSE(hub.wait_until_ready());
    EXPECT_EQ(hub.wait(10s), exit_code);
    EXPECT_THAT(folder_.log(), HasSubstr(sentence));
  }

  HubFolder folder_;
  Ledger ledger_;
};

TEST_F(Stop, UnderLoadKeepsEveryAnswer) {
  {
    HubProcess hub{folder_};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ledger_.allow_new(100'000);
    std::vector<std::jthread> senders;
    for (int i = 0; i < 8; ++i)
      senders.emplace_back([&] { send_until(hub.edge_port(), ledger_, [] { return false; }); });
    std::this_thread::sleep_for(300ms);
    hub.signal(SIGTERM);
    EXPECT_EQ(hub.wait(shutdown_deadline), 0) << folder_.log();
    hub.signal(SIGKILL);  // should it live on, the senders would
  }
  EXPECT_GT(ledger_.totals().acked, 100U);
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(Stop, AnswersEveryRequestThatHasBegun) {
  constexpr std::size_t count = 40;
  {
    HubProcess hub{folder_};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ledger_.allow_new(count + 1);
    std::vector<Begun> begun;
    for (std::size_t i = 0; i < count; ++i) {
      auto connection = std::make_unique<HttpConnection>(hub.edge_port());
      const auto number = ledger_.take();
      const auto request = request_of(number);
      ASSERT_TRUE(connection->send(request.substr(0, request.size() / 2)));
      begun.push_back({number, request.substr(request.size() / 2), std::move(connection)});
    }
    // The answer to a later connection's request says that the edge has seen the earlier ones.
    HttpConnection last{hub.edge_port()};
    const auto number = ledger_.take();
    ASSERT_TRUE(post(last, number));
    ledger_.acknowledge(number);
    hub.signal(SIGTERM);
    std::this_thread::sleep_for(100ms);
    for (const auto& one : begun) {
      ASSERT_TRUE(one.connection->send(one.rest));
      const auto answer = one.connection->read_answer();
      ASSERT_TRUE(answer) << key_of(one.number);
      EXPECT_EQ(answer->status, 200);
      EXPECT_THAT(answer->head, HasSubstr("\r\nconnection: close"));
      ledger_.acknowledge(one.number);
    }
    EXPECT_EQ(hub.wait(shutdown_deadline), 0) << folder_.log();
  }
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(Stop, IsNeededBeforeASecondHubOfTheStore) {
  HubProcess first{folder_};
  ASSERT_TRUE(first.wait_until_ready()) << folder_.log();
  expect_refused(73, "leadhub.db: another leadhub serves this store; stop it first");
  first.signal(SIGKILL);
  ASSERT_EQ(first.wait(10s), -SIGKILL);
  HubProcess second{folder_};
  EXPECT_TRUE(second.wait_until_ready()) << "a dead hub's lock must not stand in the way: " << folder_.log();
}

TEST_F(Stop, IsWhereItStaysWhenTheInboxIsAnother) {
  fill(5);
  remove_store(folder_.inbox());
  expect_refused(78, "the two files do not belong together");
}

TEST_F(Stop, IsWhereItStaysWhenANewLeadStoreCannotReadTheInboxFromItsBeginning) {
  fill(5);
  remove_store(folder_.leads());
  change_file(folder_.inbox(), "DELETE FROM inbox WHERE seq = 1");
  expect_refused(78, "the lead store is new, but the inbox has lost its first entries");
}

TEST_F(Stop, IsWhereItStaysWhenTheInboxIsOlderThanTheLeads) {
  fill(5);
  change_file(folder_.inbox(), "DELETE FROM inbox WHERE seq > 3");
  change_file(folder_.inbox(), "UPDATE inbox_log SET next_seq = 4");
  expect_refused(78, "the lead store has read up to entry 5, but the inbox ends at 3");
}

TEST_F(Stop, LetsAWholeInboxMakeALostLeadStoreAgain) {
  fill(5);
  remove_store(folder_.leads());
  expect_all_is_there_once(folder_, ledger_);
}

}  // namespace
}  // namespace leadhub::crash
