#include "qualify/outlook.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/qualify_section.hpp"

namespace leadhub::qualify {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr TimePoint now{std::chrono::milliseconds{1'767'614'400'000}};

Rules example() {
  return config::qualify_of(nlohmann::json::parse(R"({
    "builtin": false,
    "score": [{"name": "form", "when": {"event.type": "form.submitted"}, "add": 20},
              {"name": "demo", "when": {"event.type": "demo.requested"}, "add": 50},
              {"name": "big", "when": {"lead.attributes.size": {"gte": 200}}, "add": 30, "once": true},
              {"name": "click", "when": {"event.type": "email.clicked"}, "add": 10, "at_most": "30 per 7d"},
              {"name": "free", "when": {"lead.email.free": true}, "add": -10}],
    "temperature": [{"is": "hot", "when": {"lead.score": {"gte": 60}, "lead.country": "GB"}},
                    {"is": "hot", "when": {"event.type": "chat.started"}},
                    {"is": "warm", "when": {"lead.score": {"gte": 20}}}]})"),
                            {});
}

lead::Lead british_with(double points) {
  lead::Lead lead;
  lead.fields[static_cast<std::size_t>(lead::Field::country)].value = "GB";
  lead.qualification.points[1].sum = points;
  return lead;
}

TEST(Outlook, NamesTheRulesThatWouldMakeALeadHot) {
  const auto found = outlook(example(), british_with(20), now);
  ASSERT_EQ(found.ways.size(), 2U);
  EXPECT_EQ(found.ways[0].missing_points, 40);
  EXPECT_EQ(found.ways[1].rule, "event.type is chat.started");
  EXPECT_TRUE(found.ways[1].on_event);
}

TEST(Outlook, NamesWhatCouldGiveThePointsTheMostFirst) {
  const auto found = outlook(example(), british_with(20), now);
  EXPECT_THAT(found.gains, ElementsAre(Field(&Gain::rule, "demo"), Field(&Gain::rule, "big"),
                                       Field(&Gain::rule, "form"), Field(&Gain::rule, "click")));
}

TEST(Outlook, LeavesOutRulesThatHaveGivenAllTheyMay) {
  auto lead = british_with(50);
  lead.qualification.tallies = {{"big", {{now - std::chrono::hours{1'000}, 30}}},
                                {"click", {{now - std::chrono::hours{1}, 20}, {now, 10}}}};
  const auto found = outlook(example(), lead, now);
  EXPECT_THAT(found.gains, ElementsAre(Field(&Gain::rule, "demo"), Field(&Gain::rule, "form")));
}

TEST(Outlook, CountsNoPointsWhereSomethingElseIsMissing) {
  auto lead = british_with(20);
  lead.fields[static_cast<std::size_t>(lead::Field::country)].value = "FR";
  const auto found = outlook(example(), lead, now);
  EXPECT_THAT(found.ways, Each(Field(&Way::missing_points, std::nullopt)));
  EXPECT_THAT(found.gains, IsEmpty());
}

TEST(Outlook, HasNothingToSayOfAHotLead) {
  auto lead = british_with(90);
  lead.hot_until = now + std::chrono::hours{1};
  EXPECT_THAT(outlook(example(), lead, now).ways, IsEmpty());
}

}  // namespace
}  // namespace leadhub::qualify
