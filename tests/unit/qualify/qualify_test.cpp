#include "qualify/qualify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "config/qualify_section.hpp"

namespace leadhub::qualify {
namespace {

using lead::Stage;
using lead::Temperature;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint start{std::chrono::milliseconds{1'767'614'400'000}};  // 2026-01-05T12:00:00Z

/// The section `qualify`, as hub.yaml has it.
Rules rules_from(const char* json) {
  return config::qualify_of(nlohmann::json::parse(json), {});
}

/// A lead to which events happen.
struct Story {
  Rules rules;
  lead::Lead lead{};
  std::vector<lead::ScoreEntry> ledger{};
  std::int64_t seq = 0;

  Judgement happens(const std::string& type, TimePoint at, lead::SignalTrust trust = lead::SignalTrust::human,
                    std::vector<std::pair<std::string, lead::AttributeValue>> attributes = {}) {
    lead::NormalisedEvent event;
    event.reference = {++seq, 0};
    event.event.type = type;
    event.event.trust = trust;
    event.event.attributes = std::move(attributes);
    event.occurred_at = at;
    event.received_at = std::max(at, lead.updated_at);
    lead::apply(lead, event);
    auto judgement = judge(rules, lead, event);
    ledger.insert(ledger.end(), judgement.scores.begin(), judgement.scores.end());
    return judgement;
  }

  void is_confirmed() {
    lead::ContactPoint point;
    point.canonical = "ada@example.com";
    point.verified_at = start;
    lead.contact_points.push_back(point);
  }
};

constexpr auto example = R"({
  "score": [
    {"name": "demo", "when": {"event.type": "demo.requested"}, "add": 50},
    {"name": "form", "when": {"event.type": "form.submitted"}, "add": 20},
    {"name": "opened", "when": {"event.type": "email.opened", "event.trust": "human"}, "add": 2,
     "at_most": "10 per 7d"},
    {"name": "big", "when": {"lead.attributes.company_size": {"gte": 200}}, "add": 20, "group": "fit",
     "once": true}],
  "decay": {"group": "engagement", "half_life": "30d"},
  "temperature": [{"is": "hot", "when": {"lead.score": {"gte": 60}}},
                  {"is": "warm", "when": {"lead.score": {"gte": 20}}}]})";

// --- Temperature

TEST(Temperature, FollowsTheBuiltInRulesOfTheDomain) {
  const auto after = [](const std::string& type) {
    Story story{default_rules()};
    story.happens(type, start);
    return story.lead.temperature_at(start);
  };
  for (const auto* type : {"purchase.completed", "cart.updated", "chat.started", "chat.message",
                           "account.registered", "demo.requested"})
    EXPECT_EQ(after(type), Temperature::hot) << type;
  for (const auto* type : {"form.submitted", "product.liked"})
    EXPECT_EQ(after(type), Temperature::warm) << type;
  for (const auto* type : {"page.viewed", "content.downloaded", "questionnaire.completed",
                           "newsletter.subscribed", "email.delivered", "x.acme.seen"})
    EXPECT_EQ(after(type), Temperature::cold) << type;
}

TEST(Temperature, IsTheHottestThatStillHolds) {
  Story story{default_rules()};
  story.happens("demo.requested", start);
  story.happens("form.submitted", start + 240h);
  EXPECT_EQ(story.lead.temperature_at(start + rule_holds_for - 1ms), Temperature::hot);
  EXPECT_EQ(story.lead.temperature_at(start + rule_holds_for), Temperature::warm);
  EXPECT_EQ(story.lead.temperature_at(start + 240h + rule_holds_for), Temperature::cold);
}

TEST(Temperature, IsNotShortenedByAnOlderEvent) {
  Story story{default_rules()};
  story.happens("demo.requested", start);
  story.happens("demo.requested", start - 100h);
  EXPECT_EQ(story.lead.hot_until, start + rule_holds_for);
}

TEST(Temperature, OfARuleOnAnEventHoldsAsLongAsItSays) {
  Story story{rules_from(
      R"({"builtin": false, "temperature": [{"is": "hot", "when": {"event.type": "page.viewed"}, "for": "2h"}]})")};
  story.happens("page.viewed", start);
  EXPECT_EQ(story.lead.hot_until, start + 2h);
  EXPECT_EQ(story.lead.wake_at, start + 2h);
}

TEST(Temperature, OfAScoreEndsWhenItHasFadedToItsLimit) {
  auto rules = rules_from(example);
  std::erase_if(rules.temperature, [](const TemperatureRule& rule) { return rule.on_event; });
  Story story{std::move(rules)};
  story.happens("demo.requested", start);
  story.happens("form.submitted", start);
  EXPECT_EQ(story.lead.temperature_at(start), Temperature::hot);
  const auto cools = *story.lead.wake_at;  // 70 points fade to 59.5
  EXPECT_NEAR(std::chrono::duration<double>(cools - start).count(), 30 * 86400 * std::log2(70.0 / 59.5), 1);
  EXPECT_EQ(story.lead.temperature_at(cools - 2ms), Temperature::hot);
  EXPECT_EQ(story.lead.temperature_at(cools), Temperature::warm);
  EXPECT_EQ(reconsider(story.rules, story.lead, cools, {}), std::nullopt);
  EXPECT_EQ(story.lead.temperature_at(cools), Temperature::warm);
  EXPECT_GT(*story.lead.wake_at, cools) << "when it becomes cold";
}

