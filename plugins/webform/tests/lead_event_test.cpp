#include <gtest/gtest.h>
#include <leadhub/sdk/event.hpp>

#include <limits>
#include <nlohmann/json.hpp>

namespace leadhub::sdk {
namespace {

TEST(LeadEvent, NeedsNothingButItsType) {
  LeadEvent event;
  event.type = "form.submitted";
  EXPECT_EQ(event.to_json(), R"({"type":"form.submitted"})");
}

TEST(LeadEvent, WritesEveryMemberOfTheSchema) {
  LeadEvent event;
  event.type = "purchase.completed";
  event.key = "k1";
  event.occurred_at = "2026-01-05T12:00:00Z";
  event.anonymous_id = "cookie";
  event.value = 12.5;
  event.currency = "EUR";
  event.items = {{"1", "Engine", 2, 6.25}};
  event.person.email = "ada@example.com";
  event.person.external_ids = {{"hubspot", "151"}};
  event.consent = {
      {"marketing_email", "email", Consent::State::withdrawn, "Yes", "https://x.example", "192.0.2.1", "UA"}};
  event.attribution.utm_source = "google";
  event.message = "Hello";
  event.attributes = {{"big", true},
                      {"list", std::vector<std::string>{"a", "b"}},
                      {"n", std::int64_t{3}},
                      {"ratio", 0.5},
                      {"text", std::string("t")}};
  event.attachments = {{"file", "a.txt", "text/plain", "any carnal pleas"}};
  event.signal.trust = Signal::Trust::human;
  event.signal.bounce = Signal::Bounce::block;
  event.signal.status = "5.7.1";
  const auto json = nlohmann::json::parse(event.to_json());
  EXPECT_EQ(json, nlohmann::json::parse(
                      R"({"type":"purchase.completed","key":"k1","occurred_at":"2026-01-05T12:00:00Z",
    "anonymous_id":"cookie","value":12.5,"currency":"EUR","items":[{"id":"1","name":"Engine","quantity":2,"price":6.25}],
    "person":{"email":"ada@example.com","external_ids":{"hubspot":"151"}},
    "consent":[{"purpose":"marketing_email","channel":"email","state":"withdrawn","text":"Yes","url":"https://x.example",
    "ip":"192.0.2.1","user_agent":"UA"}],"attribution":{"utm_source":"google"},"message":"Hello",
    "attributes":{"big":true,"list":["a","b"],"n":3,"ratio":0.5,"text":"t"},
    "attachments":[{"field":"file","name":"a.txt","content_type":"text/plain","content":"YW55IGNhcm5hbCBwbGVhcw=="}],
    "signal":{"trust":"human","bounce":"block","status":"5.7.1"}})"));
}

TEST(LeadEvent, EscapesWhatJsonCannotHold) {
  LeadEvent event;
  event.type = "form.submitted";
  event.message = std::string(
      "a\"b\\c\nd\te\x01"
      "f\0g",
      13);
  EXPECT_EQ(event.to_json(), R"({"type":"form.submitted","message":"a\"b\\c\nd\te\u0001fg"})");
}

TEST(LeadEvent, ReplacesBytesThatAreNoUtf8) {
  LeadEvent event;
  event.type = "form.submitted";
  // A lone continuation byte, an overlong slash, a surrogate, a cut-off character, and good ones around them.
  event.message = "\xC3\xA9|\x80|\xC0\xAF|\xED\xA0\x80|\xF0\x9F\x98\x80|\xE2\x82";
  const auto json = nlohmann::json::parse(event.to_json());  // would throw for invalid UTF-8
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(json["message"],
            "\xC3\xA9|" + bad + "|" + bad + bad + "|" + bad + bad + bad + "|\xF0\x9F\x98\x80|" + bad);
}

TEST(LeadEvent, LeavesOutNumbersThatJsonDoesNotHave) {
  LeadEvent event;
  event.type = "form.submitted";
  event.value = std::numeric_limits<double>::infinity();
  event.attributes = {{"bad", std::numeric_limits<double>::quiet_NaN()}, {"good", 1.5}};
  EXPECT_EQ(event.to_json(), R"({"type":"form.submitted","attributes":{"good":1.5}})");
}

TEST(LeadEvent, EncodesEveryLengthOfAttachment) {
  const auto content = [](std::string bytes) {
    LeadEvent event;
    event.type = "form.submitted";
    event.attachments = {{"", "a", "", std::move(bytes)}};
    return nlohmann::json::parse(event.to_json())["attachments"][0]["content"].get<std::string>();
  };
  EXPECT_EQ(content(""), "");
  EXPECT_EQ(content("f"), "Zg==");
  EXPECT_EQ(content("fo"), "Zm8=");
  EXPECT_EQ(content("foo"), "Zm9v");
  EXPECT_EQ(content(std::string("\xFF\xFE\0", 3)), "//4A");
}

TEST(Utf8, IsCutBetweenCharacters) {
  EXPECT_EQ(cut_utf8("a\xC3\xA9", 2), "a");
  EXPECT_EQ(cut_utf8("a\xC3\xA9", 3), "a\xC3\xA9");
  EXPECT_EQ(cut_utf8("abc", 10), "abc");
}

}  // namespace
}  // namespace leadhub::sdk
