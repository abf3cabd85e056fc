#include <gmock/gmock.h>

#include "chat_event.hpp"
#include "senders.hpp"

/// What becomes of what each service says; the fixtures show the plain cases.
namespace leadhub::chat {
namespace {

using namespace chat::testing;  // everything here is about senders

std::vector<Json> events_of(const std::string& provider, const Json& body) {
  CapturingChannel channel(config_of(provider), "chat");
  return channel.send(sent_by(provider, body.dump())).events;
}

/// The message of that service with one member set, at a JSON pointer.
Json message_with(const std::string& provider, const std::string& pointer, const Json& value) {
  Json body = message_of(provider);
  body[Json::json_pointer(pointer)] = value;
  return body;
}

class Providers : public ::testing::TestWithParam<std::string> {
 protected:
  std::vector<Json> events(const Json& body) const { return events_of(GetParam(), body); }
};
INSTANTIATE_TEST_SUITE_P(Each, Providers, ::testing::ValuesIn(services()),
                         [](const auto& test) { return test.param; });

TEST_P(Providers, OfferWhatAMessageMentionsAndDoNotTakeItForThePersons) {
  const auto found = events(message_of(GetParam(), "I am ada@example.com, +44 20 7946 0958"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["attributes"]["mentioned_email"], "ada@example.com");
  EXPECT_EQ(found[0]["attributes"]["mentioned_phone"], "+442079460958");
  EXPECT_FALSE(found[0]["person"].contains("email"));
  EXPECT_NE(found[0]["person"].value("phone", ""), "+442079460958");
}

TEST_P(Providers, GiveARepetitionTheSameKey) {
  const auto first = events(message_of(GetParam()));
  EXPECT_EQ(first, events(message_of(GetParam())));
  EXPECT_NE(first.at(0).value("key", ""), "");
}

TEST_P(Providers, TakeAMessageOfTheLargestSizeAndCutWhatIsBeyond) {
  const auto found = events(message_of(GetParam(), std::string(70'000, 'a')));
  ASSERT_EQ(found.size(), 1U);
  const auto size = found[0]["message"].get<std::string>().size();
  EXPECT_EQ(size, 65'536U);
}

TEST_P(Providers, KeepControlCharactersAndBrokenTextOutOfAMessage) {
  const auto found = events(message_of(GetParam(), "one\r\ntwo\x01\x02 \xF0\x9F\x98\x80"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["message"], "one\ntwo \xF0\x9F\x98\x80");
}

/// Where the name of an event stands, and what the type of an unknown one is.
struct Unknown {
  const char* provider;
  const char* body;
  const char* type;
};
constexpr Unknown unknown[] = {
    {"telegram", R"({"update_id":1,"chat_boost":{"chat":{"id":7,"type":"private"}}})",
     "x.telegram.chat_boost"},
    {"slack", R"({"event_id":"E","event":{"type":"new_Thing!"}})", "x.slack.new_thing"},
    {"whatsapp",
     R"({"object":"whatsapp_business_account","entry":[{"changes":[{"field":"calls","value":{"a":1}}]}]})",
     "x.whatsapp.calls"},
    {"whatsapp",
     R"({"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[
     {"id":"1","type":"system","system":{"type":"user_changed_number"}}]}}]}]})",
     "x.whatsapp.system"},
    {"messenger", R"({"object":"page","entry":[{"messaging":[{"timestamp":1,"optin":{"type":"x"}}]}]})",
     "x.messenger.optin"},
    {"messenger", R"({"object":"page","entry":[{"messaging":[{"timestamp":1}]}]})", "x.messenger.unnamed"},
    {"intercom", R"({"id":"n","topic":"ticket.created","data":{"item":{}}})", "x.intercom.ticket.created"},
    {"chatwoot", R"({"event":"webwidget_triggered","id":1})", "x.chatwoot.webwidget_triggered"},
    {"crisp", R"({"event":"session:set_data","data":{"session_id":"s"}})", "x.crisp.session_set_data"},
    {"livechat", R"({"secret_key":"a secret","action":"chat_deactivated","payload":{"chat_id":"C"}})",
     "x.livechat.chat_deactivated"}};

TEST(UnknownEvents, AreKeptUnderTheServicesOwnName) {
  for (const auto& [provider, body, type] : unknown) {
    SCOPED_TRACE(body);
    const auto found = events_of(provider, Json::parse(body));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0]["type"], type);
    EXPECT_NE(found[0].value("key", ""), "");
  }
}

