#include "report/attribution.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace leadhub::report {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

sys_days january(unsigned day) {
  return sys_days{std::chrono::year{2026} / std::chrono::January / std::chrono::day{day}};
}

Cost spring(double amount) {
  return {"", "google", "spring", january(1), january(10), amount, "EUR"};
}

TEST(Cost, CountsWholeInAWindowAroundIt) {
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(1) - 24h, january(31)}, "UTC"), 1'200);
}

TEST(Cost, IsSpreadEvenlyOverItsDays) {
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(9), january(31)}, "UTC"), 240);
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(1), january(1) + 12h}, "UTC"), 60);
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(11), january(31)}, "UTC"), 0);
}

TEST(Cost, HasItsDaysInTheTimeZone) {
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(10) + 23h, january(31)}, "Europe/Berlin"), 0);
  EXPECT_DOUBLE_EQ(cost_within(spring(1'200), {january(10) + 24h, january(31)}, "America/New_York"), 25);
}

RC_GTEST_PROP(Cost, IsDividedByWindowsWithoutRest, ()) {
  const auto cut = TimePoint{january(1)} + std::chrono::minutes{*rc::gen::inRange(-3'000, 20'000)};
  const Window before{january(1) - 72h, cut};
  const Window after{cut, january(31)};
  const auto sum = cost_within(spring(1'000), before, "Europe/Berlin") +
                   cost_within(spring(1'000), after, "Europe/Berlin");
  RC_ASSERT(std::abs(sum - 1'000) < 1e-6);
}

TEST(Cost, NamesWhatItWasPaidFor) {
  EXPECT_EQ(spring(1).name(lead::Grouping::source), "google");
  EXPECT_EQ(spring(1).name(lead::Grouping::campaign), "spring");
  EXPECT_EQ(spring(1).name(lead::Grouping::channel), "");
}

TEST(Efficiency, SetsACostAgainstWhatCameOfIt) {
  const Yield yield{40, 4, {{"EUR", 3'600}, {"USD", 10}}};
  const auto result = efficiency(1'200, "EUR", yield);
  EXPECT_DOUBLE_EQ(*result.per_lead, 30);
  EXPECT_DOUBLE_EQ(*result.per_conversion, 300);
  EXPECT_DOUBLE_EQ(*result.returned, 3);
}

TEST(Efficiency, ComparesNoTwoCurrencies) {
  EXPECT_DOUBLE_EQ(*efficiency(100, "GBP", {1, 1, {{"EUR", 50}}}).returned, 0);
}

TEST(Efficiency, OfNobodyIsUnknown) {
  const auto result = efficiency(100, "EUR", {});
  EXPECT_EQ(result.per_lead, std::nullopt);
  EXPECT_EQ(result.per_conversion, std::nullopt);
  EXPECT_DOUBLE_EQ(*result.returned, 0);
  EXPECT_EQ(efficiency(0, "EUR", {}).returned, std::nullopt);
}

TEST(Attribution, AddsUp) {
  AttributionTally one{{1, 1, {{"EUR", 5}}}, {2, 0, {}}, {{"EUR", 7}}};
  one.add(AttributionTally{{1, 0, {{"EUR", 1}, {"USD", 2}}}, {1, 1, {{"EUR", 3}}}, {{"EUR", 1}}});
  EXPECT_EQ(one.first.leads, 2);
  EXPECT_EQ(one.last.leads, 3);
  EXPECT_EQ(one.last.converted, 1);
  EXPECT_EQ(one.first.value, (Money{{"EUR", 6}, {"USD", 2}}));
  EXPECT_EQ(one.cost, (Money{{"EUR", 8}}));
}

}  // namespace
}  // namespace leadhub::report