TEST(Temperature, OfWhatALeadIsHoldsForEver) {
  Story story{rules_from(
      R"({"builtin": false, "temperature": [{"is": "warm", "when": {"lead.attributes.plan": "pro"}}]})")};
  story.happens("form.submitted", start, lead::SignalTrust::human, {{"plan", std::string{"pro"}}});
  EXPECT_EQ(story.lead.warm_until, lead::forever);
  EXPECT_EQ(story.lead.wake_at, std::nullopt);
  EXPECT_EQ(story.lead.qualification.warm_rule, "lead.attributes.plan is pro");
  story.happens("form.submitted", start + 1h, lead::SignalTrust::human, {{"plan", std::string{"free"}}});
  EXPECT_EQ(story.lead.temperature_at(start + 1h), Temperature::cold) << "the rule holds no more";
}

// --- Score

TEST(Score, IsTheSumOfTheRulesThatHold) {
  Story story{rules_from(example)};
  const auto judgement =
      story.happens("demo.requested", start, lead::SignalTrust::human, {{"company_size", std::int64_t{500}}});
  ASSERT_EQ(judgement.scores.size(), 2U);
  EXPECT_EQ(judgement.scores[0].rule, "demo");
  EXPECT_EQ(judgement.scores[1].rule, "big");
  EXPECT_EQ(story.lead.score_at(start), 70);
  EXPECT_EQ(story.lead.score_at(start, lead::ScoreGroup::fit), 20);
  EXPECT_EQ(story.lead.score_at(start + 720h), 45) << "engagement has halved, fit stays";
}

TEST(Score, IsInWholePointsAndReachesItsLimitAtOnce) {
  Story story{rules_from(example)};
  story.happens("form.submitted", start);
  EXPECT_EQ(story.lead.score_at(start + 24h), 20) << "19.54 points";
  EXPECT_EQ(story.lead.score_at(start + 27h), 19) << "19.49 points";
}

TEST(Score, CountsWhatHappensOnceOnlyOnce) {
  Story story{rules_from(example)};
  for (int i = 0; i < 3; ++i)
    story.happens("page.viewed", start, lead::SignalTrust::human, {{"company_size", std::int64_t{500}}});
  EXPECT_EQ(story.lead.score_at(start), 20);
}

TEST(Score, GivesNoMoreThanItsBoundInAnySpan) {
  Story story{rules_from(example)};
  for (int i = 0; i < 20; ++i) story.happens("email.opened", start + i * 1h);
  EXPECT_EQ(story.ledger.size(), 5U);
  story.happens("email.opened", start + 167h);
  EXPECT_EQ(story.ledger.size(), 5U) << "the first five still count";
  story.happens("email.opened", start + 168h);
  EXPECT_EQ(story.ledger.size(), 6U) << "a week after the first";
}

TEST(Score, GivesWhatIsLeftOfABound) {
  Story story{rules_from(R"({"score": [{"name": "seen", "when": {"event.type": "page.viewed"}, "add": 4,
                             "at_most": "10 per 1d"}]})")};
  for (int i = 0; i < 4; ++i) story.happens("page.viewed", start);
  std::vector<std::int64_t> points;
  for (const auto& entry : story.ledger) points.push_back(entry.points);
  EXPECT_THAT(points, ElementsAre(4, 4, 2));
}

TEST(Score, TrustsNoScanner) {
  Story story{rules_from(example)};
  story.happens("email.opened", start, lead::SignalTrust::scanner);
  story.happens("email.opened", start, lead::SignalTrust::unknown);
  EXPECT_THAT(story.ledger, IsEmpty());
}

TEST(Score, CanBeLostAgain) {
  Story story{rules_from(R"({"score": [{"name": "left", "when": {"event.type": "newsletter.unsubscribed"},
                             "add": -30, "at_most": "40 per 1d"}]})")};
  for (int i = 0; i < 3; ++i) story.happens("newsletter.unsubscribed", start);
  EXPECT_EQ(story.lead.score_at(start), -40);
}

