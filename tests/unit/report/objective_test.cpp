#include "report/objective.hpp"

#include <gtest/gtest.h>

#include "ops/limits.hpp"

namespace leadhub::report {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using enum lead::Stage;

constexpr TimePoint now{std::chrono::milliseconds{1'767'614'400'000}};
const Objective fortnight{"website", days{14}, 0.9};

/// When it entered stages, in days ago.
StageTimes ago(std::initializer_list<std::pair<lead::Stage, int>> entered) {
  StageTimes out;
  for (const auto& [stage, before] : entered)
    out.at(static_cast<std::size_t>(stage) - 1) = now - days{before};
  return out;
}

Standing standing_of(const std::vector<StageTimes>& leads) {
  ChannelLeads channel;
  for (const auto& lead : leads) channel.add(lead, fortnight, now);
  return standing(fortnight, std::move(channel), now);
}

TEST(Objective, IsMetWhereItsShareConvertsInTime) {
  std::vector<StageTimes> leads(9, ago({{captured, 12}, {converted, 2}}));
  leads.push_back(ago({{captured, 90}, {converted, 1}}));
  const auto result = standing_of(leads);
  EXPECT_EQ(result.conversions, 10);
  EXPECT_EQ(result.lead_time, days{10});
  EXPECT_FALSE(result.is_missed);
}

TEST(Objective, IsMissedWhereTooManyTakeLonger) {
  std::vector<StageTimes> leads(8, ago({{captured, 12}, {converted, 2}}));
  leads.insert(leads.end(), 2, ago({{captured, 20}, {converted, 1}}));
  const auto result = standing_of(leads);
  EXPECT_EQ(result.lead_time, days{19});
  EXPECT_TRUE(result.is_missed);
}

TEST(Objective, LooksAtTheConversionsOfTheWindowAlone) {
  const auto result =
      standing_of({ago({{captured, 400}, {converted, 31}}), ago({{captured, 9}, {converted, 4}})});
  EXPECT_EQ(result.conversions, 1);
  EXPECT_FALSE(result.is_missed);
}

TEST(Objective, IsMissedWhereNobodyConvertsThoughLeadsWait) {
  const auto result = standing_of({ago({{captured, 30}, {converted, 20}}), ago({{captured, 16}})});
  EXPECT_EQ(result.lead_time, days{10});
  EXPECT_EQ(result.stalled_for, days{16});
  EXPECT_TRUE(result.is_missed);
}

TEST(Objective, CountsAStallFromTheLastConversion) {
  const auto result = standing_of({ago({{captured, 30}, {converted, 3}}), ago({{captured, 28}})});
  EXPECT_EQ(result.stalled_for, days{3});
}

TEST(Objective, WaitsForNobodyWhoIsLostOrGivenUp) {
  const auto result = standing_of({ago({{captured, 20}, {lost, 5}}), ago({{captured, 45}})});
  EXPECT_EQ(result.stalled_for, std::nullopt);
  EXPECT_FALSE(result.is_missed);
}

TEST(Objective, WaitsForWhoWasLostAndCameBack) {
  EXPECT_EQ(standing_of({ago({{captured, 20}, {lost, 9}, {recycled, 4}})}).stalled_for, days{20});
}

TEST(Objective, OfNobodyIsMet) {
  EXPECT_FALSE(standing_of({}).is_missed);
}

}  // namespace
}  // namespace leadhub::report
