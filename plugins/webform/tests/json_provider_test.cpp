#include <gmock/gmock.h>
#include <leadhub/sdk/crypto.hpp>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::noon_ms;
using testing::Outcome;
using testing::Request;
using testing::WebForm;

constexpr const char* secret = "whsec_ZGVtby1zZWNyZXQtZm9yLXRyeWluZy1vdXQ=";
constexpr const char* key = "demo-secret-for-trying-out";

Json demo() {
  return Json::parse(R"({"provider": "json", "event": "demo.requested",
    "fields": {"email": {"to": "email", "required": true}, "plan": {"to": "attributes.plan"},
               "customer.size": {"to": "attributes.size", "type": "integer"},
               "items.0.sku": {"to": "attributes.first"}, "tags": {"to": "attributes.tags", "type": "list"},
               "big": {"to": "attributes.big", "type": "boolean"}},
    "consent": [{"field": "terms", "purpose": "marketing_email", "text": "Yes"}]})");
}

Json signed_demo() {
  Json config = demo();
  config["secret"] = secret;
  return config;
}

Request sign(Request request, std::int64_t now_ms = noon_ms) {
  const std::string seconds = std::to_string(now_ms / 1000);
  const std::string signature =
      sdk::base64_encode(sdk::Hmac(sdk::Digest::sha256, key)({"msg_1.", seconds, ".", request.body}));
  request.headers.emplace_back("webhook-id", "msg_1");
  request.headers.emplace_back("webhook-timestamp", seconds);
  request.headers.emplace_back("webhook-signature", "v1," + signature);
  return request;
}

TEST(JsonForm, BecomesALeadEvent) {
  WebForm form(demo(), "demo");
  const Outcome outcome = form.send(form.json(
      R"({"email":"alan@example.co.uk","plan":12,"customer":{"size":12.0},"items":[{"sku":"A1"}],
          "tags":["a",2,null],"big":true,"terms":true,"utm_source":"x","other":"dropped"})"));
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.body, R"({"status":"accepted"})");
  ASSERT_EQ(outcome.events.size(), 1u);
  Json event = outcome.events[0];
  event.erase("consent");
  EXPECT_EQ(event, Json::parse(R"({"type":"demo.requested","person":{"email":"alan@example.co.uk"},
    "attribution":{"utm_source":"x"},
    "attributes":{"big":true,"first":"A1","plan":"12","size":12,"tags":["a","2"]}})"));
  EXPECT_EQ(outcome.events[0]["consent"][0]["state"], "granted");
}

TEST(JsonForm, MayComeFromSendBeacon) {
  WebForm form(demo(), "demo");
  Request request = form.json(R"({"email":"a@example.com"})");
  request.headers = {{"content-type", "text/plain;charset=UTF-8"}};
  EXPECT_EQ(form.send(request).events.size(), 1u);
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(form.send(request).response.status, 415);
}

TEST(JsonForm, IsExplainedWhereAFieldIsWrong) {
  WebForm form(demo(), "demo");
  EXPECT_EQ(
      form.send(form.json(R"({"customer":{"size":"many"},"plan":{"a":1},"tags":[[1]]})")).response.body,
      R"({"errors":[{"field":"email","message":"is required"},{"field":"plan","message":"must be a single value"},)"
      R"({"field":"customer.size","message":"must be a whole number"},)"
      R"({"field":"tags","message":"must be a list of plain values"}]})");
}

TEST(JsonForm, ThatIsSignedHasTheMessageIdAsItsKey) {
  WebForm form(signed_demo(), "demo");
  const Outcome outcome = form.send(sign(form.json(R"({"email":"a@example.com"})")));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(outcome.events.at(0)["key"], "msg_1");
}