TEST(MissingPersons, MakeAnEventWithoutOne) {
  for (const auto& [provider, pointer] : std::vector<std::pair<std::string, std::string>>{
           {"telegram", "/message/from"},
           {"slack", "/event/user"},
           {"whatsapp", "/entry/0/changes/0/value/messages/0/from"},
           {"messenger", "/entry/0/messaging/0/sender"},
           {"chatwoot", "/sender"},
           {"crisp", "/data/session_id"},
           {"livechat", "/payload/event/author_id"}}) {
    SCOPED_TRACE(provider);
    const auto found = events_of(provider, message_with(provider, pointer, nullptr));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].contains("person"));
    EXPECT_EQ(found[0]["message"], "Hello");
  }
}

TEST(WrongTypes, AreAsIfTheyWereNotThere) {
  for (const Json& wrong :
       {Json(nullptr), Json(1.5), Json("x"), Json::array({1}), Json{{"a", 1}}, Json(true)}) {
    EXPECT_LE(events_of("telegram", message_with("telegram", "/message/chat", wrong)).size(), 1U);
    EXPECT_EQ(events_of("telegram", message_with("telegram", "/message/date", wrong)).size(), 1U);
    EXPECT_TRUE(events_of("whatsapp", message_with("whatsapp", "/entry", wrong)).empty());
    EXPECT_TRUE(events_of("messenger", message_with("messenger", "/entry/0/messaging", wrong)).empty());
    EXPECT_LE(events_of("intercom", message_with("intercom", "/data", wrong)).size(), 1U);
    EXPECT_EQ(events_of("chatwoot", message_with("chatwoot", "/sender", wrong)).size(), 1U);
    EXPECT_EQ(events_of("crisp", message_with("crisp", "/data/content", wrong)).size(), 1U);
    EXPECT_EQ(events_of("livechat", message_with("livechat", "/payload/event/text", wrong)).size(), 1U);
  }
}

TEST(TwoPersons, AreTwoEvents) {
  Json whatsapp = message_of("whatsapp");
  Json& messages = whatsapp["entry"][0]["changes"][0]["value"]["messages"];
  messages.push_back(messages[0]);
  messages[1]["id"] = "wamid.2";
  messages[1]["from"] = "447700900999";
  auto found = events_of("whatsapp", whatsapp);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["person"]["phone"], "+447700900123");
  EXPECT_EQ(found[1]["person"]["phone"], "+447700900999");
}

TEST(TooManyEvents, AreNotUnderstood) {
  Json body = message_of("messenger");
  Json& messaging = body["entry"][0]["messaging"];
  for (int i = 0; i < 1000; ++i) messaging.push_back(messaging[0]);
  CapturingChannel channel(config_of("messenger"), "chat");
  EXPECT_THROW(channel.send(sent_by("messenger", body.dump())), sdk::testing::PluginError);
}

TEST(Telegram, TakesNobodyOutOfGroupsAndChannels) {
  for (const char* const type : {"group", "supergroup", "channel"})
    EXPECT_TRUE(events_of("telegram", message_with("telegram", "/message/chat/type", type)).empty());
  EXPECT_TRUE(events_of("telegram", Json::parse(R"({"update_id":1,"callback_query":{"from":{"id":7},"message":
      {"chat":{"id":-5,"type":"group"}}}})"))
                  .empty());
}

TEST(Telegram, BelievesOnlyTheirOwnContact) {
  const auto contact = [](const Json& user) {
    return events_of("telegram", message_with("telegram", "/message/contact",
                                              {{"phone_number", "447700900123"}, {"user_id", user}}))
        .at(0);
  };
  EXPECT_EQ(contact(7)["person"]["phone"], "+447700900123");
  EXPECT_FALSE(contact(8)["person"].contains("phone"));
  EXPECT_EQ(contact(8)["attributes"]["mentioned_phone"], "+447700900123");
  EXPECT_FALSE(contact(nullptr)["person"].contains("phone"));
}

