#include <gmock/gmock.h>
#include <leadhub/sdk/conversation_token.hpp>

#include <iostream>
#include <optional>

#include "tests/capturing_channel.hpp"

namespace leadhub::chat {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using webform::testing::CapturingChannel;
using webform::testing::Json;
using webform::testing::noon_ms;
using webform::testing::Request;

constexpr auto site = "https://www.example.com";

/// A web chat called "help" that asks for an address, and is shown on one website.
class WebChat : public ::testing::Test {
 protected:
  static Json config() {
    return {{"provider", "web"},
            {"title", "Ask <us>"},
            {"pre_chat", {"email"}},
            {"origins", {site}},
            {"per_address", "3 per 1m"}};
  }

  [[nodiscard]] Request post(const Json& body, const std::string& token = "") const {
    auto request = channel.json(body.dump());
    request.headers.emplace_back("origin", site);
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    return request;
  }
  std::string open(std::int64_t now_ms = noon_ms) {
    const auto opened = channel.send(post({{"open", true}}), now_ms);
    EXPECT_EQ(opened.verdict, LEADHUB_VERDICT_ANSWER);
    return Json::parse(opened.response.body)["conversation"];
  }
  static std::string id_of(const std::string& token) { return token.substr(0, token.find('.')); }
  static std::string header(const webform::testing::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  CapturingChannel channel{config(), "help"};
};

TEST_F(WebChat, OpensAConversationOfItsOwnForEverybody) {
  const auto one = open();
  const auto other = open();
  EXPECT_NE(id_of(one), id_of(other));
  EXPECT_EQ(sdk::ConversationTokens{"a signing key of thirty-two byte"}.read(one), id_of(one));
}

TEST_F(WebChat, NeverGivesAwayTheTokenInItsEvents) {
  const auto token = open();
  const Json body{{"conversation", id_of(token)},
                  {"id", "m1"},
                  {"text", "Hello"},
                  {"first", true},
                  {"email", "ada@example.com"}};
  const auto outcome = channel.send(post(body, token));
  ASSERT_THAT(outcome.events, SizeIs(2));
  EXPECT_EQ(outcome.events[0]["type"], "chat.started");
  EXPECT_EQ(outcome.events[1]["type"], "chat.message");
  EXPECT_THAT(Json(outcome.events).dump(), Not(HasSubstr(token)));
  EXPECT_EQ(outcome.events[1]["person"], (Json{{"external_ids", {{"web", id_of(token)}}}}))
      << "the address is given once, and never with a later message";
  EXPECT_EQ(outcome.response.status, 200);
}

TEST_F(WebChat, LetsNobodyWriteInAnothersConversation) {
  const auto token = open();
  const auto stranger = open();
  const Json body{{"conversation", id_of(token)}, {"id", "m1"}, {"text", "It was me"}};
  for (const auto& bad : {std::string{}, stranger, id_of(token), id_of(token) + ".", token + "x"}) {
    const auto outcome = CapturingChannel{config(), "help"}.send(post(body, bad));
    EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE) << bad;
    EXPECT_EQ(outcome.response.status, 401);
    EXPECT_THAT(outcome.events, IsEmpty());
  }
}

TEST_F(WebChat, SaysWhichFieldIsWrong) {
  const auto token = open();
  const auto fields = [&](Json body) {
    body["conversation"] = id_of(token);
    const auto outcome = CapturingChannel{config(), "help"}.send(post(body, token));
    EXPECT_EQ(outcome.response.status, 422) << body;
    EXPECT_EQ(header(outcome.response, "access-control-allow-origin"), site);
    std::vector<std::string> names;
    const Json answer = Json::parse(outcome.response.body);
    for (const auto& problem : answer["errors"]) names.push_back(problem["field"]);
    return names;
  };
  EXPECT_THAT(fields({{"id", "m1"}, {"text", " \n"}}), ElementsAre("text"));
  EXPECT_THAT(fields({{"id", "m 1"}, {"text", "a"}}), ElementsAre("id"));
  EXPECT_THAT(fields({{"text", 7}}), ElementsAre("id", "text"));
  EXPECT_THAT(fields({{"id", "m1"}, {"text", std::string(16'385, 'a')}}), ElementsAre("text"));
  EXPECT_THAT(fields({{"id", "m1"}, {"text", "a"}, {"first", true}, {"email", "ada"}}), ElementsAre("email"));
}

TEST_F(WebChat, TakesBodiesThatAreNone) {
  for (const auto* const body : {"", "[]", "{\"open\":tru", "{\"a\":1,\"a\":2}"}) {
    auto request = post({});
    request.body = body;
    CapturingChannel fresh{config(), "help"};
    EXPECT_EQ(fresh.send(request).response.status, 400) << body;
  }
}

TEST_F(WebChat, IsWrittenInFromTheListedWebsitesAlone) {
  auto request = post({{"open", true}});
  request.headers.back().second = "https://evil.example";
  EXPECT_EQ(channel.send(request).response.status, 403);
  auto preflight = request;
  preflight.method = "OPTIONS";
  preflight.headers = {{"origin", site}, {"access-control-request-method", "POST"}};
  const auto asked = channel.send(preflight);
  EXPECT_EQ(asked.response.status, 204);
  EXPECT_EQ(header(asked.response, "access-control-allow-headers"), "authorization, content-type");
  EXPECT_EQ(header(asked.response, "access-control-allow-origin"), site);
}

TEST_F(WebChat, HoldsBackWhoWritesTooOften) {
  for (int i = 0; i < 3; ++i) open();
  const auto outcome = channel.send(post({{"open", true}}));
  EXPECT_EQ(outcome.response.status, 429);
  EXPECT_NE(header(outcome.response, "retry-after"), "");
  open(noon_ms + 60'000);
}

TEST_F(WebChat, ServesAWidgetThatStaysSmallAndNeedsNothingInline) {
  const auto script = channel.send(channel.get("/f/help.js"));
  EXPECT_EQ(script.response.status, 200);
  EXPECT_LT(script.response.body.size(), 13u * 1024) << "bytes, with its styles";
  std::cout << "the widget has " << script.response.body.size() << " bytes\n";
  EXPECT_THAT(script.response.body,
              AllOf(HasSubstr("/in/help"), HasSubstr("/chat/help"), HasSubstr("Ask <us>")));
  for (const auto* const word : {"eval(", "innerHTML", "document.write", "new Function", "\n//"})
    EXPECT_THAT(script.response.body, Not(HasSubstr(word))) << word;
  EXPECT_THAT(header(script.response, "cache-control"), HasSubstr("max-age"))
      << "it is the same for everybody: no token is in it";

  const auto page = channel.send(channel.get("/f/help"));
  EXPECT_EQ(page.response.status, 200);
  EXPECT_THAT(page.response.body, HasSubstr("Ask &lt;us&gt;"));
  EXPECT_THAT(header(page.response, "content-security-policy"),
              AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self'"),
                    HasSubstr("connect-src 'self'"), Not(HasSubstr("unsafe"))));
  auto posted = channel.get("/f/help");
  posted.method = "POST";
  EXPECT_EQ(channel.send(posted).response.status, 405);
}

TEST(WebChatSettings, AreCheckedBeyondTheirSchema) {
  CapturingChannel channel{{{"provider", "web"},
                            {"origins", {"https://www.example.com/page"}},
                            {"per_address", "often"},
                            {"consent",
                             {{{"field", "email"}, {"purpose", "p"}, {"text", "t"}},
                              {{"field", "news"}, {"purpose", "p"}, {"text", "t"}},
                              {{"field", "news"}, {"purpose", "q"}, {"text", "u"}}}}}};
  std::vector<std::string> pointers;
  for (const auto& problem : channel.problems()) pointers.push_back(problem.pointer);
  EXPECT_THAT(pointers, ElementsAre("/consent/0/field", "/consent/2/field", "/per_address", "/origins/0"));
}

/// What the plugin answers to a delivery of one document; nullopt: the channel does not deliver.
std::optional<leadhub_delivery_state> delivered(const Json& config, const std::string& document) {
  sdk::testing::FakeHost host;
  sdk::testing::ChannelDriver driver(leadhub_plugin, host, "help");
  const std::string text = webform::testing::take_secrets(config, host);
  driver.activate(text);
  if (!driver.delivers()) return std::nullopt;
  return driver.deliver({document, "reply-1"}, noon_ms).state;
}

TEST(Replies, NeedNoCallInAWebChat) {
  const auto* const reply =
      R"({"type":"chat","version":1,"conversation":{"system":"web","id":"x"},"text":"Hello","date":"2026-01-05T12:00:00.000Z"})";
  EXPECT_EQ(delivered({{"provider", "web"}}, reply), LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(delivered({{"provider", "web"}}, R"({"type":"mail"})"), LEADHUB_DELIVERY_FAILED);
}

}  // namespace
}  // namespace leadhub::chat