TEST(JsonForm, WithoutAGoodSignatureIsRefused) {
  WebForm form(signed_demo(), "demo");
  const Request plain = form.json(R"({"email":"a@example.com"})");
  const auto refused = [&](const Request& request) {
    const Outcome outcome = form.send(request);
    EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
    EXPECT_EQ(outcome.response.status, 401);
    return outcome.response.body;
  };
  EXPECT_THAT(refused(plain), HasSubstr("not signed"));
  EXPECT_THAT(refused(sign(plain, noon_ms - 301'000)), HasSubstr("older than 5 minutes"));
  EXPECT_THAT(refused(sign(plain, noon_ms + 301'000)), HasSubstr("from the future"));
  Request changed = sign(plain);
  changed.body += " ";
  EXPECT_THAT(refused(changed), HasSubstr("no signature fits"));
}

TEST(JsonForm, TakesBothSecretsOfAList) {
  Json config = demo();
  config["secret"] = {"whsec_bmV3IHNlY3JldA==", secret};
  WebForm form(config, "demo");
  EXPECT_EQ(form.send(sign(form.json(R"({"email":"a@example.com"})"))).verdict, LEADHUB_VERDICT_ACCEPT);
}

TEST(JsonForm, ThatIsHostileIsRefusedAndHarmsNobody) {
  WebForm form(demo(), "demo");
  const std::string bomb(100'000, '[');
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {bomb, "nested deeper"},
      {R"({"email":)" + bomb, "nested deeper"},
      {R"({"email":)" + bomb + std::string(100'000, ']') + "}", "nested deeper"},
      {R"({"email":1e999})", "out of range"},
      {R"({"email":"a","email":"b"})", "twice"},
      {R"({"a":{"b":1,"b":2}})", "twice"},
      {"{\"email\":\"\xC3\x28\"}", "not JSON"},
      {"{\"email\":\"\xFF\"}", "not JSON"},
      {R"({"email":"a\u0000b"})", "NUL"},
      {R"({"em\u0000ail":"b"})", "NUL"},
      {std::string("{\"email\":\"a\0b\"}", 15), "not JSON"},
      {R"({"email":"\ud800"})", "not JSON"},
      {R"({"name":"Ada "the" Countess"})", "not JSON"},
      {"", "not JSON"},
      {"[]", "not an object"},
      {"\"text\"", "not an object"},
      {R"({"email":"a"} x)", "not JSON"},
      {R"({"email":NaN})", "not JSON"}};
  for (const auto& [body, why] : bodies) {
    const Outcome outcome = form.send(form.json(body));
    EXPECT_EQ(outcome.response.status, 400) << body.substr(0, 60);
    EXPECT_THAT(outcome.response.body, HasSubstr(why)) << body.substr(0, 60);
    EXPECT_TRUE(outcome.events.empty());
  }
  std::string many = R"({"email":"a","x":[)";
  for (int i = 0; i < 300'000; ++i) many += "[],";
  EXPECT_THAT(form.send(form.json(many + "[]]}")).response.body, HasSubstr("more than 20000 values"));
  EXPECT_EQ(form.send(form.json(R"({"email":"a@example.com"})")).events.size(), 1u)
      << "the next honest one is served";
}

TEST(JsonForm, HasNoPage) {
  WebForm form(demo(), "demo");
  EXPECT_EQ(form.send(form.get("/f/demo")).response.status, 404);
  EXPECT_EQ(form.send(form.get("/in/demo")).response.status, 405);
}

TEST(JsonForm, HasAHoneypotAndOriginsToo) {
  Json config = demo();
  config["spam"] = {{"honeypot", "website"}};
  WebForm form(config, "demo");
  EXPECT_EQ(form.send(form.json(R"({"email":"a","website":"x"})")).verdict, LEADHUB_VERDICT_HOLD);
  EXPECT_EQ(form.send(form.json(R"({"email":"a","website":""})")).verdict, LEADHUB_VERDICT_ACCEPT);
  Request request = form.json(R"({"email":"a"})");
  request.headers.emplace_back("origin", "https://evil.example");
  EXPECT_EQ(form.send(request).response.status, 403);
}

TEST(JsonForm, NeedsSecretsThatAreSome) {
  Json config = demo();
  config["secret"] = {secret, "not base64 !!", ""};
  const WebForm list(config, "demo");
  ASSERT_EQ(list.problems().size(), 2u);
  EXPECT_EQ(list.problems()[0].pointer, "/secret/1");
  EXPECT_THAT(list.problems()[0].message, HasSubstr("not a Standard Webhooks secret"));
  EXPECT_THAT(list.problems()[0].message, ::testing::Not(HasSubstr("!!"))) << "its place, never its value";
  EXPECT_EQ(list.problems()[1].pointer, "/secret/2");
  EXPECT_THAT(list.problems()[1].message, HasSubstr("is empty"));
  config["secret"] = "not base64";
  const WebForm one(config, "demo");
  ASSERT_EQ(one.problems().size(), 1u);
  EXPECT_EQ(one.problems()[0].pointer, "/secret");
}

}  // namespace
}  // namespace leadhub::webform