RC_GTEST_PROP(Score, IsAlwaysTheSumOfTheLedger, ()) {
  Story story{rules_from(example)};
  const auto kinds =
      std::vector<std::string>{"demo.requested", "form.submitted", "email.opened", "page.viewed"};
  const auto count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i)
    story.happens(*rc::gen::elementOf(kinds), start + *rc::gen::inRange(0, 2000) * 1h,
                  *rc::gen::element(lead::SignalTrust::human, lead::SignalTrust::scanner),
                  {{"company_size", *rc::gen::inRange<std::int64_t>(0, 400)}});
  const auto now = start + *rc::gen::inRange(2000, 9000) * 1h;
  double sum = 0;
  for (const auto& entry : story.ledger)
    sum += entry.group == lead::ScoreGroup::fit
               ? static_cast<double>(entry.points)
               : lead::faded(static_cast<double>(entry.points), entry.at, now, 720h);
  const auto points_of = [&](const lead::Lead& lead) {
    return lead.points_at(now, lead::ScoreGroup::fit) + lead.points_at(now, lead::ScoreGroup::engagement);
  };
  RC_ASSERT(std::abs(points_of(story.lead) - sum) < 1e-9 * std::max(1.0, std::abs(sum)));
  auto reckoned = story.lead;
  reckon(story.rules, reckoned, story.ledger);
  RC_ASSERT(std::abs(points_of(reckoned) - sum) < 1e-9 * std::max(1.0, std::abs(sum)));
}

TEST(Score, IsReckonedAnewWhenTheDecayHasChanged) {
  Story story{rules_from(example)};
  story.happens("demo.requested", start);
  const auto slower = rules_from(R"({"decay": {"group": "engagement", "half_life": "60d"}})");
  EXPECT_FALSE(is_reckoned_otherwise(story.rules, story.lead));
  ASSERT_TRUE(is_reckoned_otherwise(slower, story.lead));
  reckon(slower, story.lead, story.ledger);
  EXPECT_EQ(story.lead.score_at(start + 1440h), 25);
}

TEST(Grade, JoinsFitAndEngagement) {
  Story story{rules_from(example)};
  EXPECT_EQ(story.lead.grade_at(start), "B3");
  story.happens("demo.requested", start);
  EXPECT_EQ(story.lead.grade_at(start), "B1");
  story.happens("page.viewed", start, lead::SignalTrust::human, {{"company_size", std::int64_t{200}}});
  EXPECT_EQ(story.lead.grade_at(start), "A1");
  EXPECT_EQ(story.lead.grade_at(start + 720h), "A2") << "engagement fades";
}

// --- Stages

TEST(Stages, FollowEachOtherOneAnEvent) {
  Story story{default_rules()};
  story.happens("form.submitted", start);
  EXPECT_EQ(story.lead.stage, Stage::captured);
  story.is_confirmed();
  EXPECT_EQ(story.happens("newsletter.subscribed", start + 1h).transition->to, Stage::registered);
  EXPECT_EQ(story.happens("page.viewed", start + 2h).transition->to, Stage::developing);
  EXPECT_EQ(story.happens("purchase.completed", start + 3h).transition->to, Stage::converted);
  EXPECT_EQ(story.happens("purchase.completed", start + 4h).transition->to, Stage::customer);
  EXPECT_EQ(story.happens("purchase.completed", start + 5h).transition, std::nullopt);
  EXPECT_EQ(story.lead.entered(Stage::converted), start + 3h);
  EXPECT_EQ(story.lead.qualification.stages.back().rule,
            "lead.stage is converted and event.type is purchase.completed");
}

TEST(Stages, MayAllConvert) {
  for (const auto from :
       {Stage::captured, Stage::registered, Stage::developing, Stage::lost, Stage::recycled}) {
    Story story{default_rules()};
    story.lead.stage = from;
    EXPECT_EQ(story.happens("purchase.completed", start).transition->to, Stage::converted);
  }
}

TEST(Stages, TakeNoTransitionThatIsNotDefined) {
  Story story{rules_from(R"({"stages": {"recycled": {"when": {"event.type": "page.viewed"}},
                             "registered": {"when": {"event.type": "page.viewed"}}}})")};
  story.lead.stage = Stage::customer;
  EXPECT_EQ(story.happens("page.viewed", start).transition, std::nullopt);
  EXPECT_EQ(story.lead.stage, Stage::customer);
}

TEST(Stages, CanChangeByTimeAlone) {
  Story story{
      rules_from(R"({"stages": {"lost": {"when": {"not": {"lead.updated_at": {"within": "90d"}}}}}})")};
  story.lead.updated_at = start;
  story.happens("form.submitted", start);
  auto woken = 0;
  while (story.lead.wake_at && story.lead.stage != Stage::lost && ++woken < 5)
    (void)reconsider(story.rules, story.lead, *story.lead.wake_at, {9, 0});
  EXPECT_EQ(story.lead.stage, Stage::lost);
  EXPECT_EQ(story.lead.entered(Stage::lost), start + 2160h);
  EXPECT_EQ(story.lead.qualification.stages.back().source, (lead::EventReference{9, 0}));
}

TEST(Stages, KeepTheOrderOfTheirTimes) {
  Story story{default_rules()};
  story.happens("page.viewed", start - 72h);
  story.is_confirmed();
  story.happens("page.viewed", start);
  EXPECT_EQ(story.lead.stage, Stage::registered);
  story.happens("purchase.completed", start - 48h);
  EXPECT_EQ(story.lead.entered(Stage::converted), start) << "not before it was registered";
}

}  // namespace
}  // namespace leadhub::qualify