TEST(Telegram, TakesAStartForTheBeginningOfAChat) {
  const auto started = [](const std::string& text) {
    return events_of("telegram", message_of("telegram", text)).at(0);
  };
  EXPECT_EQ(started("/start")["type"], "chat.started");
  EXPECT_FALSE(started("/start").contains("attribution"));
  EXPECT_EQ(started("/start spring_2026")["attribution"]["utm_campaign"], "spring_2026");
  EXPECT_EQ(started("/started")["type"], "chat.message");
}

TEST(Slack, IsToldItsChallengeOnlyWhenItHasSignedIt) {
  CapturingChannel channel(config_of("slack"), "chat");
  Request request = sent_by("slack", R"({"type":"url_verification","challenge":"3eZbrw1aBm2r"})");
  const Outcome outcome = channel.send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.body, "3eZbrw1aBm2r");
  EXPECT_EQ(outcome.response.header("x-content-type-options"), "nosniff");
  request.headers.back().second = "v0=00";
  EXPECT_EQ(channel.send(request).response.status, 401);
  const Outcome page = channel.send(sent_by("slack", R"({"type":"url_verification","challenge":"<b>"})"));
  EXPECT_EQ(page.response.status, 400);
}

TEST(Slack, LeavesOutWhatAppsWrite) {
  EXPECT_TRUE(events_of("slack", message_with("slack", "/event/bot_id", "B1")).empty());
  EXPECT_EQ(events_of("slack", message_with("slack", "/event/subtype", "message_changed")).at(0)["type"],
            "x.slack.message_changed");
}

TEST(Slack, TakesAPersonOfOneWorkspaceForNobodyOfAnother) {
  EXPECT_EQ(events_of("slack", message_of("slack")).at(0)["person"]["external_ids"]["slack"], "T1:U1");
}

TEST(Meta, IsToldItsChallengeByTheVerifyTokenAlone) {
  for (const std::string provider : {"whatsapp", "messenger"}) {
    CapturingChannel channel(config_of(provider), "chat");
    const auto ask = [&](const std::string& query) { return channel.send(channel.get("/in/chat", query)); };
    const Outcome good = ask("hub.mode=subscribe&hub.verify_token=a+token&hub.challenge=1158201444");
    EXPECT_EQ(good.verdict, LEADHUB_VERDICT_ANSWER);
    EXPECT_EQ(good.response.body, "1158201444");
    for (const std::string bad :
         {"", "hub.mode=subscribe&hub.challenge=1", "hub.verify_token=a+token&hub.challenge=1",
          "hub.mode=subscribe&hub.verify_token=another&hub.challenge=1"})
      EXPECT_EQ(ask(bad).response.status, 403) << bad;
    for (const std::string none : {"", "%3Cscript%3E", "a%0Ab"})
      EXPECT_EQ(ask("hub.mode=subscribe&hub.verify_token=a+token&hub.challenge=" + none).response.status,
                400);
    EXPECT_EQ(ask("hub.mode=subscribe&hub.verify_token=a+token&hub.challenge=" + std::string(257, '1'))
                  .response.status,
              400);
  }
}

TEST(Meta, MayNotBeSetUpForAnotherObject) {
  for (const std::string provider : {"whatsapp", "messenger"}) {
    CapturingChannel channel(config_of(provider), "chat");
    EXPECT_THROW(channel.send(sent_by(provider, R"({"object":"user","entry":[]})")),
                 sdk::testing::PluginError);
  }
}

