#include <gmock/gmock.h>

#include "amazon.hpp"

/// Who is taken for Amazon SNS, and what is asked of the internet before that is known.
namespace leadhub::newsletter {
namespace {

using namespace newsletter::testing;  // everything here is about Amazon
using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;
using ::testing::HasSubstr;

constexpr std::int64_t minute_ms = 60'000;

Json bounce_report() {
  return Json::parse(R"({"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General",
      "timestamp":"2026-01-05T11:59:50.000Z","bouncedRecipients":[
        {"emailAddress":"jane@example.com","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"},
        {"emailAddress":"mary@example.com","status":"5.2.1"}]},
      "mail":{"messageId":"0000-1","destination":["jane@example.com","mary@example.com","ann@example.com"]}})");
}

Json ses_config() {
  return Json{{"provider", "ses"}, {"topics", Json::array({ses_topic})}};
}

class SesChannel {
 public:
  SesChannel() { serve(200, amazon().certificate()); }

  /// What lies at every address of Amazon's.
  void serve(int status, const std::string& body, leadhub_error_code error = 0) {
    channel_.host().set_service([=](const SentRequest&) { return ServiceAnswer{status, {}, body, error}; });
  }
  Outcome send(const Json& body, std::int64_t now_ms = noon_ms) {
    return channel_.send(sns_request(body), now_ms);
  }
  /// The events of a message that was let in.
  std::vector<Json> follow_up(const Json& body) { return channel_.follow_up(sns_request(body)); }
  /// How following it up failed; 0: it did not.
  leadhub_retry_class failure(const Json& body) {
    try {
      static_cast<void>(follow_up(body));
      return 0;
    } catch (const sdk::testing::PluginError& error) {
      message = error.what();
      return error.retry_class;
    }
  }
  /// Makes the certificate known.
  void learn() { ASSERT_EQ(follow_up(signed_by(amazon(), notification_of(bounce_report()))).size(), 2U); }
  sdk::testing::FakeHost& host() { return channel_.host(); }
  [[nodiscard]] std::size_t sent() { return channel_.host().sent_requests().size(); }

  std::string message;

 private:
  CapturingChannel channel_{ses_config(), "esp"};
};

TEST(Ses, ProvesAMessageAfterItsAnswerAndFetchesTheCertificateOnce) {
  SesChannel ses;
  const Json message = signed_by(amazon(), notification_of(bounce_report()));
  const Outcome outcome = ses.send(message);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT) << outcome.reason;
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_TRUE(outcome.events.empty()) << "nothing is proven yet";
  EXPECT_EQ(ses.sent(), 0U) << "an answer waits for nobody";
  const auto events = ses.follow_up(message);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["person"]["email"], "jane@example.com");
  EXPECT_EQ(events[1]["person"]["email"], "mary@example.com");
  EXPECT_NE(events[0]["key"], events[1]["key"]);
  ASSERT_EQ(ses.sent(), 1U);
  EXPECT_EQ(ses.host().sent_requests().front().method, "GET");
  EXPECT_EQ(ses.host().sent_requests().front().url, certificate_url);
  EXPECT_EQ(ses.follow_up(message), events) << "the same at each repetition";
  EXPECT_TRUE(ses.send(message).events.empty()) << "with the certificate known, too";
  EXPECT_EQ(ses.sent(), 1U);
}

TEST(Ses, GivesTheSameEventsDaysLaterAfterARestart) {
  const Request request = sns_request(signed_by(amazon(), notification_of(bounce_report())));
  sdk::testing::FakeHost host;
  const auto followed_up = [&] {
    sdk::testing::ChannelDriver channel(leadhub_plugin, host, "esp");
    channel.activate(ses_config().dump());
    return channel.follow_up(request, "log-1", host.now_ms() + minute_ms);
  };
  host.set_service([](const SentRequest&) { return ServiceAnswer{200, {}, amazon().certificate(), 0}; });
  const auto events = followed_up();
  EXPECT_EQ(events.size(), 2U);
  host.advance_ms(90LL * 24 * 60 * minute_ms);
  host.set_service([](const SentRequest&) { return ServiceAnswer{404, {}, {}, 0}; });
  EXPECT_EQ(followed_up(), events) << "the certificate is remembered; it was good then, and is not now";
  EXPECT_EQ(host.sent_requests().size(), 1U);
}

