#include "lead/broadcast.hpp"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "lead/action.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {
namespace {

using namespace std::chrono_literals;

TimePoint at(const std::string& text) {
  return parse_rfc3339(text).value();
}

Broadcast tested() {
  Broadcast broadcast{"spring", "spring", "mail", "british", "marketing_email"};
  broadcast.at = at("2026-12-01T09:00:00Z");
  broadcast.track.opens = true;
  broadcast.test = SubjectTest{{"One", "Two"}, 20, 4h, SubjectMeasure::clicks};
  return broadcast;
}

TEST(Broadcast, IsReadFromTheLogAsItWasWritten) {
  const auto read = parse_action(to_json(StartBroadcast{tested()}));
  ASSERT_TRUE(read) << read.error().message;
  const auto& again = std::get<StartBroadcast>(*read).broadcast;
  EXPECT_EQ(broadcast_document(again), broadcast_document(tested()));
  EXPECT_EQ(again.segment, "british");
  EXPECT_TRUE(again.track.opens);
  EXPECT_EQ(again.test->by, SubjectMeasure::clicks);
  EXPECT_FALSE(parse_action(R"({"type": "broadcast.started", "broadcast": {"name": "spring"}})"));
}

TEST(Broadcast, LeavesAtOneMomentOrAtEachLeadsOwnTime) {
  auto broadcast = tested();
  EXPECT_EQ(leaves_at(broadcast, "America/New_York"), broadcast.at);
  EXPECT_EQ(begins_at(broadcast), broadcast.at);
  broadcast.clock = BroadcastClock::each_own;
  EXPECT_EQ(leaves_at(broadcast, "America/New_York"), at("2026-12-01T14:00:00Z"));
  EXPECT_EQ(leaves_at(broadcast, "Pacific/Kiritimati"), at("2026-11-30T19:00:00Z"));
  EXPECT_EQ(begins_at(broadcast), at("2026-11-30T19:00:00Z")) << "where the day begins first";
}

TEST(Broadcast, TriesItsSubjectsOnItsSampleEvenlyAndAlwaysOnTheSameLeads) {
  const auto broadcast = tested();
  std::map<std::string, int> counts;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = "lead " + std::to_string(i);
    const auto subject = subject_of(broadcast, id);
    EXPECT_EQ(subject_of(broadcast, id), subject);
    ++counts[subject ? subject_name(*subject) : std::string{best_subject}];
  }
  EXPECT_NEAR(counts["a"], 1'000, 150);
  EXPECT_NEAR(counts["b"], 1'000, 150);
  EXPECT_NEAR(counts["best"], 8'000, 250);
}

TEST(Broadcast, HasOneSubjectForAllWithoutATest) {
  auto broadcast = tested();
  broadcast.test.reset();
  EXPECT_EQ(subject_of(broadcast, "lead"), std::nullopt);
  EXPECT_EQ(decided_at(broadcast), std::nullopt);
}

TEST(Broadcast, GoesOnWithTheSubjectOfTheGreatestShare) {
  const auto test = *tested().test;
  EXPECT_EQ(best_of(test, {{100, 90, 5}, {50, 1, 4}}), 1U) << "of clicks, as asked for";
  EXPECT_EQ(best_of(test, {{100, 0, 5}, {100, 100, 5}}), 0U) << "of equal ones the first";
  EXPECT_EQ(best_of(test, {{0, 0, 0}, {0, 0, 0}}), 0U) << "where nothing is known";
}

TEST(Broadcast, NamesItsSubjects) {
  EXPECT_EQ(subject_from(subject_name(3)), 3U);
  EXPECT_EQ(subject_from(best_subject), std::nullopt);
  EXPECT_EQ(subject_from(""), std::nullopt);
}

}  // namespace
}  // namespace leadhub::lead
