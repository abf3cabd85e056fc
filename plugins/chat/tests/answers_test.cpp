#include <gmock/gmock.h>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include "answering_channel.hpp"
#include "auto_reply.hpp"
#include "chat_event.hpp"

/// What the hub writes back into chats, by each service's API.
namespace leadhub::chat {
namespace {

using namespace chat::testing;  // everything here is about senders
using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Plain = nlohmann::json;

// -------------------------------------------------------------------------------------------- The text

std::string text_for(const Plain& person, std::string_view pattern) {
  return auto_reply_for(person, pattern);
}

TEST(AutoReply, CallsPeopleByTheirNames) {
  EXPECT_EQ(text_for({{"first_name", "Ada"}}, "Thanks, {{first_name}}!"), "Thanks, Ada!");
  EXPECT_EQ(text_for({{"name", "Ada Lovelace"}}, "Thanks, {{ first_name }}!"), "Thanks, Ada!");
  EXPECT_EQ(text_for({{"first_name", "Ada"}, {"last_name", "Lovelace"}}, "Dear {{name}},"),
            "Dear Ada Lovelace,");
  EXPECT_EQ(text_for({{"first_name", "A\nB"}}, "{{first_name}}"), "A B");
  EXPECT_EQ(text_for({{"first_name", std::string(5'000, 'a')}}, "{{first_name}}").size(), 100U);
}

TEST(AutoReply, ReadsWellWithoutAName) {
  const Plain nobody = Plain::object();
  EXPECT_EQ(text_for(nobody, "Thanks, {{first_name}}! Soon."), "Thanks! Soon.");
  EXPECT_EQ(text_for(nobody, "Hello {{name}}, thanks"), "Hello, thanks");
  EXPECT_EQ(text_for(nobody, "{{first_name}}, thanks\n{{name}} Bye"), "thanks\nBye");
  EXPECT_EQ(text_for(nobody, "{{other}} {{ and {{name}}"), "{{other}} {{ and {{name}}");
  EXPECT_EQ(text_for(nobody, "{{first_name}}"), "");
}

// ------------------------------------------------------------------------------------- Each of the services

class Answers : public ::testing::TestWithParam<Service> {
 protected:
  const Service& service() const { return GetParam(); }
  AnsweringChannel channel{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Each, Answers, ::testing::ValuesIn(answering_services()),
                         [](const auto& test) { return test.param.provider; });

TEST_P(Answers, AreSentAsTheServiceWantsThem) {
  channel.answer_with(service().taken);
  const auto outcome = channel.deliver("Yes, we do.");
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_EQ(outcome.provider_id, service().taken_id);
  ASSERT_THAT(channel.sent(), SizeIs(1));
  const auto sent = channel.sent().front();
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, service().url);
  EXPECT_EQ(sent.header("content-type"), "application/json");
  EXPECT_EQ(sent.header(service().proof.first), service().proof.second);
  EXPECT_EQ(Plain::parse(sent.body), Plain::parse(service().body));
}

TEST_P(Answers, AreRefusedForGoodOrForNow) {
  for (const auto& [answer, retry_class, retry_after_ms] : service().refusals) {
    channel.answer_with(answer);
    const auto outcome = channel.deliver("Yes, we do.");
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << answer.body;
    EXPECT_EQ(outcome.retry_class, retry_class) << answer.status << answer.body;
    EXPECT_EQ(outcome.retry_after_ms, retry_after_ms) << answer.body;
    EXPECT_THAT(outcome.message, AllOf(HasSubstr("answered "), Not(HasSubstr(api_token))));
  }
}

TEST_P(Answers, AreUnknownWhereNoAnswerCameBack) {
  for (const ServiceAnswer& nothing : {ServiceAnswer{0, {}, {}, LEADHUB_ERROR_TIMEOUT},
                                       ServiceAnswer{502, {}, "<html>", 0}, ServiceAnswer{504, {}, "", 0}}) {
    channel.answer_with(nothing);
    EXPECT_EQ(channel.deliver("Yes, we do.").state, LEADHUB_DELIVERY_UNKNOWN) << nothing.status;
  }
  channel.answer_with({0, {}, {}, LEADHUB_ERROR_UNAVAILABLE});
  const auto unsent = channel.deliver("Yes, we do.");
  EXPECT_EQ(unsent.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(unsent.retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST_P(Answers, GoIntoTheirOwnConversationsAlone) {
  channel.answer_with(service().taken);
  for (const char* document :
       {R"({"type":"mail"})", "[]", "",
        R"({"type":"chat","conversation":{"system":"parrot","id":"7"},"text":"Hi"})"}) {
    const auto outcome = channel.deliver_document(document);
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << document;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << document;
  }
  EXPECT_THAT(channel.sent(), IsEmpty());
}

TEST_P(Answers, NeedAToken) {
  for (const auto& [key, value] : service().needed.items()) {
    Json config = full_config(service());
    config.erase(key);
    CapturingChannel listening(config, "chat");
    ASSERT_THAT(listening.problems(), IsEmpty());
    EXPECT_FALSE(listening.delivers()) << key;
    EXPECT_THAT(listening.follow_up(service().message), IsEmpty());
    ASSERT_THAT(listening.host().log_lines(), SizeIs(1));
    EXPECT_THAT(listening.host().log_lines()[0].message, HasSubstr(key));
  }
  EXPECT_TRUE(channel.delivers());
}

TEST_P(Answers, GreetEachConversationOnceADay) {
  channel.answer_with(service().taken);
  channel.follow_up();
  ASSERT_THAT(channel.sent(), SizeIs(1));
  EXPECT_EQ(channel.sent()[0].url, service().url);
  EXPECT_THAT(channel.sent()[0].body, AllOf(HasSubstr("Somebody will answer"), Not(HasSubstr("{{"))));
  channel.follow_up();
  channel.follow_up("another message");
  EXPECT_THAT(channel.sent(), SizeIs(1)) << "once";
  EXPECT_EQ(channel.host().counted("auto_replies"), 1U);
  channel.host().advance_ms(std::int64_t{24} * 3'600'000);
  channel.follow_up();
  EXPECT_THAT(channel.sent(), SizeIs(1)) << "the message is a day old";
}

TEST_P(Answers, ShowTheGreetingAsAnEvent) {
  channel.answer_with(service().taken);
  const auto events = channel.follow_up(service().message);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0]["type"], "x." + service().provider + ".auto_reply");
  EXPECT_EQ(events[0]["person"], (Json{{"external_ids", {{service().system, service().id}}}}));
  EXPECT_THAT(events[0]["message"].get<std::string>(), HasSubstr("Somebody will answer."));
  EXPECT_EQ(events[0]["attributes"]["state"], "sent");
  const auto again = channel.follow_up(service().message);
  ASSERT_THAT(again, SizeIs(1))
      << "had the hub died between sending and keeping the event, this is what is left";
  EXPECT_EQ(again[0]["key"], events[0]["key"]);
  EXPECT_EQ(again[0]["attributes"]["state"], "unknown");
  EXPECT_THAT(channel.sent(), SizeIs(1));
}

TEST_P(Answers, GreetAgainWhereNothingWasSentAndOnlyThere) {
  channel.answer_with({429, {}, "{}", 0});
  EXPECT_EQ(channel.failure(), LEADHUB_RETRY_RATE_LIMITED);
  channel.answer_with({0, {}, {}, LEADHUB_ERROR_UNAVAILABLE});
  EXPECT_EQ(channel.failure(), LEADHUB_RETRY_TRANSIENT);
  channel.answer_with({0, {}, {}, LEADHUB_ERROR_TIMEOUT});
  EXPECT_EQ(channel.failure(), 0) << "nobody knows, so it is over";
  EXPECT_EQ(channel.host().counted("auto_replies_unknown"), 1U);
  channel.answer_with(service().taken);
  channel.follow_up();
  EXPECT_THAT(channel.sent(), SizeIs(3));
  for (const auto& line : channel.host().log_lines()) EXPECT_THAT(line.message, Not(HasSubstr(api_token)));
}

TEST_P(Answers, GreetNobodyWhoDidNotWrite) {
  channel.answer_with(service().taken);
  for (const Request& request : service().silent) {
    static_cast<void>(channel.follow_up(request));
    EXPECT_THAT(channel.sent(), IsEmpty()) << request.body;
  }
}

TEST(Answers, MentionNobodyInSlackByAccident) {
  AnsweringChannel slack{testing::slack()};
  slack.answer_with(testing::slack().taken);
  EXPECT_EQ(slack.deliver("<!channel> & <https://example.com>").state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(Plain::parse(slack.sent()[0].body)["text"], "&lt;!channel&gt; &amp; &lt;https://example.com&gt;");
}

TEST(Answers, AreUnknownWhereSlackSaysThatItMayHavePosted) {
  AnsweringChannel slack{testing::slack()};
  for (const char* const error : {"internal_error", "fatal_error"}) {
    slack.answer_with(testing::json_answer(200, Json{{"ok", false}, {"error", error}}.dump()));
    EXPECT_EQ(slack.deliver("Hi").state, LEADHUB_DELIVERY_UNKNOWN) << error;
  }
}

TEST(Answers, AreHtmlWithoutMarkupInIntercom) {
  AnsweringChannel intercom{testing::intercom()};
  intercom.answer_with(testing::intercom().taken);
  EXPECT_EQ(intercom.deliver("<b> & \"co\"\nBye").state, LEADHUB_DELIVERY_DONE);
  const std::string html = Plain::parse(intercom.sent()[0].body)["body"];
  EXPECT_EQ(html, "&lt;b&gt; &amp; &quot;co&quot;<br>Bye");
  EXPECT_EQ(text_of_html(html), "<b> & \"co\"\nBye");
}

TEST(Answers, GreetABeginningAndItsMessageOnce) {
  AnsweringChannel intercom{testing::intercom()};
  intercom.answer_with(testing::intercom().taken);
  static_cast<void>(intercom.follow_up(sent_by("intercom", R"({"id":"n1","topic":"conversation.user.created",
      "created_at":1767614400,"data":{"item":{"id":"215","source":{"body":"<p>Hi</p>",
      "author":{"type":"lead","id":"6","name":"Ada Lovelace"}}}}})")));
  ASSERT_THAT(intercom.sent(), SizeIs(1));
  EXPECT_THAT(intercom.sent()[0].body, HasSubstr("Thanks, Ada!"));
}

TEST(Answers, GreetTheOthersWhereOneIsRefused) {
  AnsweringChannel messenger{testing::messenger()};
  Json body = message_of("messenger");
  Json other = body["entry"][0]["messaging"][0];
  other["sender"]["id"] = "6";
  other["message"]["mid"] = "m_6";
  body["entry"][0]["messaging"].push_back(other);
  const Request both = sent_by("messenger", body.dump());
  messenger.host().set_service([](const SentRequest& sent) {
    return Plain::parse(sent.body)["recipient"]["id"] == "5" ? testing::graph_error(400, 100)
                                                             : testing::messenger().taken;
  });
  EXPECT_THROW(static_cast<void>(messenger.follow_up(both)), sdk::testing::PluginError);
  EXPECT_THAT(messenger.sent(), SizeIs(2));
  EXPECT_THROW(static_cast<void>(messenger.follow_up(both)), sdk::testing::PluginError);
  EXPECT_THAT(messenger.sent(), SizeIs(3)) << "the other is greeted";
}

TEST(Answers, KeepTwoPeopleInOneConversationApart) {
  for (const auto& [service, author] :
       {std::pair{testing::chatwoot(), "/sender/id"},
        std::pair{testing::livechat(), "/payload/event/author_id"},
        std::pair{testing::intercom(), "/data/item/conversation_parts/conversation_parts/0/author/id"}}) {
    CapturingChannel channel{full_config(service), "chat"};
    Json body = Json::parse(service.message.body);
    const auto one = channel.send(service.message).events.at(0)["person"]["external_ids"];
    body[Json::json_pointer(author)] = "99";
    const auto other =
        channel.send(sent_by(service.provider, body.dump())).events.at(0)["person"]["external_ids"];
    EXPECT_EQ(one[service.system], service.id);
    EXPECT_NE(one[service.system], other[service.system]);
  }
}

TEST(Answers, GoToNoOtherAddressThanTheConversations) {
  for (const Service& service :
       {testing::chatwoot(), testing::intercom(), testing::crisp(), testing::livechat()}) {
    AnsweringChannel channel{service};
    channel.answer_with(service.taken);
    for (const std::string id : {"..", "../2", "1?x/2", "/3", "a b"}) {
      const auto outcome = channel.deliver_document(Json{
          {"type", "chat"},
          {"conversation", {{"system", service.system}, {"id", id}}},
          {"text", "Hi"}}.dump());
      EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << service.provider << id;
    }
    EXPECT_THAT(channel.sent(), IsEmpty()) << service.provider;
  }
}

TEST(Answers, AreAskedOfTheRegionThatTheTokenOfLiveChatNames) {
  Service livechat = testing::livechat();
  livechat.needed["token"] = "fra:t1";
  AnsweringChannel channel{livechat};
  channel.answer_with(livechat.taken);
  EXPECT_EQ(channel.deliver("Hi").state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(channel.sent()[0].header("x-region"), "fra");
  EXPECT_EQ(channel.sent()[0].header("authorization"), "Basic " + sdk::base64_encode("b2c3:fra:t1"));
}

TEST(Answers, GreetWhoeverOpensAChatOfLiveChat) {
  AnsweringChannel livechat{testing::livechat()};
  livechat.answer_with(testing::livechat().taken);
  static_cast<void>(
      livechat.follow_up(sent_by("livechat", R"({"action":"incoming_chat","secret_key":"a secret",
      "payload":{"chat":{"id":"C1","users":[{"id":"b7eff798","type":"customer","name":"Ada Lovelace"}],
      "thread":{"id":"T1","created_at":"2026-01-05T12:00:00.000000Z","events":[{"id":"E1","type":"message",
      "author_id":"b7eff798","text":"Hello"}]}}}})")));
  ASSERT_THAT(livechat.sent(), SizeIs(1));
  EXPECT_THAT(livechat.sent()[0].body, HasSubstr("Thanks, Ada!"));
}

TEST(Answers, OfMessengerAndInstagramAreAsShortAsTheyTakeThem) {
  AnsweringChannel messenger{testing::messenger()};
  messenger.answer_with(testing::messenger().taken);
  EXPECT_EQ(messenger.deliver(std::string(2'000, 'a')).state, LEADHUB_DELIVERY_DONE);
  const auto refused = messenger.deliver(std::string(2'001, 'a'));
  EXPECT_EQ(refused.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(refused.message, HasSubstr("in parts"));
  EXPECT_EQ(
      messenger
          .deliver_document(R"({"type":"chat","conversation":{"system":"instagram","id":"9"},"text":"Hi"})")
          .state,
      LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(Plain::parse(messenger.sent().back().body)["recipient"]["id"], "9");
}

}  // namespace
}  // namespace leadhub::chat
