#include "app/lead_time_watch.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace leadhub::app {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using namespace std::chrono_literals;

report::Standing standing(const std::string& channel, bool is_missed) {
  report::Standing out;
  out.objective = {channel, 24h, 0.9};
  out.lead_time = is_missed ? 48h : 1h;
  out.is_missed = is_missed;
  return out;
}

auto change(const std::string& channel, bool is_missed) {
  return testing::AllOf(Field(&LeadTimeWatch::Change::channel, channel),
                        Field(&LeadTimeWatch::Change::is_missed, is_missed));
}

struct Watch : testing::Test {
  Result<std::vector<report::Standing>> standings;
  LeadTimeWatch watch{[this] { return standings; }};
};

TEST_F(Watch, SaysOnceThatAnObjectiveIsMissedAndOnceThatItIsMet) {
  standings = {{standing("website", false), standing("news", false)}};
  EXPECT_THAT(*watch.look(), IsEmpty());
  standings = {{standing("website", true), standing("news", false)}};
  EXPECT_THAT(*watch.look(), ElementsAre(change("website", true)));
  EXPECT_THAT(*watch.look(), IsEmpty());
  standings = {{standing("website", false), standing("news", true)}};
  EXPECT_THAT(*watch.look(), ElementsAre(change("website", false), change("news", true)));
  EXPECT_THAT(*watch.look(), IsEmpty());
}

TEST_F(Watch, ForgetsAChannelThatHasNoObjectiveAnyMore) {
  standings = {{standing("website", true)}};
  EXPECT_THAT(*watch.look(), ElementsAre(change("website", true)));
  standings = std::vector<report::Standing>{};
  EXPECT_THAT(*watch.look(), IsEmpty());
  standings = {{standing("website", true)}};
  EXPECT_THAT(*watch.look(), ElementsAre(change("website", true)));
}

TEST_F(Watch, KeepsWhatItSawLastWhereTheStoreCannotBeRead) {
  standings = {{standing("website", true)}};
  ASSERT_TRUE(watch.look());
  standings = fail(ErrorCode::unavailable, "locked");
  EXPECT_FALSE(watch.look());
  ASSERT_EQ(watch.latest().size(), 1);
  EXPECT_TRUE(watch.latest()[0].is_missed);
}

TEST(LeadTimeWatchThread, LooksAtTheStartAndEndsAtOnce) {
  std::atomic<int> looks = 0;
  LeadTimeWatch watch{[&]() -> Result<std::vector<report::Standing>> {
    ++looks;
    return std::vector<report::Standing>{};
  }};
  watch.start();
  for (int tries = 0; looks == 0 && tries < 1'000; ++tries) std::this_thread::sleep_for(1ms);
  watch.stop();
  EXPECT_EQ(looks, 1);
}

}  // namespace
}  // namespace leadhub::app
