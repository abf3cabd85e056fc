#include <gmock/gmock.h>

#include "limits.hpp"
#include "web_form.hpp"

/// What the tracker serves and takes; what its script does in a browser, tests/e2e shows.
namespace leadhub::webform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Json;
using testing::noon_ms;
using ::testing::Not;
using testing::Outcome;
using testing::Request;
using ::testing::StartsWith;
using testing::WebForm;

const std::string visitor = "5f0c6a1de2b94c3f8a7d6e5b4c3a2f10";
const std::string other_visitor = "00000000000000000000000000000000";

Json config() {
  return {{"provider", "tracker"}, {"origins", {"https://www.example.com"}}};
}

Json event(const std::string& type, Json more = Json::object()) {
  Json json{{"type", type}, {"key", "k1"}, {"page", "https://www.example.com/engines"}};
  json.update(more);
  return json;
}

/// What the script sends by sendBeacon.
Request batch_of(const WebForm& tracker, const Json& events, const std::string& who = visitor) {
  Request request = tracker.json(Json{{"visitor", who}, {"events", events}}.dump());
  request.headers = {{"content-type", "text/plain;charset=UTF-8"}, {"origin", "https://www.example.com"}};
  return request;
}

Outcome send(const Json& events, const std::string& who = visitor) {
  WebForm tracker(config());
  return tracker.send(batch_of(tracker, events, who));
}

/// What becomes of one.
Json became(const Json& one, const std::string& who = visitor) {
  return send(Json::array({one}), who).events.at(0);
}

TEST(TrackerScript, IsLessThanFourKibibytes) {
  WebForm tracker(config());
  const Outcome outcome = tracker.send(tracker.get("/f/website.js"));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(outcome.response.header("cache-control"), "public, max-age=600");
  EXPECT_LT(outcome.response.body.size(), 4096U);
  EXPECT_THAT(
      outcome.response.body,
      AllOf(StartsWith("(() => {\n\"use strict\";"), HasSubstr(R"("url":"http://localhost:8080/in/website")"),
            HasSubstr(R"("required":true)"), HasSubstr(R"("seconds":15552000)"),
            Not(HasSubstr("document.write")), Not(HasSubstr("eval(")), Not(HasSubstr("\n//"))));
}

TEST(TrackerScript, IsAsTheConfigurationSays) {
  Json given = config();
  given.update({{"consent", "not_required"}, {"lifetime", "3000d"}, {"downloads", {".PDF", "</script>"}}});
  WebForm tracker(given);
  EXPECT_THAT(tracker.send(tracker.get("/f/website.js")).response.body,
              AllOf(HasSubstr(R"("required":false)"), HasSubstr(R"("seconds":34560000)"),
                    HasSubstr(R"("downloads":["pdf",)"), Not(HasSubstr("</script"))));
}

TEST(TrackerScript, IsNoPageAndCanOnlyBeLookedAt) {
  WebForm tracker(config());
  EXPECT_EQ(tracker.send(tracker.get("/f/website")).response.status, 404);
  Request request = tracker.get("/f/website.js");
  request.method = "POST";
  EXPECT_EQ(tracker.send(request).response.status, 405);
  EXPECT_EQ(tracker.send(request).response.header("allow"), "GET, HEAD");
  EXPECT_EQ(tracker.send(tracker.get("/in/website")).response.status, 405);
}

TEST(Tracker, TakesABatchInOneRequest) {
  const Outcome outcome = send({event("page.viewed"), event("content.downloaded", {{"key", "k2"}})});
  EXPECT_EQ(outcome.response.status, 204);
  EXPECT_EQ(outcome.response.header("access-control-allow-origin"), "https://www.example.com");
  ASSERT_EQ(outcome.events.size(), 2U);
  EXPECT_EQ(outcome.events[0]["anonymous_id"], visitor);
  EXPECT_NE(outcome.events[0]["key"], outcome.events[1]["key"]);
}

TEST(Tracker, BoundsABatch) {
  Json events = Json::array();
  for (std::size_t i = 0; i < limits::tracked_events_max; ++i) events.push_back(event("page.viewed"));
  EXPECT_EQ(send(events).events.size(), limits::tracked_events_max);
  events.push_back(event("page.viewed"));
  EXPECT_EQ(send(events).response.status, 400);
  EXPECT_TRUE(send(events).events.empty());
  EXPECT_EQ(send(Json::array()).response.status, 204);
}

TEST(Tracker, GivesTheSameEventTheSameKeyAndNobodyElsesThatKey) {
  const auto key_of = [](const Json& one, const std::string& who) {
    return became(one, who).at("key").get<std::string>();
  };
  EXPECT_EQ(key_of(event("page.viewed"), visitor), key_of(event("page.viewed"), visitor));
  EXPECT_NE(key_of(event("page.viewed"), visitor), key_of(event("page.viewed"), other_visitor));
  EXPECT_FALSE(became(event("page.viewed", {{"key", ""}})).contains("key"));
}

TEST(Tracker, TakesAPurchaseOnceHoweverOftenItsPageIsLoaded) {
  const auto purchase = [](const std::string& key, const std::string& order) {
    return became(event("purchase.completed", {{"key", key}, {"data", {{"id", order}, {"value", 10}}}}));
  };
  EXPECT_EQ(purchase("a", "17"), purchase("b", "17"));
  EXPECT_NE(purchase("a", "17")["key"], purchase("a", "18")["key"]);
  EXPECT_NE(purchase("a", "")["key"], purchase("b", "")["key"]);
}

TEST(Tracker, KeepsGoodsAndMoneyWhereTheyAreSome) {
  const Json data =
      Json::parse(R"({"value":"1e9","currency":"euro","items":[{"id":7,"name":"Engine\n","quantity":2,
    "price":"free"},"x"]})");
  const Json found = became(event("cart.updated", {{"data", data}}));
  EXPECT_FALSE(found.contains("value"));
  EXPECT_FALSE(found.contains("currency"));
  EXPECT_EQ(found["items"], Json::parse(R"([{"id":"7","name":"Engine","quantity":2.0},{}])"));
  Json many{{"items", Json::array()}};
  for (int i = 0; i < 300; ++i) many["items"].push_back({{"id", i}});
  EXPECT_EQ(became(event("cart.updated", {{"data", many}}))["items"].size(), limits::items_max);
}

