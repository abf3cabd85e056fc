#include "transfer/lead_lines.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lead/event.hpp"
#include "transfer/lead_table.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

TEST(LeadLines, TellsTheStoryOfALeadAgain) {
  const auto lead = ordered_json::parse(R"({"contact_points": [], "timeline": [
    {"channel": "news", "key": "n1", "occurred_at": "2026-01-05T12:00:00Z", "event": {"type":
      "newsletter.subscribed", "key": "n1", "person": {"email": "ada@example.com"}, "consent": [{"purpose":
      "marketing_email", "state": "granted", "confirms": "1.0"}]}},
    {"channel": "website", "key": "w1", "occurred_at": "2026-01-06T12:00:00Z", "event": {"type":
      "form.submitted", "key": "w1", "person": {"email": "ada@example.com"}}}]})");
  ASSERT_TRUE(is_lead_document(lead));
  EXPECT_FALSE(is_event_document(lead));
  const auto events = events_of_lead(lead);
  ASSERT_TRUE(events.has_value());
  ASSERT_EQ(events->size(), 2U);
  const auto first = ordered_json::parse(events->at(0));
  EXPECT_EQ(first["key"], "news/n1");
  EXPECT_EQ(first["occurred_at"], "2026-01-05T12:00:00Z");
  EXPECT_FALSE(first["consent"][0].contains("confirms"));
  EXPECT_EQ(ordered_json::parse(events->at(1))["key"], "website/w1");
  for (const auto& event : *events) EXPECT_TRUE(lead::parse_event(event).has_value());
}

TEST(LeadLines, ReadsOneObjectALine) {
  EXPECT_TRUE(parse_object(R"({"email": "a@example.com", "x": "[[[[\"{{"})").has_value());
  for (const std::string line : {"[]", "1", "{", "{\"a\": \"\xFF\"}", "{} {}"}) {
    const auto object = parse_object(line);
    ASSERT_FALSE(object.has_value()) << line;
    EXPECT_THAT(object.error().message, HasSubstr("one object a line"));
  }
  const auto deep = parse_object(R"({"a":)" + std::string(1'000'000, '['));
  ASSERT_FALSE(deep.has_value());
  EXPECT_THAT(deep.error().message, HasSubstr("nests deeper"));
}

TEST(LeadLines, RefusesALeadWithoutItsEvents) {
  EXPECT_FALSE(events_of_lead(ordered_json::parse(R"({"contact_points": [], "timeline": 1})")).has_value());
  EXPECT_FALSE(
      events_of_lead(ordered_json::parse(R"({"contact_points": [], "timeline": [{}]})")).has_value());
}

TEST(LeadLines, KeysAnEventByItsContent) {
  const auto event =
      ordered_json::parse(R"({"type": "form.submitted", "person": {"email": "a@example.com"}})");
  ASSERT_TRUE(is_event_document(event));
  EXPECT_EQ(keyed_event(event), keyed_event(event));
  EXPECT_THAT(keyed_event(event), HasSubstr("\"key\":\"row-"));
  EXPECT_THAT(keyed_event(ordered_json::parse(R"({"type": "form.submitted", "key": "7"})")),
              HasSubstr("\"key\":\"7\""));
  EXPECT_FALSE(is_event_document(ordered_json::parse(R"({"type": "Customer", "email": "a@example.com"})")));
}

TEST(LeadTable, NamesEachAttributeWithItsTypeAndMakesNoFormula) {
  const auto ada =
      ordered_json::parse(R"json({"id": "1", "email": "ada@example.com", "phone": "+442079460958",
    "name": "=HYPERLINK(\"x\")", "tags": [], "attributes": {
  "size" : 5, "mixed" : 1, "t:integer" : "x"}})json");
  const auto alan = ordered_json::parse(R"({"id": "2", "email": null, "tags": ["a"],
    "attributes": {"size": 7, "mixed": "two", "vip": true}})");
  LeadTable table;
  table.look_at(ada);
  table.look_at(alan);
  EXPECT_THAT(table.header(),
              HasSubstr(",updated_at,attributes.mixed,attributes.size:integer,attributes.t:integer:text,"
                        "attributes.vip:boolean\r\n"));
  EXPECT_EQ(table.row(ada),
            "1,ada@example.com,'+442079460958,\"'=HYPERLINK(\"\"x\"\")\",,,,,,,,,,,,,,1,5,x,\r\n");
  EXPECT_EQ(table.row(alan), "2,,,,,,,,,,,,,,\"[\"\"a\"\"]\",,,two,7,,true\r\n");
  EXPECT_EQ(table.left_out(), 0);
}

}  // namespace
}  // namespace leadhub::transfer
