#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "senders.hpp"

/// What is authentic, and strange.
namespace leadhub::newsletter {
namespace {

using namespace newsletter::testing;  // everything here is about senders
using sdk::testing::PluginError;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<Json> events_of(const std::string& provider, const std::string& body) {
  CapturingChannel channel(config_of(provider), "esp");
  const Outcome outcome = channel.send(sent_by(provider, body));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT) << outcome.reason;
  return outcome.events;
}

/// The only one.
Json event_of(const std::string& provider, const std::string& body) {
  const auto events = events_of(provider, body);
  EXPECT_THAT(events, SizeIs(1));
  return events.empty() ? Json{} : events.front();
}
Json event_of(const std::string& provider, const Json& body) {
  return event_of(provider, body.dump());
}

class Strange : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string& provider() const { return GetParam(); }
  /// Kept by the host for later, with a message; Mailgun's signature stands in what cannot be read, so it is
  /// refused.
  void expect_not_understood(const std::string& body, const std::string& message) {
    CapturingChannel channel(config_of(provider()), "esp");
    try {
      const Outcome outcome = channel.send(sent_by(provider(), body));
      EXPECT_EQ(outcome.response.status, 406) << body.substr(0, 80);
      EXPECT_EQ(provider(), "mailgun");
      EXPECT_THAT(outcome.reason, HasSubstr(message));
    } catch (const PluginError& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Each, Strange, ::testing::ValuesIn(services()),
                         [](const auto& test) { return test.param; });

class StrangeJson : public Strange {};
INSTANTIATE_TEST_SUITE_P(Each, StrangeJson, ::testing::ValuesIn(json_services()),
                         [](const auto& test) { return test.param; });

TEST_P(Strange, EventsAreKeptUnderTheServicesName) {
  const Json event = event_of(provider(), novelty_of(provider()));
  EXPECT_EQ(event["type"], "x." + provider() + ".enlightened");
  EXPECT_FALSE(event["key"].get<std::string>().empty());
  EXPECT_FALSE(event.contains("person")) << "nobody is named, which is the host's to see";
  if (provider() == "mailchimp" || provider() == "mailerlite") return;
  EXPECT_EQ(event["attributes"][provider() + "_level"], 3);
}

TEST_P(StrangeJson, BodiesThatAreCutOffAreNotUnderstood) {
  const std::string whole = click_of(provider());
  expect_not_understood(whole.substr(0, whole.size() / 2), "the body is not JSON");
}

TEST_P(StrangeJson, BodiesThatNestTooDeepAreNotUnderstood) {
  expect_not_understood(std::string(500'000, '['), "nested deeper");
}

TEST_P(StrangeJson, BodiesOfManyValuesAreNotUnderstood) {
  std::string body = "[0";
  for (int i = 0; i < 100'001; ++i) body += ",0";
  expect_not_understood(body + "]", "more than 100000 values");
}

TEST_P(StrangeJson, BodiesThatAreNoEventAreNotUnderstood) {
  if (provider() == "mailgun") return;  // the signature is not in it: refusals_test.cpp
  for (const std::string body : {"7", "\"text\"", "null", "[7]", "[null]"})
    expect_not_understood(body, "the JSON ");
}

TEST_P(StrangeJson, TypesOfValuesGiveAnEventWithoutThem) {
  // Each text becomes an object: nobody is named and nothing has a time, and what is left is one event.
  Json body = Json::parse(click_of(provider()));
  const std::function<void(Json&)> spoil = [&](Json& value) {
    if (value.is_structured())
      for (auto& [name, child] : value.items())
        if (name != "signature") spoil(child);
    if (value.is_primitive()) value = Json::object({{"x", Json::array()}});
  };
  spoil(body);
  const Json event = event_of(provider(), body.dump());
  EXPECT_THAT(event["type"].get<std::string>(), HasSubstr("x." + provider()));
  EXPECT_FALSE(event.contains("person"));
}

TEST_P(StrangeJson, TextsAreMadeToFit) {
  std::string body = click_of(provider());
  const std::string url = "https://example.com/";
  for (std::size_t at = body.find(url); at != std::string::npos; at = body.find(url, at + 1))
    body.insert(at + url.size(), std::string(5'000, 'a') + "\\n\\u0001");
  const Json event = event_of(provider(), body);
  const std::string text = event["signal"][provider() == "listmonk" ? "reason" : "url"];
  EXPECT_EQ(text.size(), 4'096U);
  EXPECT_LE(event["key"].get<std::string>().size(), 512U);
}

TEST(Batches, OfAThousandAreAThousandEventsWithKeysOfTheirOwn) {
  for (const std::string provider : {"sendgrid", "brevo"}) {
    Json batch = Json::array();
    for (int i = 0; i < 1'000; ++i)
      batch.push_back({{"event", "delivered"},
                       {"email", "ada" + std::to_string(i) + "@example.com"},
                       {"sg_event_id", "id" + std::to_string(i)},
                       {"ts_epoch", noon_ms},
                       {"timestamp", noon_ms / 1000}});
    const auto events = events_of(provider, batch.dump());
    ASSERT_THAT(events, SizeIs(1'000)) << provider;
    std::set<std::string> keys;
    for (const Json& event : events) keys.insert(event["key"].get<std::string>());
    EXPECT_THAT(keys, SizeIs(1'000)) << provider;
    batch.push_back(batch.front());
    CapturingChannel channel(config_of(provider), "esp");
    EXPECT_THROW(channel.send(sent_by(provider, batch.dump())), PluginError) << "the host keeps it";
  }
}

TEST(Batches, ThatHoldSomethingElseAreKeptWhole) {
  CapturingChannel channel(config_of("sendgrid"), "esp");
  EXPECT_THROW(channel.send(sent_by("sendgrid", R"([{"event":"open"},7])")), PluginError);
}

TEST(Batches, ThatAreEmptyAreTaken) {
  EXPECT_THAT(events_of("sendgrid", "[]"), SizeIs(0));
}

TEST(Repetitions, HaveTheKeyOfTheFirst) {
  for (const std::string& provider : services()) {
    const std::string body = click_of(provider);
    EXPECT_EQ(event_of(provider, body)["key"], event_of(provider, body)["key"]) << provider;
  }
  // The order of a form's fields is no content.
  EXPECT_EQ(event_of("mailchimp", std::string("type=profile&data[email]=a%40example.com"))["key"],
            event_of("mailchimp", std::string("data[email]=a%40example.com&type=profile"))["key"]);
  EXPECT_NE(event_of("mailchimp", std::string("type=profile&data[email]=a%40example.com"))["key"],
            event_of("mailchimp", std::string("type=profile&data[email]=b%40example.com"))["key"]);
}

TEST(TwoPersons, OfOneMailAreTwoEvents) {
  const auto events =
      events_of("resend", R"({"type":"email.bounced","data":{"to":["Ada <ada@example.com>","bob@example.com"],
                    "bounce":{"type":"Transient","message":"452 4.2.2 mailbox full"}}})");
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0]["person"]["email"], "ada@example.com");
  EXPECT_EQ(events[0]["key"], "msg_1");
  EXPECT_EQ(events[1]["person"]["email"], "bob@example.com");
  EXPECT_EQ(events[1]["key"], "msg_1:2");
  EXPECT_EQ(events[1]["signal"]["bounce"], "soft");
  EXPECT_EQ(events[1]["signal"]["status"], "4.2.2");
}

TEST(TwoPersons, NeverStandInOneAnothersAttributes) {
  for (
      const Json& event : events_of(
          "resend",
          R"({"type":"email.sent","data":{"to":["ada@example.com","bob@example.com"],"cc":["c@x.example"]}})"))
    EXPECT_THAT(event.dump(), ::testing::Not(HasSubstr("c@x.example")));
}

TEST(Mailchimp, ReadsTheLastOfAFieldThatComesTwice) {
  const Json event = event_of("mailchimp", std::string("type=subscribe&data[email]=old%40example.com"
                                                       "&data[email]=ada%40example.com"));
  EXPECT_EQ(event["person"]["email"], "ada@example.com");
  EXPECT_EQ(event["consent"][0]["purpose"], "engine_mail");
  EXPECT_EQ(event["consent"][0]["text"], "Yes.");
}

TEST(Mailchimp, KeepsMergeFieldsAsAttributesThatFit) {
  const Json event = event_of(
      "mailchimp",
      "type=profile&data[email]=a%40example.com&data[merges][BIRTHDAY]=10%2F12&data[merges][A%20b]=" +
          std::string(5'000, 'x'));
  EXPECT_EQ(event["attributes"]["birthday"], "10/12");
  EXPECT_EQ(event["attributes"]["a_b"].get<std::string>().size(), 4'096U);
}

TEST(Mailchimp, NeedsAType) {
  CapturingChannel channel(config_of("mailchimp"), "esp");
  EXPECT_THROW(channel.send(sent_by("mailchimp", "data[email]=a%40example.com")), PluginError);
  std::string many = "type=profile";
  for (int i = 0; i < 1'001; ++i) many += "&a=1";
  EXPECT_THROW(channel.send(sent_by("mailchimp", many)), PluginError);
}

TEST(Mailgun, TellsBouncesByReasonAndStatus) {
  struct Case {
    const char* severity;
    const char* reason;
    const char* message;
    const char* type;
    const char* bounce;
  };
  for (const Case& one : std::vector<Case>{{"permanent", "bounce", "5.1.1 unknown", "email.bounced", "hard"},
                                           {"permanent", "bounce", "5.7.1 refused", "email.bounced", "block"},
                                           {"permanent", "espblock", "no", "email.bounced", "block"},
                                           {"permanent", "old", "", "email.bounced", "soft"},
                                           {"permanent", "suppress-bounce", "", "email.bounced", "hard"},
                                           {"permanent", "suppress-complaint", "", "x.mailgun.failed", ""},
                                           {"permanent", "suppress-unsubscribe", "", "x.mailgun.failed", ""},
                                           {"temporary", "generic", "4.2.2 full", "x.mailgun.failed", ""}}) {
    const Json event = event_of("mailgun", mailgun_body({{"event", "failed"},
                                                         {"severity", one.severity},
                                                         {"reason", one.reason},
                                                         {"recipient", "ada@example.com"},
                                                         {"delivery-status", {{"message", one.message}}}}));
    EXPECT_EQ(event["type"], one.type) << one.reason;
    EXPECT_EQ(event["signal"].value("bounce", ""), one.bounce) << one.reason;
  }
}

TEST(Mailgun, KnowsAnEventByItsTokenAndMachinesByTheirName) {
  const Json event = event_of(
      "mailgun",
      mailgun_body({{"event", "opened"}, {"recipient", "a@example.com"}, {"client-info", {{"bot", "apple"}}}},
                   noon_ms, "token-1"));
  EXPECT_EQ(event["key"], "token-1");
  EXPECT_EQ(event["signal"]["trust"], "scanner");
}

TEST(Mailgun, NeedsTheDataOfAnEvent) {
  CapturingChannel channel(config_of("mailgun"), "esp");
  Json body = Json::parse(mailgun_body({}));
  body.erase("event-data");
  EXPECT_THROW(channel.send(sent_by("mailgun", body.dump())), PluginError);
}

TEST(Postmark, TellsBouncesByTheirType) {
  struct Case {
    const char* bounce_type;
    const char* type;
    const char* bounce;
  };
  for (const Case& one : std::vector<Case>{{"HardBounce", "email.bounced", "hard"},
                                           {"BadEmailAddress", "email.bounced", "hard"},
                                           {"SoftBounce", "email.bounced", "soft"},
                                           {"Transient", "email.bounced", "soft"},
                                           {"Blocked", "email.bounced", "block"},
                                           {"DMARCPolicy", "email.bounced", "block"},
                                           {"SpamComplaint", "email.complained", ""},
                                           {"Unsubscribe", "email.unsubscribed", ""},
                                           {"AutoResponder", "x.postmark.bounce", ""}}) {
    const Json event = event_of(
        "postmark",
        Json{{"RecordType", "Bounce"}, {"Type", one.bounce_type}, {"ID", 7}, {"Email", "ada@example.com"}});
    EXPECT_EQ(event["type"], one.type) << one.bounce_type;
    EXPECT_EQ(event.value("signal", Json::object()).value("bounce", ""), one.bounce) << one.bounce_type;
    EXPECT_EQ(event["person"]["email"], "ada@example.com");
  }
}

TEST(Postmark, TakesConsentBackForWhoLeftAlone) {
  const Json record{{"RecordType", "SubscriptionChange"}, {"Recipient", "ada@example.com"}};
  const auto changed = [&](bool suppresses, const Json& reason) {
    Json body = record;
    body["SuppressSending"] = suppresses;
    body["SuppressionReason"] = reason;
    return event_of("postmark", body);
  };
  EXPECT_EQ(changed(true, "ManualSuppression")["consent"][0]["state"], "withdrawn");
  EXPECT_EQ(changed(true, "HardBounce")["type"], "x.postmark.subscription_change");
  EXPECT_EQ(changed(false, nullptr)["type"], "x.postmark.subscription_change");
  EXPECT_FALSE(changed(false, nullptr).contains("consent"));
}

TEST(SendGrid, TellsBouncesByTypeAndStatus) {
  const auto bounce = [](const Json& more) {
    Json event{{"event", "bounce"}, {"email", "ada@example.com"}, {"sg_event_id", "1"}};
    event.update(more);
    return event_of("sendgrid", Json::array({event}))["signal"];
  };
  EXPECT_EQ(bounce({{"type", "bounce"}, {"status", "5.1.1"}})["bounce"], "hard");
  EXPECT_EQ(bounce({{"type", "bounce"}, {"status", "4.2.2"}})["bounce"], "soft");
  EXPECT_EQ(bounce({{"type", "blocked"}, {"status", "5.1.1"}})["bounce"], "block");
  EXPECT_EQ(bounce({{"reason", "550 5.1.1 no"}})["status"], "5.1.1");
  EXPECT_EQ(bounce({{"type", "bounce"}})["bounce"], "hard");
}

TEST(Resend, ReadsContactsOfAudiences) {
  const auto contact = [](const char* type, bool unsubscribed) {
    return event_of(
        "resend",
        Json{
            {"type", type},
            {"data", {{"email", "ada@example.com"}, {"first_name", "Ada"}, {"unsubscribed", unsubscribed}}}});
  };
  const Json created = contact("contact.created", false);
  EXPECT_EQ(created["type"], "newsletter.subscribed");
  EXPECT_EQ(created["person"]["first_name"], "Ada");
  EXPECT_EQ(created["attributes"]["list"], "engine-news");
  EXPECT_EQ(contact("contact.created", true)["type"], "x.resend.contact.created");
  EXPECT_EQ(contact("contact.updated", true)["type"], "newsletter.unsubscribed");
  EXPECT_EQ(contact("contact.updated", false)["type"], "x.resend.profile");
}

TEST(MailerLite, WaitsForWhoHasToConfirm) {
  const auto created = [](const char* status) {
    return event_of("mailerlite",
                    Json{{"event", "subscriber.created"}, {"email", "ada@example.com"}, {"status", status}});
  };
  EXPECT_EQ(created("active")["type"], "newsletter.subscribed");
  EXPECT_EQ(created("unconfirmed")["type"], "x.mailerlite.subscriber.created");
  EXPECT_FALSE(created("unconfirmed").contains("consent"));
}

TEST(Brevo, ReadsWhatHasChangedOfAContact) {
  const Json event =
      event_of("brevo", Json{{"event", "contact_updated"},
                             {"email", "ada@example.com"},
                             {"ts", noon_ms / 1000},
                             {"content", {{{"attributes", {{"FIRSTNAME", "Ada"}, {"AGE", 36}}}}}}});
  EXPECT_EQ(event["type"], "x.brevo.profile");
  EXPECT_EQ(event["occurred_at"], "2026-01-05T12:00:00Z");
  EXPECT_EQ(event["person"]["first_name"], "Ada");
  EXPECT_EQ(event["attributes"]["age"], 36);
}

}  // namespace
}  // namespace leadhub::newsletter