/// Whoever says that they are somebody has not shown it, and agrees to nothing by it.
TEST(Tracker, TakesOfAPersonWhatAFormWouldAndNoConsent) {
  const Json data =
      Json::parse(R"({"email":"ada@example.com","name":"Ada","external_ids":{"crm":"1"},"plan":"gold",
    "consent":[{"purpose":"marketing_email","state":"granted"}]})");
  const Json found = became(event("x.tracker.identified", {{"data", data}}));
  EXPECT_EQ(found["type"], "x.tracker.identified");
  EXPECT_EQ(found["person"], Json::parse(R"({"email":"ada@example.com","name":"Ada"})"));
  EXPECT_FALSE(found.contains("consent"));
  const Json viewed = became(event("page.viewed", {{"data", data}}));
  EXPECT_FALSE(viewed.contains("person"));
}

TEST(Tracker, TakesNothingButWhatTheScriptReports) {
  for (const char* type :
       {"", "newsletter.subscribed", "email.unsubscribed", "x.acme.thing", "form.submitted"}) {
    const Outcome outcome = send({event("page.viewed"), event(type)});
    EXPECT_EQ(outcome.response.status, 400) << type;
    EXPECT_TRUE(outcome.events.empty()) << type;
  }
  for (const char* who : {"", "1", "ada@example.com", "5F0C6A1DE2B94C3F8A7D6E5B4C3A2F10"})
    EXPECT_EQ(send(Json::array({event("page.viewed")}), who).response.status, 400) << who;
}

TEST(Tracker, KeepsAddressesOfPagesAlone) {
  const Json bad{
      {"page", "javascript:alert(1)"}, {"file", "data:text/html,x"}, {"title", std::string(9000, 't')}};
  WebForm tracker(config());
  Request request =
      tracker.json(Json{{"visitor", visitor},
                        {"attribution", {{"landing_page", "file:///etc/passwd"}, {"utm_source", "ad"}}},
                        {"events", Json::array({event("content.downloaded", bad)})}}
                       .dump());
  const Json found = tracker.send(request).events.at(0);
  EXPECT_EQ(found["attribution"], Json::parse(R"({"utm_source":"ad"})"));
  ASSERT_EQ(found["attributes"].size(), 1U);
  EXPECT_EQ(found["attributes"]["title"].get<std::string>().size(), limits::field_bytes_max);
}

TEST(Tracker, KeepsNothingOfWhoHasSaidNoToAll) {
  WebForm tracker(config());
  Request request = batch_of(tracker, Json::array({event("page.viewed")}));
  request.headers.emplace_back("sec-gpc", "1");
  const Outcome outcome = tracker.send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.status, 204);
  EXPECT_EQ(outcome.response.header("access-control-allow-origin"), "https://www.example.com");
  request.headers.back().second = "0";
  EXPECT_EQ(tracker.send(request).events.size(), 1U);
}

TEST(Tracker, RefusesOtherWebsitesOtherTypesAndTooMuchOfIt) {
  Json given = config();
  given["spam"] = {{"per_address", "2 per 1m"}};
  WebForm tracker(given);
  Request request = batch_of(tracker, Json::array({event("page.viewed")}));
  request.headers[1].second = "https://evil.example";
  EXPECT_EQ(tracker.send(request).response.status, 403);
  request.headers[1].second = "https://www.example.com";
  request.headers[0].second = "text/html";
  EXPECT_EQ(tracker.send(request).response.status, 415);
  request.headers[0].second = "application/json";
  EXPECT_EQ(tracker.send(request).response.status, 204);
  EXPECT_EQ(tracker.send(request).response.status, 429);
  EXPECT_EQ(tracker.send(request, noon_ms + 60'000).response.status, 204);
}

TEST(Tracker, ThatIsHostileIsRefusedAndHarmsNobody) {
  WebForm tracker(config());
  const std::string deep(100'000, '[');
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("{"), deep,
        std::string("{\"visitor\":[]}"),
        R"({"visitor":")" + visitor + R"(","events":{"type":"page.viewed"}})",
        R"({"visitor":")" + visitor + R"(","events":[1]})", std::string("\xFF\xFE")}) {
    const Outcome outcome = tracker.send(tracker.json(body));
    EXPECT_TRUE(outcome.events.empty()) << body.substr(0, 40);
    EXPECT_THAT(outcome.response.status, ::testing::AnyOf(204, 400)) << body.substr(0, 40);
  }
}

TEST(Tracker, HasNoSecret) {
  Json given = config();
  given["secret"] = "x";
  const WebForm tracker(given);
  ASSERT_EQ(tracker.problems().size(), 1U);
  EXPECT_THAT(tracker.problems()[0].message, HasSubstr("has no secret"));
}

}  // namespace
}  // namespace leadhub::webform
