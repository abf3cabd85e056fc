// The hub is killed again and again under load, at random moments and beside every commit, and what the
// senders noted is compared with what is there.
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"
#include "crash/stores.hpp"

namespace leadhub::crash {
namespace {

using namespace std::chrono_literals;

constexpr int senders = 6;
constexpr std::size_t new_events_a_life = 150;

bool is_long() {
  const char* const text = std::getenv("LEADHUB_LONG_TESTS");
  return text != nullptr && std::string_view{text} == "1";
}

/// LEADHUB_CRASH_SEED repeats a run as far as threads let it.
unsigned seed() {
  const char* const text = std::getenv("LEADHUB_CRASH_SEED");
  return text == nullptr ? std::random_device{}() : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// How one life of the hub ends.
struct Death {
  std::string kind;
  int passages = 0;  ///< of the failpoint; 0: by the test
};

class KillLoop : public testing::Test {
 protected:
  int between(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

  /// Every third life is calm: it lives until the pipeline has moved, or entries that only stood at the wrong
  /// place too often would end in quarantine, as they should.
  Death choose(int life) {
    constexpr std::array<const char*, 4> failpoints{"leadhub-inbox.before_commit",
                                                    "leadhub-inbox.after_commit", "leadhub.before_commit",
                                                    "leadhub.after_commit"};
    if (life % 3 == 2) return {"at random, calm"};
    const auto choice = static_cast<std::size_t>(between(0, 7));
    if (choice >= failpoints.size()) return {choice == 7 ? "while starting" : "at random"};
    // The first commits of a start prepare the file; some deaths are to be there.
    return {failpoints[choice], choice < 2 ? between(1, 60) : between(2, 9)};
  }

  /// A start makes some commits of its own: the first number of them that leaves the hub alive. Nothing may
  /// wait for the pipeline.
  int first_passage_after_the_start(const std::string& failpoint) {
    { EXPECT_TRUE(HubProcess{folder_}.wait_until_ready()) << folder_.log(); }
    for (int passage = 1; passage < 20; ++passage)
      if (HubProcess{folder_, {"LEADHUB_FAILPOINT=" + failpoint + ":" + std::to_string(passage)}}
              .wait_until_ready())
        return passage;
    ADD_FAILURE() << "a start makes more than 20 commits";
    return 20;
  }

  void live_and_die(const Death& death) {
    std::vector<std::string> environment;
    if (death.passages > 0)
      environment.push_back("LEADHUB_FAILPOINT=" + death.kind + ":" + std::to_string(death.passages));
    HubProcess hub{folder_, environment};
    if (death.kind == "while starting") {
      std::this_thread::sleep_for(std::chrono::microseconds{between(0, 40'000)});
      hub.signal(SIGKILL);
    } else if (hub.wait_until_ready()) {
      serve(hub, death);
    }
    const auto ending = hub.wait(10s);
    ASSERT_EQ(ending, -SIGKILL) << "it ended by itself: " << folder_.log();
    ++deaths_[death.kind];
  }

  void serve(HubProcess& hub, const Death& death) {
    const auto stored = count_known_keys(folder_);
    const auto acked = ledger_.totals().acked;
    ASSERT_GE(stored, acked) << "something acknowledged is gone";
    answers_lost_ += stored - acked;
    ledger_.allow_new(new_events_a_life);
    std::vector<std::jthread> threads;
    threads.reserve(senders);
    for (int i = 0; i < senders; ++i)
      threads.emplace_back([this, port = hub.edge_port()](const std::stop_token& stop) {
        send_until(port, ledger_, [&] { return stop.stop_requested(); });
      });
    if (death.passages > 0 && hub.wait(3s)) return;  // by its failpoint, and the senders see it
    if (death.kind == "at random, calm") {
      EXPECT_TRUE(hub.wait_until_caught_up()) << folder_.log();
    }
    std::this_thread::sleep_for(std::chrono::microseconds{between(0, 120'000)});
    hub.signal(SIGKILL);
    EXPECT_EQ(hub.wait(10s), -SIGKILL);  // before the senders stop, so that they are cut off
  }

  void print(const Verdict& verdict) const {
    const auto row = [](const std::string& name, std::size_t value) {
      std::cout << "  " << std::left << std::setw(32) << name << std::right << std::setw(8) << value << '\n';
    };
    std::cout << "\nkilled\n";
    std::size_t all = 0;
    for (const auto& [kind, count] : deaths_) row(kind, count), all += count;
    row("all", all);
    const auto totals = ledger_.totals();
    std::cout << "events\n";
    row("keys", totals.keys);
    row("requests sent", totals.sent);
    row("acknowledged", totals.acked);
    row("sent again without an answer", totals.retried);
    row("  of these stored already", answers_lost_);
    row("sent again after an answer", totals.sent_again);
    row("refused for now", totals.refused);
    row("lost", verdict.lost);
    row("double", verdict.twice);
    std::cout << std::endl;
  }

  HubFolder folder_;
  Ledger ledger_;
  std::mt19937 random_;
  std::map<std::string, std::size_t> deaths_;
  std::size_t answers_lost_ = 0;
};

TEST_F(KillLoop, LosesNothingAndDoublesNothing) {
  const auto number = seed();
  random_.seed(number);
  const int lives = is_long() ? 210 : 30;
  std::cout << lives << " lives, LEADHUB_CRASH_SEED=" << number << '\n';
  for (int life = 0; life < lives && !HasFailure(); ++life) live_and_die(choose(life));
  if (!HasFailure()) print(expect_all_is_there_once(folder_, ledger_));
}

TEST_F(KillLoop, AnswersARetryWhoseFirstAnswerWasLost) {
  const auto fifth = first_passage_after_the_start("leadhub-inbox.after_commit") + 4;
  {
    HubProcess hub{folder_, {"LEADHUB_FAILPOINT=leadhub-inbox.after_commit:" + std::to_string(fifth)}};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ledger_.allow_new(20);
    send_until(hub.edge_port(), ledger_, [] { return false; });
    ASSERT_EQ(hub.wait(10s), -SIGKILL);
  }
  const auto totals = ledger_.totals();
  EXPECT_EQ(totals.keys, totals.acked + 1);
  EXPECT_EQ(count_known_keys(folder_), totals.keys) << "it was stored";
  expect_all_is_there_once(folder_, ledger_);
}

TEST_F(KillLoop, SetsOneEntryAsideThatIsThereAtEachDeath) {
  const auto first_batch = first_passage_after_the_start("leadhub.before_commit");
  const auto failpoint = "LEADHUB_FAILPOINT=leadhub.before_commit:" + std::to_string(first_batch);
  {
    HubProcess hub{folder_, {failpoint}};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ledger_.allow_new(20);
    send_until(hub.edge_port(), ledger_, [] { return false; });
    ASSERT_EQ(hub.wait(10s), -SIGKILL);
  }
  for (int death = 2; death <= 4; ++death) {
    HubProcess hub{folder_, {failpoint}};
    ASSERT_EQ(hub.wait(10s), -SIGKILL) << "death " << death;
  }
  HubProcess hub{folder_};
  ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
  HttpConnection connection{hub.edge_port()};
  ledger_.allow_new(20);
  for (int i = 0; i < 21; ++i) {
    const auto number = ledger_.take();
    const auto answer = post(connection, number);
    ASSERT_TRUE(answer && answer->is_success());
    ledger_.acknowledge(number);
  }
  ASSERT_TRUE(hub.wait_until_caught_up()) << folder_.log();
  EXPECT_NE(folder_.log().find("entry 1 ended the process again and again; it is in quarantine"),
            std::string::npos);
  ASSERT_TRUE(hub.document("/api/v1/inbox/1").is_object());
  hub.signal(SIGTERM);
  ASSERT_EQ(hub.wait(30s), 0);

  const auto stores = read_stores(folder_);
  EXPECT_EQ(stores.quarantined, 1U);
  EXPECT_EQ(stores.leads, stores.entries - 1) << "it blocks nobody";
  EXPECT_EQ(stores.inbox_keys.count(key_of(0)), 1U) << "and is kept";
}

}  // namespace
}  // namespace leadhub::crash