TEST(WhatsApp, TakesAStopForAWithdrawalOfItsOwnPurpose) {
  Json config = config_of("whatsapp");
  config["purpose"] = "engine_chat";
  CapturingChannel channel(config, "chat");
  const auto say = [&](const std::string& value) {
    return channel
        .send(
            sent_by("whatsapp",
                    R"({"object":"whatsapp_business_account","entry":[{"changes":[{"field":"user_preferences",
        "value":{"user_preferences":[{"wa_id":"447700900123","value":")" +
                        value + R"("}]}}]}]})"))
        .events.at(0);
  };
  EXPECT_EQ(say("stop")["consent"][0]["state"], "withdrawn");
  EXPECT_EQ(say("stop")["consent"][0]["purpose"], "engine_chat");
  EXPECT_EQ(say("stop")["consent"][0]["channel"], "chat");
  EXPECT_EQ(say("resume")["consent"][0]["state"], "granted");
  EXPECT_FALSE(say("perhaps").contains("consent"));
}

TEST(Messenger, LeavesOutEchoesAndKeepsInstagramApart) {
  EXPECT_TRUE(events_of("messenger", message_with("messenger", "/entry/0/messaging/0/message/is_echo", true))
                  .empty());
  const auto found = events_of("messenger", message_with("messenger", "/object", "instagram"));
  EXPECT_EQ(found.at(0)["person"]["external_ids"], Json({{"instagram", "5"}}));
}

TEST(Chatwoot, LeavesOutWhatTheTeamWritesAndNotesToItself) {
  for (const Json& type : {Json("outgoing"), Json("template"), Json("activity"), Json(1)})
    EXPECT_TRUE(events_of("chatwoot", message_with("chatwoot", "/message_type", type)).empty()) << type;
  EXPECT_TRUE(events_of("chatwoot", message_with("chatwoot", "/private", true)).empty());
  EXPECT_EQ(events_of("chatwoot", message_with("chatwoot", "/message_type", 0)).size(), 1U);
}

TEST(Chatwoot, TakesNoKeyThatIsNotSigned) {
  CapturingChannel channel(config_of("chatwoot"), "chat");
  Request request = message_sent_by("chatwoot");
  request.headers.emplace_back("x-chatwoot-delivery", "another");
  EXPECT_EQ(channel.send(request).events.at(0)["key"], "message_created:31");
}

TEST(Crisp, SignsSecondsOrMilliseconds) {
  CapturingChannel channel(config_of("crisp"), "chat");
  const std::string body = message_of("crisp").dump();
  const std::string time = std::to_string(noon_ms);
  Request request = sent_by("crisp", body);
  request.headers[1].second = time;
  request.headers[2].second =
      sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, secret)({"[", time, ";", body, "]"}));
  EXPECT_EQ(channel.send(request).verdict, LEADHUB_VERDICT_ACCEPT);
}

TEST(LiveChat, LeavesOutWhatAgentsWrite) {
  EXPECT_TRUE(events_of("livechat", message_with("livechat", "/payload/event/author_id", "grace@example.com"))
                  .empty());
}

TEST(TextOfHtml, HasNoTags) {
  EXPECT_EQ(text_of_html("<p>Hello &amp; <b>good</b> day</p><p>1 &lt; 2<br/>so&nbsp;it&#39;s</p>"),
            "Hello & good day\n1 < 2\nso it's");
  EXPECT_EQ(text_of_html("<script"), "");
  EXPECT_EQ(text_of_html("a<"), "a");
  EXPECT_EQ(text_of_html("&amp;lt;"), "&lt;");
}

TEST(TimeAt, ReadsSecondsMillisecondsAndText) {
  const nlohmann::json object{{"s", 1767614400},
                              {"t", "1767614400"},
                              {"ms", 1767614400250},
                              {"bad", -1},
                              {"text", "2026-01-05T12:00:00Z"},
                              {"far", 1e300},
                              {"word", "noon"}};
  for (const char* const good : {"s", "t", "text"}) EXPECT_EQ(time_at(object, good), "2026-01-05T12:00:00Z");
  EXPECT_EQ(time_at(object, "ms"), "2026-01-05T12:00:00.250Z");
  for (const char* const none : {"bad", "far", "word", "absent"}) EXPECT_EQ(time_at(object, none), "");
}

}  // namespace
}  // namespace leadhub::chat
