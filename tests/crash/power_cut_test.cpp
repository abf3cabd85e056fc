// The power goes: of the hub's files only what was synced is sure to be there; see power_cut_shim.c.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"
#include "crash/stores.hpp"

namespace leadhub::crash {
namespace {

using namespace std::chrono_literals;

class PowerCut : public testing::Test {
 protected:
  void live_and_die() {
    HubProcess hub{folder_,
                   {"LD_PRELOAD=" SHIM_FOLDER "/power_cut_shim.so",
                    "LEADHUB_SYNCED_FILES=" + folder_.store().string() + "/leadhub",
                    "LEADHUB_SYNCED_FOLDER=" + synced_.path().string()}};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ledger_.allow_new(100);
    std::vector<std::jthread> senders;
    for (int i = 0; i < 4; ++i)
      senders.emplace_back([&] { send_until(hub.edge_port(), ledger_, [] { return false; }); });
    std::this_thread::sleep_for(std::chrono::milliseconds{between(20, 200)});
    hub.signal(SIGKILL);
    ASSERT_EQ(hub.wait(10s), -SIGKILL);
  }

  /// The log loses everything that was not synced, the database all of it or nothing: either may happen. The
  /// index of the log is memory of the process and goes.
  void drop_what_was_not_synced() {
    for (const auto& file : {folder_.inbox(), folder_.leads()}) {
      restore(file.string() + "-wal");
      if (between(0, 1) == 0) restore(file);
      std::filesystem::remove(file.string() + "-shm");
    }
  }

  void restore(const std::filesystem::path& file) {
    const auto safe = synced_ / file.filename().string();
    ASSERT_TRUE(std::filesystem::exists(safe)) << file << " was never synced";
    if (std::filesystem::exists(file)) dropped_ += content_of(file) == content_of(safe) ? 0 : 1;
    std::filesystem::copy_file(safe, file, std::filesystem::copy_options::overwrite_existing);
  }

  int between(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

  HubFolder folder_;
  test::TemporaryFolder synced_;
  Ledger ledger_;
  std::mt19937 random_;
  int dropped_ = 0;
};

TEST_F(PowerCut, LosesNothingThatWasAcknowledged) {
  const auto seed = std::random_device{}();
  random_.seed(seed);
  for (int life = 0; life < 8 && !HasFailure(); ++life) {
    live_and_die();
    drop_what_was_not_synced();
  }
  std::cout << "seed " << seed << ", files that lost something: " << dropped_ << '\n';
  if (!HasFailure()) expect_all_is_there_once(folder_, ledger_);
}

}  // namespace
}  // namespace leadhub::crash
