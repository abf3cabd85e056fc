#include "report/funnel.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace leadhub::report {
namespace {

using enum lead::Stage;

constexpr TimePoint captured_at{std::chrono::milliseconds{1'767'614'400'000}};

StageTimes entered(std::initializer_list<lead::Stage> stages) {
  StageTimes times;
  for (const auto stage : stages) times.at(static_cast<std::size_t>(stage) - 1) = captured_at;
  return times;
}

std::int64_t count(const FunnelTally& tally, lead::Stage stage) {
  return tally.entered.at(static_cast<std::size_t>(stage) - 1);
}

TEST(Funnel, CountsWhoEnteredEachStage) {
  FunnelTally tally;
  tally.add(entered({captured, registered, developing, converted}));
  tally.add(entered({captured, registered}));
  tally.add(entered({captured, registered, lost}));
  tally.add(entered({captured}));
  EXPECT_EQ(count(tally, captured), 4);
  EXPECT_EQ(count(tally, registered), 3);
  EXPECT_EQ(count(tally, developing), 1);
  EXPECT_EQ(count(tally, converted), 1);
  EXPECT_EQ(count(tally, lost), 1);
  EXPECT_DOUBLE_EQ(*tally.share_of_previous(registered), 0.75);
  EXPECT_DOUBLE_EQ(*tally.share_of_previous(developing), 1.0 / 3);
  EXPECT_DOUBLE_EQ(*tally.share_of_captured(converted), 0.25);
}

TEST(Funnel, GivesAStageNoneOfThoseWhoPassedTheOneBeforeOver) {
  FunnelTally tally;
  tally.add(entered({captured, converted}));
  tally.add(entered({captured, developing}));
  EXPECT_DOUBLE_EQ(*tally.share_of_previous(converted), 0);
  EXPECT_DOUBLE_EQ(*tally.share_of_captured(converted), 0.5);
  EXPECT_FALSE(tally.share_of_previous(customer).value_or(0) > 0);
}

TEST(Funnel, HasNoShareOfNobody) {
  EXPECT_EQ(FunnelTally{}.share_of_captured(converted), std::nullopt);
  EXPECT_EQ(FunnelTally{}.share_of_previous(registered), std::nullopt);
  EXPECT_EQ(FunnelTally{}.share_of_previous(lost), std::nullopt);
}

RC_GTEST_PROP(Funnel, NeverGrowsWhereLeadsPassTheStagesInOrder, (const std::vector<unsigned>& reached)) {
  FunnelTally tally;
  for (const auto last : reached) {
    StageTimes times;
    for (std::size_t i = 0; i <= last % funnel_stage_count; ++i) times.at(i) = captured_at;
    tally.add(times);
  }
  for (std::size_t i = 1; i < funnel_stage_count; ++i) {
    RC_ASSERT(tally.entered.at(i) <= tally.entered.at(i - 1));
    RC_ASSERT(tally.went_on.at(i - 1) == tally.entered.at(i));
  }
}

RC_GTEST_PROP(Funnel, KeepsEveryShareBetweenNothingAndAll, (const std::vector<unsigned char>& masks)) {
  FunnelTally all;
  FunnelTally half;
  for (const auto mask : masks) {
    StageTimes times;
    for (std::size_t i = 0; i < times.size(); ++i)
      if (i == 0 || (mask >> i & 1U) != 0) times.at(i) = captured_at;
    (mask % 2 == 0 ? all : half).add(times);
  }
  all.add(half);
  RC_ASSERT(all.entered[0] == static_cast<std::int64_t>(masks.size()));
  for (std::size_t i = 1; i <= lead::stage_count; ++i) {
    const auto stage = static_cast<lead::Stage>(i);
    for (const auto share : {all.share_of_previous(stage), all.share_of_captured(stage)})
      RC_ASSERT(!share || (*share >= 0 && *share <= 1));
  }
}

}  // namespace
}  // namespace leadhub::report
