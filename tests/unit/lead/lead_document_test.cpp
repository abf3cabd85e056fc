#include "lead/lead_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace leadhub::lead {
namespace {

TimePoint hours(int count) {
  return from_milliseconds(1'767'614'400'000) + std::chrono::hours{count};
}

LeadRecord example() {
  LeadRecord record;
  auto& lead = record.lead;
  lead.id = "019b8e2c-1a00-7000-8000-000000000001";
  lead.stage_entered[0] = hours(0);
  lead.hot_until = hours(48);
  lead.warm_until = hours(720);
  lead.created_at = hours(0);
  lead.updated_at = hours(2);
  lead.fields[static_cast<std::size_t>(Field::name)] = {"Ada \"Countess\" Lovelace", {1, 0}, hours(0)};
  lead.fields[static_cast<std::size_t>(Field::country)] = {"GB", {2, 1}, hours(1)};
  lead.attributes = {{"budget", {std::int64_t{5'000}, {1, 0}, hours(0)}},
                     {"topics", {std::vector<std::string>{"engines", "looms"}, {2, 1}, hours(1)}}};
  lead.tags = {"vip"};
  lead.contact_points = {
      {ContactKind::email,
       "ada@example.com",
       "Ada@Example.com",
       Verdict::unknown,
       hours(1),
       {1, 0},
       hours(0)},
      {ContactKind::phone, "+442079460958", "020 7946 0958", Verdict::valid, std::nullopt, {2, 1}, hours(1)}};
  lead.first_touch = {{{"utm_source", "search"}, {"landing_page", "https://example.com/?utm_source=search"}},
                      "website",
                      hours(0)};
  record.timeline = {{{1, 0},
                      "website",
                      "k1",
                      "form.submitted",
                      hours(0),
                      hours(0),
                      SignalTrust::human,
                      R"({"type":"form.submitted","key":"k1"})"},
                     {{2, 1},
                      "chat",
                      "k2",
                      "chat.started",
                      hours(1),
                      hours(2),
                      SignalTrust::unknown,
                      R"({"type":"chat.started","key":"k2"})"}};
  record.consents = {
      {{1, 0},
       0,
       {"newsletter", "email", ConsentState::granted, "Yes", "https://example.com", "192.0.2.1", ""},
       "abc",
       hours(0),
       hours(0)}};
  record.attachments = {{"def", "cv", "cv.pdf", "application/pdf", 12, {1, 0}}};
  Message asked;
  asked.id = "019b8e2c-1a00-7000-8000-0000000000aa";
  asked.channel = "newsletter";
  asked.address = "Ada@Example.com";
  asked.source = {1, 0};
  asked.created_at = hours(0);
  asked.state = MessageState::sent;
  asked.attempts = 1;
  asked.sent_at = hours(1);
  record.messages = {asked};

  auto& qualification = lead.qualification;
  qualification.points[0].add(20, hours(0));
  qualification.points[1].half_life = std::chrono::hours{2};
  qualification.points[1].add(50, hours(0));
  record.scores = {{{1, 0}, 0, "asked for a demo", ScoreGroup::engagement, 50, hours(0)},
                   {{1, 0}, 1, "big company", ScoreGroup::fit, 20, hours(0)}};
  qualification.tallies = {{"big company", {{hours(0), 20}}}};
  qualification.hot_event = Warmth{hours(48), "event.type is demo.requested", {1, 0}, hours(0)};
  qualification.warm_rule = "lead.score is at least 20";
  qualification.stages = {{2, "lead.verified is true", {1, 0}}};
  lead.stage = Stage::registered;
  lead.stage_entered[1] = hours(1);
  lead.routing.assignment =
      Assignment{1,        "Charles",    "lead.temperature is hot", "territory", {1, 0}, hours(0),
                 hours(1), std::nullopt, AssignmentState::open};
  lead.routing.waiting = WaitingForOwner{"a mark", {1, 0}, hours(0), hours(1)};
  lead.routing.holding = {"a mark", "another"};
  lead.delivering = {"a third"};
  lead.account = {"Grace", hours(9'000), std::nullopt};
  lead.value = {{"EUR", 1'200.5}};
  record.assignments = {*lead.routing.assignment};
  return record;
}

/// Compares with tests/unit/lead/NAME; with UPDATE_GOLDEN=1 in the environment it writes that file instead.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string file = LEADHUB_SOURCE_DIR "/tests/unit/lead/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream{file} << text;
  std::ifstream stream{file};
  std::stringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(text, expected.str())
      << "if this is meant, run the test with UPDATE_GOLDEN=1 and read the difference";
}

TEST(LeadDocument, HasTheFormThatIsPublished) {
  expect_golden("lead_document.golden.json", lead_document(example(), hours(2)).dump(2) + "\n");
}

TEST(LeadDocument, KeepsWhatTheRulesMadeOfALeadInItsColumn) {
  const auto lead = example().lead;
  Lead read;
  qualification_from_json(qualification_to_json(lead), read);
  read.hot_until = lead.hot_until;
  read.warm_until = lead.warm_until;
  EXPECT_EQ(qualification_to_json(read), qualification_to_json(lead));
  EXPECT_EQ(read.score_at(hours(2)), 45);
  EXPECT_EQ(read.owner(), "Charles");
  EXPECT_EQ(read.routing.assignment->answer_by, hours(1));
  EXPECT_EQ(read.routing.holding, lead.routing.holding);
  EXPECT_EQ(read.routing.waiting->rule, "a mark");
  EXPECT_EQ(read.delivering, lead.delivering);
  EXPECT_EQ(read.account.renews_at, hours(9'000));
  EXPECT_EQ(qualification_to_json(Lead{}), "{}");
}

TEST(LeadDocument, ForgetsByWhichNumbersRulesWereKnownOnce) {
  Lead lead;
  qualification_from_json(R"({"waiting":[0,1,0,0,3600000],"holding":[0,2],"value":{"EUR":5.0}})", lead);
  EXPECT_FALSE(lead.routing.waiting);
  EXPECT_TRUE(lead.routing.holding.empty());
  EXPECT_EQ(lead.value.size(), 1U);
}

TEST(LeadDocument, CountsOnWithTheTemperatureOfALeadFromBeforeThereWereRules) {
  Lead lead;
  lead.hot_until = hours(5);
  qualification_from_json("", lead);
  ASSERT_TRUE(lead.qualification.hot_event);
  EXPECT_EQ(lead.qualification.hot_event->until, hours(5));
  EXPECT_FALSE(lead.qualification.warm_event);
}

TEST(LeadDocument, SaysNullWhereNothingIsKnown) {
  Lead lead;
  lead.id = "x";
  const auto summary = lead_summary(lead, hours(0));
  for (const auto* member : {"email", "phone", "name", "country", "time_zone"})
    EXPECT_TRUE(summary.at(member).is_null()) << member;
  EXPECT_EQ(summary.at("temperature"), "cold");
  EXPECT_EQ(summary.at("stage"), "captured");
}

TEST(LeadDocument, CoolsDownByItself) {
  const auto record = example();
  EXPECT_EQ(lead_document(record, hours(47)).at("temperature"), "hot");
  EXPECT_EQ(lead_document(record, hours(48)).at("temperature"), "warm");
  EXPECT_EQ(lead_document(record, hours(720)).at("temperature"), "cold");
}

// --- What stands in JSON columns comes back.

std::string any_text() {
  return *rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12)),
                       [](const std::vector<int>& picks) {
                         static const std::vector<std::string> pieces{"a",  "B",    "7", "\"",     "\\", "\n",
                                                                      "\t", "\x01", "é", "\u200d", "名", "😀"};
                         std::string out;
                         for (const auto pick : picks) out += pieces[static_cast<std::size_t>(pick)];
                         return out;
                       });
}

EventReference any_reference() {
  return {*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000), *rc::gen::inRange<std::int32_t>(0, 1'000)};
}

TimePoint any_time() {
  return from_milliseconds(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999));
}

AttributeValue any_attribute() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return *rc::gen::arbitrary<bool>();
    case 1:
      return *rc::gen::arbitrary<std::int64_t>();
    case 2:
      return *rc::gen::suchThat(rc::gen::arbitrary<double>(),
                                [](double value) { return std::isfinite(value); });
    case 3:
      return any_text();
    default: {
      std::vector<std::string> list;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) list.push_back(any_text());
      return list;
    }
  }
}

RC_GTEST_PROP(JsonColumns, GiveBackAttributesWithTheirTypeAndProvenance, ()) {
  Lead lead;
  std::set<std::string> names;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i)
    if (const auto name = any_text(); names.insert(name).second)
      lead.attributes.emplace_back(name,
                                   Sourced<AttributeValue>{any_attribute(), any_reference(), any_time()});
  for (auto& field : lead.fields) field = {any_text(), any_reference(), any_time()};

  Lead read;
  attributes_from_json(attributes_to_json(lead), read);
  for (std::size_t i = 0; i < lead.fields.size(); ++i) read.fields[i].value = lead.fields[i].value;
  provenance_from_json(provenance_to_json(lead), read);
  RC_ASSERT(read.attributes.size() == lead.attributes.size());
  for (const auto& [name, attribute] : lead.attributes) {
    const auto found = std::find_if(read.attributes.begin(), read.attributes.end(),
                                    [&](const auto& candidate) { return candidate.first == name; });
    RC_ASSERT(found != read.attributes.end());
    RC_ASSERT(found->second.value == attribute.value);
    RC_ASSERT(found->second.source == attribute.source);
    RC_ASSERT(found->second.at == attribute.at);
  }
  for (std::size_t i = 0; i < lead.fields.size(); ++i) {
    if (lead.fields[i].value.empty()) continue;
    RC_ASSERT(read.fields[i].source == lead.fields[i].source);
    RC_ASSERT(read.fields[i].at == lead.fields[i].at);
  }
}

RC_GTEST_PROP(JsonColumns, GiveBackTouches, ()) {
  Touch touch{{}, any_text(), any_time()};
  for (const auto name : attribution_names())
    if (*rc::gen::arbitrary<bool>()) touch.attribution.emplace_back(name, any_text());
  const auto read = touch_from_json(touch_to_json(touch));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->attribution == touch.attribution);
  RC_ASSERT(read->channel == touch.channel);
  RC_ASSERT(read->at == touch.at);
}

TEST(JsonColumns, GiveBackNothingForNothing) {
  EXPECT_FALSE(touch_from_json(touch_to_json(std::nullopt)));
  EXPECT_EQ(strings_from_json(strings_to_json({})), std::vector<std::string>{});
  EXPECT_EQ(strings_from_json(strings_to_json({"a", ""})), (std::vector<std::string>{"a", ""}));
}

}  // namespace
}  // namespace leadhub::lead
