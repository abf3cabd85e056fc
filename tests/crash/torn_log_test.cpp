// The end of the inbox's write-ahead log is torn: cut off, overwritten or followed by rubbish, as a crash of
// the machine leaves it.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"
#include "crash/stores.hpp"

namespace leadhub::crash {
namespace {

using namespace std::chrono_literals;

class TornLog : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path log_file() const { return folder_.inbox().string() + "-wal"; }

  /// Until the hub dies between a commit and its answer. Returns how much of the log was acknowledged: the
  /// log was empty and grows with each commit, and with one sender each commit is one event.
  std::uintmax_t post_until_it_dies(HubProcess& hub) {
    HttpConnection connection{hub.edge_port()};
    auto acked_bytes = std::filesystem::file_size(log_file());
    ledger_.allow_new(100);
    while (true) {
      const auto number = ledger_.take();
      const auto answer = post(connection, number);
      if (!answer) {
        ledger_.give_back(number, answer);
        break;
      }
      if (answer->is_success()) ledger_.acknowledge(number);
      acked_bytes = std::filesystem::file_size(log_file());
    }
    EXPECT_EQ(hub.wait(10s), -SIGKILL) << folder_.log();
    return acked_bytes;
  }

  void tear(std::uintmax_t acked_bytes) {
    const auto whole = std::filesystem::file_size(log_file());
    ASSERT_GT(whole, acked_bytes) << "nothing was committed after the last answer";
    const auto at = std::uniform_int_distribution<std::uintmax_t>{acked_bytes, whole - 1}(random_);
    std::string rubbish(std::uniform_int_distribution<std::size_t>{1, 20'000}(random_), '\0');
    for (auto& byte : rubbish) byte = static_cast<char>(random_());
    switch (random_() % 3) {
      case 0:
        std::filesystem::resize_file(log_file(), at);
        break;
      case 1:
        write_at(at, rubbish);
        break;
      default:
        write_at(whole, rubbish);
        break;
    }
  }

  void write_at(std::uintmax_t at, const std::string& bytes) const {
    std::fstream file{log_file(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
    ASSERT_TRUE(file.flush());
  }

  /// The hub itself has to open the torn log; only then it is emptied for the next round.
  void open_and_empty_the_log() const {
    HubProcess hub{folder_};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    EXPECT_GE(count_known_keys(folder_), ledger_.totals().acked) << "something acknowledged is gone";
    hub.signal(SIGTERM);
    ASSERT_EQ(hub.wait(30s), 0) << folder_.log();
    change_file(folder_.inbox(), "PRAGMA wal_checkpoint(TRUNCATE)");
  }

  HubFolder folder_;
  Ledger ledger_;
  std::mt19937 random_;
};

TEST_F(TornLog, OpensWithAllThatWasAcknowledged) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  random_.seed(seed);
  int torn = 0;
  for (int life = 0; life < 15 && !HasFailure(); ++life) {
    // A start makes some commits of its own.
    const auto passages = std::uniform_int_distribution{15, 30}(random_);
    HubProcess hub{folder_, {"LEADHUB_FAILPOINT=leadhub-inbox.after_commit:" + std::to_string(passages)}};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    const auto acked_bytes = post_until_it_dies(hub);
    // What the pipeline has taken was on disk, and no power cut takes it back: where the hub did not die at
    // once, there is nothing to tear.
    if (!is_all_processed(folder_)) {
      tear(acked_bytes);
      ++torn;
    }
    open_and_empty_the_log();
  }
  EXPECT_GT(torn, 5);
  if (!HasFailure()) expect_all_is_there_once(folder_, ledger_);
}

}  // namespace
}  // namespace leadhub::crash
