#include "lead/condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "config/condition_paths.hpp"
#include "config/conditions.hpp"

namespace leadhub::lead {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{std::chrono::milliseconds{1'767'614'400'000}};  // 2026-01-05T12:00:00Z

Condition condition(const char* json, const config::Segments& segments = {}) {
  return config::condition_of(nlohmann::json::parse(json), segments);
}

struct Conditions : ::testing::Test {
  Lead lead;
  NormalisedEvent event;

  Conditions() {
    lead.id = "1";
    lead.fields[static_cast<std::size_t>(Field::country)].value = "GB";
    lead.fields[static_cast<std::size_t>(Field::company)].value = "Analytical Engines";
    lead.attributes.emplace_back("size", Sourced<AttributeValue>{std::int64_t{200}, {}, {}});
    lead.attributes.emplace_back("budget", Sourced<AttributeValue>{std::string{"1500"}, {}, {}});
    lead.attributes.emplace_back("newsletter", Sourced<AttributeValue>{true, {}, {}});
    lead.tags = {"vip", "trade-fair"};
    lead.created_at = start - 48h;
    event.event.type = "form.submitted";
    event.channel = "website";
    event.received_at = start;
  }

  [[nodiscard]] bool hold(const char* json) const { return holds(condition(json), {lead, &event, start}); }
};

TEST_F(Conditions, HoldWhereEveryPathMatches) {
  EXPECT_TRUE(hold(R"({"lead.country": "GB", "event.type": "form.submitted"})"));
  EXPECT_FALSE(hold(R"({"lead.country": "GB", "event.type": "page.viewed"})"));
  EXPECT_TRUE(hold(R"({"lead.country": ["US", "GB"]})"));
  EXPECT_TRUE(hold(R"({})"));
}

TEST_F(Conditions, CompareNumbersAlsoWhereAFormWroteThemAsText) {
  EXPECT_TRUE(hold(R"({"lead.attributes.size": {"gte": 200, "lt": 201}})"));
  EXPECT_FALSE(hold(R"({"lead.attributes.size": {"gt": 200}})"));
  EXPECT_TRUE(hold(R"({"lead.attributes.budget": {"gt": 1000}})"));
  EXPECT_TRUE(hold(R"({"lead.attributes.budget": 1500})"));
  EXPECT_FALSE(hold(R"({"lead.company": {"contains": "engines"}})")) << "letters count";
  EXPECT_TRUE(hold(R"({"lead.attributes.newsletter": true})"));
}

TEST_F(Conditions, KnowTextsListsAndPatterns) {
  EXPECT_TRUE(hold(R"({"lead.company": {"contains": "Engine"}})"));
  EXPECT_TRUE(hold(R"({"lead.company": {"matches": "^Analytical .*s$"}})"));
  EXPECT_TRUE(hold(R"({"lead.tags": "vip"})"));
  EXPECT_TRUE(hold(R"({"lead.tags": {"contains": "trade-fair"}})"));
  EXPECT_FALSE(hold(R"({"lead.tags": "other"})"));
}

TEST_F(Conditions, OfWhatIsNotThereHoldOnlyWhereTheyAskForThat) {
  EXPECT_FALSE(hold(R"({"lead.city": "London"})"));
  EXPECT_TRUE(hold(R"({"lead.city": {"present": false}})"));
  EXPECT_FALSE(hold(R"({"lead.city": {"present": true}})"));
  EXPECT_FALSE(hold(R"({"lead.attributes.unknown": {"lt": 5}})"));
  lead.tags.clear();
  EXPECT_TRUE(hold(R"({"lead.tags": {"present": false}})"));
}

TEST_F(Conditions, Combine) {
  EXPECT_TRUE(hold(R"({"any": [{"lead.country": "US"}, {"lead.country": "GB"}]})"));
  EXPECT_FALSE(hold(R"({"all": [{"lead.country": "US"}, {"lead.country": "GB"}]})"));
  EXPECT_TRUE(hold(R"({"not": {"lead.country": "US"}})"));
  EXPECT_FALSE(hold(R"({"lead.country": "GB", "not": {"any": [{"lead.tags": "vip"}]}})"));
}

TEST_F(Conditions, NameSegments) {
  const auto segments = config::segments_of(nlohmann::json::parse(
      R"({"both": {"segment": "british", "lead.tags": "vip"}, "british": {"lead.country": "GB"}})"));
  EXPECT_TRUE(holds(condition(R"({"segment": "both"})", segments), {lead, &event, start}));
  EXPECT_TRUE(holds(condition(R"({"segment": ["both", "british"]})", segments), {lead, &event, start}));
  lead.tags.clear();
  EXPECT_FALSE(holds(condition(R"({"segment": "both"})", segments), {lead, &event, start}));
  EXPECT_EQ(describe(condition(R"({"segment": "both"})", segments)), "it is in the segment both");
}

TEST_F(Conditions, OnAnEventAreFalseWhereNothingHappens) {
  const auto on_event = condition(R"({"event.type": "form.submitted"})");
  EXPECT_TRUE(looks_at_event(on_event));
  EXPECT_FALSE(holds(on_event, {lead, nullptr, start}));
  EXPECT_FALSE(looks_at_event(condition(R"({"lead.country": "GB"})")));
  EXPECT_TRUE(looks_at_event(condition(R"({"any": [{"not": {"event.type": "page.viewed"}}]})")));
}

TEST_F(Conditions, KnowWhenTimeAloneChangesThem) {
  const auto fresh = condition(R"({"lead.created_at": {"within": "3d"}})");
  EXPECT_TRUE(holds(fresh, {lead, nullptr, start}));
  EXPECT_EQ(next_change(fresh, {lead, nullptr, start}), start + 24h);
  EXPECT_FALSE(holds(fresh, {lead, nullptr, start + 24h}));
  EXPECT_EQ(next_change(fresh, {lead, nullptr, start + 24h}), std::nullopt);

  auto& engagement = lead.qualification.points[1];
  engagement.half_life = 24h;
  engagement.add(40, start);
  const auto scored = condition(R"({"lead.score": {"gte": 10}})");
  const auto ends = next_change(scored, {lead, nullptr, start});
  ASSERT_TRUE(ends);
  EXPECT_NEAR(std::chrono::duration<double>(*ends - start).count(), 86400 * std::log2(40 / 9.5), 1);
  EXPECT_TRUE(holds(scored, {lead, nullptr, *ends - 2ms}));
  EXPECT_FALSE(holds(scored, {lead, nullptr, *ends}));
}

TEST_F(Conditions, DescribeThemselves) {
  EXPECT_EQ(describe(condition(R"({"event.type": "demo.requested", "lead.score": {"gte": 60}})")),
            "event.type is demo.requested and lead.score is at least 60");
  EXPECT_EQ(
      describe(condition(R"({"any": [{"lead.country": ["GB", "IE"]}, {"not": {"lead.verified": true}}]})")),
      "(lead.country is GB or IE or not (lead.verified is true))");
}

TEST(ConditionPaths, CanAllBeRead) {
  for (const auto& line : config::condition_paths()) {
    std::string path{line.path};
    if (path.ends_with('*')) path.replace(path.size() - 1, 1, "name");
    const auto resolved = Path::resolve(path);
    ASSERT_TRUE(resolved) << path;
    const Lead lead;
    const NormalisedEvent event;
    const Subject subject{lead, &event, start};
    (void)resolved->value(subject);
    EXPECT_EQ(resolved->is_of_event(), path.starts_with("event."));
  }
  EXPECT_FALSE(Path::resolve("lead.shoe_size"));
}

TEST(Patterns, SayWhatIsWrongWithThem) {
  EXPECT_FALSE(Pattern::compile("(").has_value());
  EXPECT_FALSE(Pattern::compile("(a)\\1").has_value()) << "RE2 knows no back references";
}

}  // namespace
}  // namespace leadhub::lead