TEST(Ses, RefusesAtOnceWhatIsForgedOnceTheCertificateIsKnown) {
  SesChannel ses;
  ses.learn();
  Json forged = signed_by(amazon(), notification_of(bounce_report()));
  forged["Message"] = R"({"eventType":"Complaint"})";
  EXPECT_EQ(ses.send(forged).response.status, 403);
  EXPECT_THAT(ses.send(forged).reason, HasSubstr("signature"));
  EXPECT_EQ(ses.send(signed_by(SnsSigner(noon_ms), notification_of(bounce_report()))).response.status, 403);
  EXPECT_EQ(ses.send(signed_by(amazon(), notification_of(bounce_report()))).verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(ses.sent(), 1U);
}

TEST(Ses, GivesNoEventOfWhatTurnsOutToBeForged) {
  SesChannel ses;
  Json forged = signed_by(amazon(), notification_of(bounce_report()));
  forged["Message"] = R"({"eventType":"Open","mail":{"destination":["jane@example.com"]}})";
  EXPECT_EQ(ses.send(forged).verdict, LEADHUB_VERDICT_ACCEPT) << "nobody can know yet";
  EXPECT_EQ(ses.failure(forged), LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(ses.message, HasSubstr("signature"));
  EXPECT_EQ(ses.failure(
                signed_by(SnsSigner(noon_ms), confirmation("https://sns.eu-west-1.amazonaws.com/?Action=x"))),
            LEADHUB_RETRY_PERMANENT);
  for (const SentRequest& sent : ses.host().sent_requests())
    EXPECT_EQ(sent.url, certificate_url) << "nothing is confirmed for a forger";
}

TEST(Ses, NeedsACertificateThatWasValidWhenTheMessageWasSigned) {
  const SnsSigner of_last_week(noon_ms - 7LL * 24 * 60 * minute_ms);
  SesChannel ses;
  ses.serve(200, of_last_week.certificate());
  EXPECT_EQ(ses.failure(signed_by(of_last_week, notification_of(bounce_report()))), LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(ses.message, HasSubstr("not valid when"));
  ses.serve(200, "<html>");
  EXPECT_EQ(ses.failure(signed_by(amazon(), notification_of(bounce_report()))), LEADHUB_RETRY_PERMANENT);
  ses.serve(200, std::string(std::size_t{17} * 1024, 'x'));
  EXPECT_EQ(ses.failure(signed_by(amazon(), notification_of(bounce_report()))), LEADHUB_RETRY_PERMANENT);
  ses.serve(200, amazon().certificate());
  ses.learn();
  EXPECT_EQ(ses.sent(), 4U) << "what proved nothing is not kept";
}

TEST(Ses, TriesAgainWhereTheCertificateCannotBeFetchedNow) {
  SesChannel ses;
  const Json message = signed_by(amazon(), notification_of(bounce_report()));
  const std::vector<std::tuple<int, leadhub_error_code, leadhub_retry_class>> answers{
      {500, 0, LEADHUB_RETRY_TRANSIENT},
      {503, 0, LEADHUB_RETRY_RATE_LIMITED},
      {404, 0, LEADHUB_RETRY_PERMANENT},
      {403, 0, LEADHUB_RETRY_PERMANENT},
      {302, 0, LEADHUB_RETRY_PERMANENT},
      {0, LEADHUB_ERROR_UNAVAILABLE, LEADHUB_RETRY_TRANSIENT},
      {0, LEADHUB_ERROR_TIMEOUT, LEADHUB_RETRY_TRANSIENT}};
  for (const auto& [status, error, expected] : answers) {
    ses.serve(status, "", error);
    EXPECT_EQ(ses.failure(message), expected) << status << " " << error;
  }
  ses.serve(200, amazon().certificate());
  EXPECT_EQ(ses.follow_up(message).size(), 2U);
}

TEST(Ses, IsOfTheTopicsThatAreNamedAlone) {
  SesChannel ses;
  Json message = notification_of(bounce_report());
  message["TopicArn"] = std::string(ses_topic) + "-of-somebody";
  const Outcome outcome = ses.send(signed_by(amazon(), message));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, 403);
  EXPECT_THAT(outcome.reason, HasSubstr("\"topics\" in hub.yaml"));
  EXPECT_EQ(ses.failure(signed_by(amazon(), message)), LEADHUB_RETRY_PERMANENT);
  const Outcome raw = ses.send(bounce_report());
  EXPECT_EQ(raw.response.status, 403);
  EXPECT_THAT(raw.reason, HasSubstr("raw message delivery"));
  EXPECT_EQ(ses.sent(), 0U) << "nothing is fetched for strangers";
}

TEST(Ses, AsksNobodyButSns) {
  SesChannel ses;
  for (const char* foreign :
       {"", "http://sns.eu-west-1.amazonaws.com/a.pem", "https://example.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.example.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@example.com/a.pem",
        "https://me@sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.s3-us-west-2.amazonaws.com/a.pem", "https://bucket.s3.amazonaws.com/a.pem",
        "https://s3.amazonaws.com/sns.eu-west-1.amazonaws.com/a.pem", "https://169.254.169.254/latest/a.pem",
        "https://localhost/a.pem", "https://sns.eu-west-1.amazonaws.com/a", "file:///etc/passwd.pem",
        "https://sns.eu-west-1.amazonaws.com\\@example.com/a.pem"}) {
    Json message = notification_of(bounce_report());
    message["SigningCertURL"] = foreign;
    EXPECT_EQ(ses.send(signed_by(amazon(), message)).response.status, 403) << foreign;
    EXPECT_EQ(ses.failure(signed_by(amazon(), message)), LEADHUB_RETRY_PERMANENT) << foreign;
  }
  EXPECT_EQ(ses.sent(), 0U);
  ses.learn();
  for (const char* foreign : {"", "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
                              "https://169.254.169.254/", "https://sns.eu-west-1.amazonaws.com@example.com/",
                              "https://example.com/sns.eu-west-1.amazonaws.com/"}) {
    EXPECT_EQ(ses.send(signed_by(amazon(), confirmation(foreign))).response.status, 403) << foreign;
    EXPECT_EQ(ses.failure(signed_by(amazon(), confirmation(foreign))), LEADHUB_RETRY_PERMANENT) << foreign;
  }
  EXPECT_EQ(ses.sent(), 1U) << "not even where Amazon signed it";
}

TEST(Ses, BoundsWhatItStoresForTheUnproven) {
  SesChannel ses;
  const Json message = signed_by(amazon(), notification_of(bounce_report()));
  for (int i = 0; i < 300; ++i) ASSERT_EQ(ses.send(message).verdict, LEADHUB_VERDICT_ACCEPT) << i;
  EXPECT_EQ(ses.send(message).response.status, 503);
  EXPECT_EQ(ses.send(message, noon_ms + minute_ms).verdict, LEADHUB_VERDICT_ACCEPT);
  ses.learn();
  for (int i = 0; i < 301; ++i) ASSERT_EQ(ses.send(message).verdict, LEADHUB_VERDICT_ACCEPT) << i;
}

TEST(Ses, TakesMessagesAsOldAsSnsRepeatsThem) {
  SesChannel ses;
  const Json message = signed_by(amazon(), notification_of(bounce_report()));
  EXPECT_EQ(ses.send(message, noon_ms + 65 * minute_ms).verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(ses.send(message, noon_ms + 65 * minute_ms + 1).response.status, 403);
  EXPECT_EQ(ses.send(message, noon_ms - 5 * minute_ms).verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(ses.send(message, noon_ms - 5 * minute_ms - 1).response.status, 403);
  Json timeless = notification_of(bounce_report());
  timeless["Timestamp"] = "yesterday";
  EXPECT_EQ(ses.send(signed_by(amazon(), timeless)).response.status, 403);
  EXPECT_EQ(ses.failure(signed_by(amazon(), timeless)), LEADHUB_RETRY_PERMANENT);
}

TEST(Ses, ConfirmsASubscriptionToATopicOfOurs) {
  const std::string url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=a-token";
  SesChannel ses;
  const Json message = signed_by(amazon(), confirmation(url));
  EXPECT_EQ(ses.send(message).verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_TRUE(ses.follow_up(message).empty());
  ASSERT_EQ(ses.sent(), 2U);
  EXPECT_EQ(ses.host().sent_requests()[1].url, url);
  EXPECT_EQ(ses.host().counted("subscriptions_confirmed"), 1U);
  ses.serve(500, "");
  EXPECT_EQ(ses.failure(message), LEADHUB_RETRY_TRANSIENT);
  Json ended = confirmation(url);
  ended["Type"] = "UnsubscribeConfirmation";
  const auto before = ses.sent();
  EXPECT_TRUE(ses.follow_up(signed_by(amazon(), ended)).empty());
  EXPECT_EQ(ses.sent(), before) << "nobody subscribes again unasked";
  EXPECT_EQ(ses.host().counted("subscriptions_ended"), 1U);
}

TEST(Ses, SetsAsideWhatItCannotRead) {
  SesChannel ses;
  for (const char* text : {"", "hello", "[]", "{}", R"({"eventType":)"})
    EXPECT_THROW(ses.send(signed_by(amazon(), notification_of(text))), sdk::testing::PluginError) << text;
  for (const char* text : {"Successfully validated SNS topic for Amazon SES event publishing.",
                           R"({"notificationType":"AmazonSnsSubscriptionSucceeded"})"})
    EXPECT_TRUE(ses.follow_up(signed_by(amazon(), notification_of(text))).empty()) << text;
  Request request = sns_request(Json::object());
  for (const char* body : {"", "{", "[]", "null"}) {
    CapturingChannel channel(ses_config(), "esp");
    request.body = body;
    EXPECT_EQ(channel.send(request).response.status, 403) << body;
  }
}

TEST(Ses, NamesWhatIsNoTopic) {
  for (const Json& topics : {Json::array({"mail-events"}), Json::array({"arn:aws:sqs:eu-west-1:1:queue"})}) {
    CapturingChannel channel(Json{{"provider", "ses"}, {"topics", topics}}, "esp");
    ASSERT_EQ(channel.problems().size(), 1U);
    EXPECT_EQ(channel.problems()[0].pointer, "/topics/0");
  }
  EXPECT_THROW(CapturingChannel(Json{{"provider", "ses"}}, "esp"), sdk::testing::PluginError);
}

// ------------------------------------------------------------------------------------------ What it says

Json only_event(const Json& report) {
  SesChannel ses;
  const auto events = ses.follow_up(signed_by(amazon(), notification_of(report)));
  EXPECT_EQ(events.size(), 1U) << report;
  return events.empty() ? Json{} : events.front();
}

Json report_of(const std::string& type, const std::string& member, Json details) {
  details["timestamp"] = "2026-01-05T11:59:50.000Z";
  return Json{{"eventType", type},
              {"mail", {{"messageId", "0000-1"}, {"destination", Json::array({"ada@example.com"})}}},
              {member, details}};
}

Json bounce(const std::string& type, const std::string& subtype) {
  return only_event(report_of("Bounce", "bounce",
                              {{"bounceType", type},
                               {"bounceSubType", subtype},
                               {"bouncedRecipients", Json::array({{{"emailAddress", "ada@example.com"}}})}}));
}

TEST(SesReport, TellsBouncesApart) {
  const std::vector<std::tuple<const char*, const char*, const char*>> kinds{
      {"Permanent", "General", "hard"},
      {"Permanent", "NoEmail", "hard"},
      {"Permanent", "Suppressed", "hard"},
      {"Permanent", "OnAccountSuppressionList", "hard"},
      {"Transient", "General", "soft"},
      {"Transient", "MailboxFull", "soft"},
      {"Transient", "MessageTooLarge", "soft"},
      {"Transient", "ContentRejected", "block"},
      {"Transient", "AttachmentRejected", "block"},
      {"Undetermined", "Undetermined", "soft"}};
  for (const auto& [type, subtype, expected] : kinds) {
    const Json event = bounce(type, subtype);
    EXPECT_EQ(event["type"], "email.bounced");
    EXPECT_EQ(event["signal"]["bounce"], expected) << type << " " << subtype;
    EXPECT_EQ(event["signal"]["reason"], std::string(type) + ": " + subtype);
  }
}

TEST(SesReport, TellsComplaintsFromOtherReportsOfFeedbackLoops) {
  const auto complaint = [](const char* type, const char* subtype) {
    return only_event(
        report_of("Complaint", "complaint",
                  {{"complaintFeedbackType", type},
                   {"complaintSubType", subtype},
                   {"complainedRecipients", Json::array({{{"emailAddress", "ada@example.com"}}})}}))["type"];
  };
  for (const char* type : {"abuse", "fraud", "virus", "other", ""})
    EXPECT_EQ(complaint(type, ""), "email.complained") << type;
  for (const char* type : {"not-spam", "auth-failure"})
    EXPECT_EQ(complaint(type, ""), "x.ses.complaint") << type;
  EXPECT_EQ(complaint("abuse", "OnAccountSuppressionList"), "x.ses.complaint") << "says nothing new";
}

TEST(SesReport, TakesLeavingAllForLeaving) {
  const auto subscription = [](const Json& preferences) {
    return only_event(
        report_of("Subscription", "subscription", {{"newTopicPreferences", preferences}}))["type"];
  };
  const auto topics = [](const std::vector<std::string>& states) {
    Json list = Json::array();
    for (const auto& state : states) list.push_back({{"topicName", "t"}, {"subscriptionStatus", state}});
    return Json{{"unsubscribeAll", false}, {"topicSubscriptionStatus", list}};
  };
  EXPECT_EQ(subscription({{"unsubscribeAll", true}}), "email.unsubscribed");
  EXPECT_EQ(subscription(topics({"OptOut", "OptOut"})), "email.unsubscribed");
  EXPECT_EQ(subscription(topics({"OptOut", "OptIn"})), "x.ses.subscription");
  EXPECT_EQ(subscription(topics({})), "x.ses.subscription");
}

TEST(SesReport, KeepsTheOthersUnderTheirNames) {
  EXPECT_EQ(only_event(report_of("Send", "send", Json::object()))["type"], "x.ses.send");
  const Json reject = only_event(report_of("Reject", "reject", {{"reason", "Bad content"}}));
  EXPECT_EQ(reject["type"], "x.ses.reject");
  EXPECT_EQ(reject["attributes"]["ses_reason"], "Bad content");
  EXPECT_EQ(only_event(report_of("Rendering Failure", "failure", {{"templateName", "t"}}))["type"],
            "x.ses.rendering_failure");
  EXPECT_EQ(only_event(report_of(
                "DeliveryDelay", "deliveryDelay",
                {{"delayType", "MailboxFull"},
                 {"delayedRecipients", Json::array({{{"emailAddress", "ada@example.com"}}})}}))["type"],
            "x.ses.delivery_delay");
  const Json novelty = only_event(report_of("Enlightened!", "light", Json::object()));
  EXPECT_EQ(novelty["type"], "x.ses.enlightened");
  EXPECT_EQ(novelty["person"]["email"], "ada@example.com");
  const Json received = only_event(
      Json{{"notificationType", "Received"}, {"mail", {{"destination", Json::array({"us@example.com"})}}}});
  EXPECT_EQ(received["type"], "x.ses.received");
  EXPECT_FALSE(received.contains("person")) << "that went to ourselves";
}

TEST(SesReport, NamesWhoOpenedWhereTheMailWentToOne) {
  Json report = report_of("Click", "click", {{"link", "https://example.com/"}, {"userAgent", "Browser"}});
  const Json event = only_event(report);
  EXPECT_EQ(event["type"], "email.clicked");
  EXPECT_EQ(event["occurred_at"], "2026-01-05T11:59:50Z");
  EXPECT_EQ(event["person"]["email"], "ada@example.com");
  EXPECT_EQ(event["signal"]["url"], "https://example.com/");
  EXPECT_EQ(event["signal"]["message_id"], "0000-1");
  report["mail"]["destination"].push_back("bob@example.com");
  EXPECT_FALSE(only_event(report).contains("person"));
}

TEST(SesReport, HasTheSameKeyInBothShapes) {
  Json report = report_of("Delivery", "delivery", {{"recipients", Json::array({"ada@example.com"})}});
  const Json event = only_event(report);
  EXPECT_EQ(event["type"], "email.delivered");
  EXPECT_THAT(event["key"].get<std::string>(), ::testing::Not(HasSubstr("ada@example.com")));
  report.erase("eventType");
  report["notificationType"] = "Delivery";
  EXPECT_EQ(only_event(report), event);
}

}  // namespace
}  // namespace leadhub::newsletter
