#include "report/lead_time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace leadhub::report {
namespace {

using namespace std::chrono_literals;
using enum lead::Stage;

constexpr TimePoint start{std::chrono::milliseconds{1'767'614'400'000}};

StageTimes times(std::initializer_list<std::pair<lead::Stage, std::chrono::milliseconds>> entered) {
  StageTimes out;
  for (const auto& [stage, after] : entered) out.at(static_cast<std::size_t>(stage) - 1) = start + after;
  return out;
}

TEST(Distribution, GivesTheNearestRank) {
  Distribution distribution;
  for (int i = 10; i >= 1; --i) distribution.add(std::chrono::seconds{i * 10});
  EXPECT_EQ(distribution.percentile(0.5), 50s);
  EXPECT_EQ(distribution.percentile(0.9), 90s);
  EXPECT_EQ(distribution.percentile(0.99), 100s);
  EXPECT_EQ(distribution.percentile(0.07), 10s);
  EXPECT_EQ(distribution.percentile(1), 100s);
}

TEST(Distribution, OfNothingHasNoPercentile) {
  EXPECT_EQ(Distribution{}.percentile(0.5), std::nullopt);
}

TEST(Distribution, RoundsDownAndNeverBelowNothing) {
  Distribution distribution;
  distribution.add(1'999ms);
  distribution.add(-5s);
  EXPECT_EQ(distribution.percentile(1), 1s);
  EXPECT_EQ(distribution.percentile(0.5), 0s);
}

RC_GTEST_PROP(Distribution, AgreesWithTheSortedTimes, ()) {
  auto seconds = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1'000'000)));
  const auto percent = *rc::gen::inRange<std::size_t>(1, 101);
  Distribution one;
  Distribution two;
  for (std::size_t i = 0; i < seconds.size(); ++i)
    (i % 3 == 0 ? one : two).add(std::chrono::seconds{seconds[i]});
  two.add(std::move(one));
  std::ranges::sort(seconds);
  const auto rank = (seconds.size() * percent + 99) / 100;
  RC_ASSERT(two.percentile(static_cast<double>(percent) / 100) == std::chrono::seconds{seconds[rank - 1]});
}

TEST(LeadTime, MeasuresTheSpansBetweenTheStagesThatFollowEachOther) {
  LeadTimeTally tally;
  tally.add(
      times({{captured, 0s}, {registered, 10min}, {developing, 2h}, {converted, 48h}, {customer, 50h}}));
  EXPECT_EQ(tally.of(Span::lead_time).percentile(0.5), 48h);
  EXPECT_EQ(tally.of(Span::captured_to_registered).percentile(0.5), 10min);
  EXPECT_EQ(tally.of(Span::registered_to_developing).percentile(0.5), 110min);
  EXPECT_EQ(tally.of(Span::developing_to_converted).percentile(0.5), 46h);
  EXPECT_EQ(tally.of(Span::converted_to_customer).percentile(0.5), 2h);
  EXPECT_EQ(tally.size(), 1);
}

TEST(LeadTime, LeavesOutWhatWasPassedOverOrCameOutOfOrder) {
  LeadTimeTally tally;
  tally.add(times({{captured, 0s}, {converted, 1h}}));
  tally.add(times({{captured, 0s}, {registered, 9h}, {developing, 2h}}));
  EXPECT_EQ(tally.of(Span::lead_time).size(), 1);
  EXPECT_EQ(tally.of(Span::captured_to_registered).size(), 1);
  EXPECT_EQ(tally.of(Span::registered_to_developing).size(), 0);
  EXPECT_EQ(tally.of(Span::developing_to_converted).size(), 0);
}

TEST(Answers, AreKeptMissedOrOpen) {
  using enum lead::AssignmentState;
  const auto by = start + 1h;
  const auto now = start + 30min;
  LeadTimeTally tally;
  tally.add(HandOff{start, by, start + 10min, answered}, now);
  tally.add(HandOff{start, by, start + 2h, answered}, now);  // too late, and answered all the same
  tally.add(HandOff{start, by, std::nullopt, missed}, now);
  tally.add(HandOff{start, by, std::nullopt, open}, now);
  tally.add(HandOff{start, start + 20min, std::nullopt, open}, now);  // nobody has looked yet
  tally.add(HandOff{start, by, std::nullopt, superseded}, now);
  tally.add(HandOff{start, std::nullopt, start + 5min, answered}, now);  // nobody waits
  EXPECT_EQ(tally.answers().kept, 1);
  EXPECT_EQ(tally.answers().missed, 3);
  EXPECT_EQ(tally.answers().open, 1);
  EXPECT_EQ(tally.of(Span::hand_off_to_answer).size(), 3);
  EXPECT_EQ(tally.of(Span::hand_off_to_answer).percentile(0.5), 10min);
}

TEST(LeadTime, OfTwoGroupsIsThatOfAll) {
  LeadTimeTally one;
  LeadTimeTally two;
  one.add(times({{captured, 0s}, {converted, 1h}}));
  two.add(times({{captured, 0s}, {converted, 3h}}));
  two.add(HandOff{start, start + 1h, std::nullopt, lead::AssignmentState::missed}, start);
  one.add(std::move(two));
  EXPECT_EQ(one.size(), 2);
  EXPECT_EQ(one.of(Span::lead_time).percentile(1), 3h);
  EXPECT_EQ(one.answers().missed, 1);
}

}  // namespace
}  // namespace leadhub::report
