#include <gmock/gmock.h>

#include "senders.hpp"

namespace leadhub::newsletter {
namespace {

using namespace newsletter::testing;  // everything here is about senders
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The channel of examples/hub.yaml.
Json news() {
  return Json::parse(R"({"provider": "native", "list": "engine-news", "purpose": "marketing_email",
    "text": "Send me Engine News, about one mail a week. I can leave at any time.",
    "double_opt_in": {"template": "confirm", "expires": "48h", "resend_after": "1h"}})");
}

Json without(Json config, const char* key) {
  config.erase(key);
  return config;
}

TEST(NativeForm, AsksForAddressNameAndOneAgreement) {
  CapturingChannel channel(news(), "news");
  const Outcome page = channel.send(channel.get("/f/news"));
  EXPECT_EQ(page.response.status, 200);
  EXPECT_THAT(page.response.body, HasSubstr("type=\"email\" id=\"field-0\" name=\"email\""));
  EXPECT_THAT(page.response.body, HasSubstr("name=\"name\""));
  EXPECT_THAT(page.response.body, HasSubstr("Send me Engine News, about one mail a week."));
  EXPECT_THAT(page.response.body, HasSubstr("name=\"consent\" value=\"yes\" required"));
  EXPECT_THAT(page.response.body, HasSubstr("action=\"../in/news\""));
  const Outcome script = channel.send(channel.get("/f/news.js"));
  EXPECT_EQ(script.response.header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_THAT(script.response.body, HasSubstr("Send me Engine News"));
}

TEST(NativeForm, SentAsItWasShownIsOneEventHoweverOftenItIsSent) {
  CapturingChannel channel(news(), "news");
  const std::string token = webform::testing::token_in(channel.send(channel.get("/f/news")).response.body);
  ASSERT_FALSE(token.empty());
  const auto request = channel.form("email=ada%40example.com&name=Ada&consent=yes&_leadhub_token=" + token);
  const Outcome first = channel.send(request);
  ASSERT_THAT(first.events, SizeIs(1));
  EXPECT_EQ(first.events[0]["type"], "newsletter.requested");
  EXPECT_FALSE(first.events[0]["key"].get<std::string>().empty());
  EXPECT_EQ(channel.send(request).events, first.events);
  EXPECT_THAT(first.response.body, HasSubstr("look into your mailbox"));
}

TEST(NativeForm, NeedsTheAgreement) {
  CapturingChannel channel(news(), "news");
  for (const std::string body : {"email=ada%40example.com",
                                 "email=ada%40example.com&consent=", "email=ada%40example.com&consent=no"}) {
    const Outcome outcome = channel.send(channel.form(body));
    EXPECT_EQ(outcome.response.status, 422) << body;
    EXPECT_THAT(outcome.events, IsEmpty());
  }
}

TEST(NativeForm, NeedsAnAddress) {
  CapturingChannel channel(news(), "news");
  for (const std::string body : {"name=Ada&consent=yes", "email=ada&consent=yes", "email=&consent=yes"})
    EXPECT_EQ(channel.send(channel.form(body)).response.status, 422) << body;
}

TEST(NativeJson, IsTheSameSignUp) {
  CapturingChannel channel(news(), "news");
  const Outcome outcome = channel.send(
      channel.json(R"({"email":"ada@example.com","name":"Ada","consent":true,"utm_source":"x","id":[7]})"));
  EXPECT_EQ(outcome.response.status, 200);
  ASSERT_THAT(outcome.events, SizeIs(1));
  const Json& event = outcome.events[0];
  EXPECT_EQ(event["type"], "newsletter.requested");
  EXPECT_EQ(event["person"], (Json{{"email", "ada@example.com"}, {"name", "Ada"}}));
  EXPECT_EQ(event["consent"][0]["text"], news()["text"]);
  EXPECT_EQ(event["consent"][0]["ip"], "192.0.2.1");
  EXPECT_EQ(event["attribution"]["utm_source"], "x");
  EXPECT_EQ(event["attributes"]["list"], "engine-news");
}

TEST(NativeJson, MayLeaveTheAgreementToTheMailThatAsks) {
  CapturingChannel asks(news(), "news");
  EXPECT_THAT(asks.send(asks.json(R"({"email":"ada@example.com"})")).events, SizeIs(1));
  for (const std::string refused : {"false", "null", "\"no\"", "0"})
    EXPECT_EQ(
        asks.send(asks.json(R"({"email":"ada@example.com","consent":)" + refused + "}")).response.status,
        422);
  CapturingChannel counts(without(news(), "double_opt_in"), "news");
  EXPECT_EQ(counts.send(counts.json(R"({"email":"ada@example.com"})")).response.status, 422);
  const Outcome agreed = counts.send(counts.json(R"({"email":"ada@example.com","consent":true})"));
  ASSERT_THAT(agreed.events, SizeIs(1));
  EXPECT_EQ(agreed.events[0]["type"], "newsletter.subscribed");
  EXPECT_EQ(agreed.events[0]["consent"][0]["state"], "granted");
}

TEST(NativeJson, SaysWhatIsWrong) {
  CapturingChannel channel(news(), "news");
  for (const std::string body : {"", "{", "[]", "7", R"({"email":"a@example.com","email":"b@example.com"})"})
    EXPECT_EQ(channel.send(channel.json(body)).response.status, 400) << body;
  EXPECT_EQ(channel.send(channel.json(std::string(100'000, '['))).response.status, 400);
  for (const std::string body :
       {"{}", R"({"email":["a@example.com"]})", R"({"email":{}})", R"({"email":"ada"})"}) {
    const Outcome outcome = channel.send(channel.json(body));
    EXPECT_EQ(outcome.response.status, 422) << body;
    EXPECT_THAT(outcome.response.body, HasSubstr(R"({"field":"email")"));
  }
  EXPECT_EQ(
      channel
          .send(channel.json("{\"email\":\"ada@example.com\",\"name\":\"" + std::string(5'000, 'a') + "\"}"))
          .response.status,
      422);
}

TEST(NativeJson, PassesTheSameGuardsAsForms) {
  Json config = news();
  config["spam"] = {{"honeypot", "website"}, {"per_address", "2 per 1m"}};
  config["origins"] = {"https://www.example.com"};
  CapturingChannel channel(config, "news");
  auto request = channel.json(R"({"email":"ada@example.com","website":"x"})");
  request.headers.emplace_back("origin", "https://www.example.com");
  const Outcome held = channel.send(request);
  EXPECT_EQ(held.verdict, LEADHUB_VERDICT_HOLD);
  EXPECT_EQ(held.response.header("access-control-allow-origin"), "https://www.example.com");
  request.headers.back().second = "https://elsewhere.example";
  EXPECT_EQ(channel.send(request).response.status, 403);
  request.headers.pop_back();
  channel.send(request);
  EXPECT_EQ(channel.send(request).response.status, 429);
}

TEST(NativeJson, IsNoPageAndNoOtherMethod) {
  CapturingChannel channel(news(), "news");
  auto request = channel.json("{}");
  request.path = "/f/news";
  EXPECT_EQ(channel.send(request).response.status, 405);
  request = channel.json("{}");
  request.method = "PUT";
  EXPECT_EQ(channel.send(request).response.status, 405);
  request = channel.form("email=ada%40example.com");
  request.headers.front().second = "text/html";
  EXPECT_EQ(channel.send(request).response.status, 415);
}

}  // namespace
}  // namespace leadhub::newsletter
