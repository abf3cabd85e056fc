#include <gmock/gmock.h>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include <algorithm>

#include "aws_signature.hpp"
#include "support.hpp"

// The APIs as their documentation has them, behind the fake host's HTTP client.
namespace leadhub::email {
namespace {

using sdk::testing::ChannelDriver;
using sdk::testing::DeliveryOutcome;
using sdk::testing::FakeHost;
using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;
using testing::a_mail;
using ::testing::AllOf;
using testing::document_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using ::testing::Not;
using ::testing::SizeIs;

/// A provider with the answer that it gives to a mail that it takes.
struct Provider {
  std::string name;
  Json config;
  ServiceAnswer yes;
  std::string id;  ///< what the answer calls the mail
};

std::vector<Provider> providers() {
  return {
      {"sendgrid", Json::object(), {202, {{"x-message-id", "sg-1"}}, "", 0}, "sg-1"},
      {"mailgun",
       {{"domain", "mg.engines.example"}, {"region", "eu"}},
       {200, {}, R"({"id": "<mg-1@engines.example>", "message": "Queued. Thank you."})", 0},
       "<mg-1@engines.example>"},
      {"postmark",
       {{"stream", "broadcast"}},
       {200, {}, R"([{"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "ada@example.com"}])", 0},
       "pm-1"},
      {"ses",
       {{"key_id", "AKIDEXAMPLE"}, {"region", "eu-central-1"}},
       {200, {}, R"({"MessageId": "ses-1"})", 0},
       "ses-1"},
      {"brevo",
       Json::object(),
       {201, {}, R"({"messageId": "<br-1@engines.example>"})", 0},
       "<br-1@engines.example>"}};
}

/// A channel by that provider, on a host of its own.
class Account {
 public:
  explicit Account(const Provider& provider, const Json& more = Json::object()) {
    host_.set_now_ms(1'767'614'400'000);
    host_.set_secret("/key", "open-sesame");
    Json config{{"transport", provider.name},
                {"key", {{"$secret", "/key"}}},
                {"from", "Ada Lovelace <ada@engines.example>"},
                {"reply_to", "hello@engines.example"}};
    config.update(provider.config);
    config.update(more);
    for (const auto& problem : channel_.check(config.dump())) ADD_FAILURE() << problem.message;
    channel_.activate(config.dump());
  }
  std::vector<DeliveryOutcome> deliver(const std::vector<Mail>& mails,
                                       const std::function<bool(std::size_t)>& may_leave = {}) {
    std::vector<sdk::testing::DeliveryRequest> requests;
    requests.reserve(mails.size());
    for (const auto& mail : mails) requests.push_back({document_of(mail), mail.message_id, {}});
    return channel_.deliver(requests, host_.now_ms() + 8'000, may_leave);
  }
  DeliveryOutcome deliver() { return deliver({a_mail()}).front(); }
  DeliveryOutcome answered(const ServiceAnswer& answer) {
    host_.set_service([answer](const SentRequest&) { return answer; });
    return deliver();
  }
  SentRequest last_request() { return host_.sent_requests().back(); }
  FakeHost& host() { return host_; }

 private:
  FakeHost host_;
  ChannelDriver channel_{leadhub_plugin, host_, "mail"};
};

const Provider& provider(const std::string& name) {
  static const auto all = providers();
  return *std::ranges::find(all, name, &Provider::name);
}

class Api : public ::testing::TestWithParam<std::string> {
 protected:
  const Provider& provider_ = provider(GetParam());
  Account account_{provider_};
};

TEST_P(Api, TakesAMailAndNamesIt) {
  const auto outcome = account_.answered(provider_.yes);
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_EQ(outcome.provider_id, provider_.id);
  EXPECT_EQ(account_.host().counted("mails"), 1);
  EXPECT_THAT(account_.host().sent_requests(), SizeIs(1));
}

TEST_P(Api, MakesAccountsWaitThatSomebodyMustMend) {
  for (const int status : {401, 402, 403, 404}) {
    const auto outcome = account_.answered({status, {}, R"({"message": "open-sesame is wrong"})", 0});
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << status;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_AUTH) << status;
    EXPECT_THAT(outcome.message, AllOf(HasSubstr(std::to_string(status)), Not(HasSubstr("sesame"))));
  }
}

TEST_P(Api, WaitsAsLongAsItIsTold) {
  const auto outcome = account_.answered({429, {{"retry-after", "7"}}, "", 0});
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_RATE_LIMITED);
  EXPECT_EQ(outcome.retry_after_ms, 7'000);
  EXPECT_EQ(account_.answered({503, {}, "", 0}).retry_class, LEADHUB_RETRY_RATE_LIMITED);
}

TEST_P(Api, AMailThatIsRefusedIsNotTriedAgain) {
  for (const int status : {400, 413, 422}) {
    const auto outcome = account_.answered({status, {}, "{}", 0});
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << status;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << status;
    EXPECT_NE(outcome.code, LEADHUB_ERROR_NOT_FOUND) << "no word about the recipient";
  }
}

TEST_P(Api, WhatNobodyCanKnowIsUnknown) {
  for (const ServiceAnswer& answer :
       {ServiceAnswer{500, {}, "oops", 0}, ServiceAnswer{502, {}, "", 0},
        ServiceAnswer{200, {}, "<!DOCTYPE html><html></html>", 0}, ServiceAnswer{200, {}, "[]", 0},
        ServiceAnswer{200, {}, R"({"id": 7, "MessageId": [], "messageId": null})", 0},
        ServiceAnswer{0, {}, "", LEADHUB_ERROR_TIMEOUT}})
    EXPECT_EQ(account_.answered(answer).state, LEADHUB_DELIVERY_UNKNOWN) << answer.status << answer.body;
}

TEST_P(Api, WhatTheProviderHasNotSeenIsForLater) {
  const auto outcome = account_.answered({0, {}, "", LEADHUB_ERROR_UNAVAILABLE});
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST_P(Api, NothingIsAskedForAMailThatMayNotLeaveOrIsNone) {
  EXPECT_EQ(account_.deliver({a_mail()}, [](std::size_t) { return false; }).front().state,
            LEADHUB_DELIVERY_UNTRIED);
  auto mail = a_mail();
  mail.subject += "\r\nBcc: eve@example.com";
  EXPECT_EQ(account_.deliver({mail}).front().retry_class, LEADHUB_RETRY_PERMANENT);
  mail = a_mail();
  mail.to = "ada@example.com, eve@example.com";
  EXPECT_EQ(account_.deliver({mail}).front().retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(account_.host().sent_requests(), IsEmpty());
}

TEST_P(Api, NoWordsOfAMailAreDecodedByWhoeverReadsThem) {
  auto mail = a_mail();
  mail.to_name = mail.subject = "=?utf-8?q?Eve=0D=0A?=";
  account_.host().set_service([this](const SentRequest&) { return provider_.yes; });
  EXPECT_EQ(account_.deliver({mail}).front().state, LEADHUB_DELIVERY_DONE);
  EXPECT_THAT(account_.last_request().body, Not(HasSubstr("=?utf-8?q?Eve")));
}

INSTANTIATE_TEST_SUITE_P(Providers, Api, ::testing::Values("sendgrid", "mailgun", "postmark", "ses", "brevo"),
                         [](const auto& name) { return name.param; });

// --- What each is sent

TEST(SendGridApi, IsSentWhatItsDocumentationAsksFor) {
  Account account{provider("sendgrid"), {{"region", "eu"}}};
  account.answered(provider("sendgrid").yes);
  const auto sent = account.last_request();
  EXPECT_EQ(sent.url, "https://api.eu.sendgrid.com/v3/mail/send");
  EXPECT_EQ(sent.header("authorization"), "Bearer open-sesame");
  const auto body = Json::parse(sent.body);
  EXPECT_EQ(body["personalizations"],
            Json::parse(R"([{"to": [{"email": "ada@example.com", "name": "Ada Lovelace"}]}])"));
  EXPECT_EQ(body["from"], Json::parse(R"({"email": "ada@engines.example", "name": "Ada Lovelace"})"));
  EXPECT_EQ(body["reply_to"], Json::parse(R"({"email": "hello@engines.example"})"));
  EXPECT_EQ(body["content"][0],
            Json::parse(R"({"type": "text/plain", "value": "Dear Ada,\nplease confirm.\n"})"));
  EXPECT_EQ(body["content"][1]["type"], "text/html");
  EXPECT_EQ(body["headers"]["List-Unsubscribe"], "<https://engines.example/u/1>");
  EXPECT_EQ(body["headers"]["Message-ID"], "<0198-confirm@engines.example>");
  EXPECT_EQ(body["tracking_settings"]["click_tracking"]["enable"], false);
}

TEST(MailgunApi, IsSentTheMailAsItIs) {
  Account account{provider("mailgun")};
  account.answered(provider("mailgun").yes);
  const auto sent = account.last_request();
  EXPECT_EQ(sent.url, "https://api.eu.mailgun.net/v3/mg.engines.example/messages.mime");
  EXPECT_EQ(sent.header("authorization"), "Basic " + sdk::base64_encode("api:open-sesame"));
  const std::string type = sent.header("content-type");
  const std::string boundary = "--" + type.substr(type.find("boundary=") + 9);
  EXPECT_TRUE(sent.body.starts_with(boundary)) << type;
  EXPECT_TRUE(sent.body.ends_with(boundary + "--\r\n"));
  EXPECT_THAT(sent.body, HasSubstr("name=\"to\"\r\n\r\nada@example.com\r\n"));
  const auto start = sent.body.find("filename=\"mail.eml\"\r\n\r\n") + 23;
  const auto python =
      testing::read_with_python(sent.body.substr(start, sent.body.rfind(boundary) - start - 2));
  EXPECT_EQ(python["subject"], "Please confirm");
}

TEST(MailgunApi, AWrongPathIsNoYes) {
  Account account{provider("mailgun")};
  const auto outcome = account.answered({200, {}, "Mailgun Magnificent API", 0});
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_AUTH);
}

TEST(PostmarkApi, TakesManyMailsInOneRequestAndAnswersForEach) {
  Account account{provider("postmark")};
  std::vector<Mail> mails;
  for (int i = 0; i < 6; ++i) {
    mails.push_back(a_mail());
    mails.back().message_id = std::to_string(i) + "@engines.example";
  }
  account.host().set_service([](const SentRequest&) {
    return ServiceAnswer{200,
                         {},
                         R"([{"ErrorCode": 0, "MessageID": "pm-0"}, {"ErrorCode": 406, "Message": "inactive"},
      {"ErrorCode": 405, "Message": "no credits"}, {"ErrorCode": 100, "Message": "maintenance"},
      {"Message": "Message accepted, but delivery may be delayed.", "MessageID": "pm-4"}, 7])",
                         0};
  });
  const auto outcomes = account.deliver(mails);
  EXPECT_THAT(account.host().sent_requests(), SizeIs(1));
  EXPECT_EQ(outcomes[0].provider_id, "pm-0");
  EXPECT_EQ(outcomes[1].retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_EQ(outcomes[2].retry_class, LEADHUB_RETRY_AUTH);
  EXPECT_EQ(outcomes[3].retry_class, LEADHUB_RETRY_RATE_LIMITED);
  EXPECT_EQ(outcomes[4].state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(outcomes[5].state, LEADHUB_DELIVERY_UNKNOWN);
  const auto sent = account.last_request();
  EXPECT_EQ(sent.url, "https://api.postmarkapp.com/email/batch");
  EXPECT_EQ(sent.header("x-postmark-server-token"), "open-sesame");
  const auto entry = Json::parse(sent.body)[0];
  EXPECT_EQ(entry["From"], "Ada Lovelace <ada@engines.example>");
  EXPECT_EQ(entry["MessageStream"], "broadcast");
  EXPECT_EQ(entry["TextBody"], "Dear Ada,\nplease confirm.\n");
  EXPECT_THAT(entry["Headers"].dump(),
              HasSubstr(R"({"Name":"List-Unsubscribe","Value":"<https://engines.example/u/1>"})"));
}

TEST(PostmarkApi, AnAnswerForOtherMailsThanItWasGivenIsNone) {
  Account account{provider("postmark")};
  account.host().set_service([](const SentRequest&) { return provider("postmark").yes; });
  auto second = a_mail();
  second.message_id = "2@engines.example";
  for (const auto& outcome : account.deliver({a_mail(), second}))
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_UNKNOWN);
  EXPECT_EQ(account.answered({422, {}, R"({"ErrorCode": 10, "Message": "bad token"})", 0}).retry_class,
            LEADHUB_RETRY_AUTH);
}

TEST(PostmarkApi, ErrorsOfTheAccountAreNoErrorsOfTheMail) {
  Account account{provider("postmark")};
  for (const auto* code : {"10", "400", "401", "405", "412", "413", "1235"})
    for (const int status : {200, 422}) {
      const std::string error = std::string{R"({"ErrorCode": )"} + code + "}";
      EXPECT_EQ(account.answered({status, {}, status == 200 ? "[" + error + "]" : error, 0}).retry_class,
                LEADHUB_RETRY_AUTH)
          << status << " " << code;
    }
}

TEST(PostmarkApi, LargeMailsGoInSeveralRequests) {
  Account account{provider("postmark")};
  account.host().set_service([](const SentRequest&) { return provider("postmark").yes; });
  std::vector<Mail> mails(3, a_mail());
  for (auto& mail : mails)
    while (mail.text.size() < 1'100'000) mail.text += std::string(90, 'x') + "\n";
  EXPECT_THAT(account.deliver(mails), SizeIs(3));
  EXPECT_THAT(account.host().sent_requests(), SizeIs(3));
}

TEST(SesApi, IsSentTheRawMailUnderASignature) {
  Account account{provider("ses"), {{"configuration_set", "leads"}}};
  account.answered(provider("ses").yes);
  const auto sent = account.last_request();
  EXPECT_EQ(sent.url, "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails");
  EXPECT_EQ(sent.header("x-amz-date"), "20260105T120000Z");
  EXPECT_THAT(sent.header("authorization"),
              AllOf(HasSubstr("Credential=AKIDEXAMPLE/20260105/eu-central-1/ses/aws4_request"),
                    HasSubstr("SignedHeaders=content-type;host;x-amz-date"), Not(HasSubstr("sesame"))));
  const auto body = Json::parse(sent.body);
  EXPECT_EQ(body["Destination"]["ToAddresses"], Json::parse(R"(["ada@example.com"])"));
  EXPECT_EQ(body["ConfigurationSetName"], "leads");
  const auto raw = sdk::base64_decode(body["Content"]["Raw"]["Data"].get<std::string>());
  EXPECT_EQ(testing::read_with_python(*raw)["subject"], "Please confirm");
}

TEST(SesApi, ErrorsOfTheAccountAreNoErrorsOfTheMail) {
  Account account{provider("ses")};
  const auto refused = [&](const std::string& kind) {
    return account.answered({400, {{"x-amzn-errortype", kind + ":http://internal.amazon.com/"}}, "{}", 0})
        .retry_class;
  };
  EXPECT_EQ(refused("MailFromDomainNotVerifiedException"), LEADHUB_RETRY_AUTH);
  EXPECT_EQ(refused("SendingPausedException"), LEADHUB_RETRY_AUTH);
  EXPECT_EQ(refused("ThrottlingException"), LEADHUB_RETRY_RATE_LIMITED);
  EXPECT_EQ(refused("MessageRejected"), LEADHUB_RETRY_PERMANENT);
  const auto unverified = account.answered(
      {400,
       {{"x-amzn-errortype", "MessageRejected"}},
       R"({"message": "Email address is not verified. The following identities failed the check: a@b.example"})",
       0});
  EXPECT_EQ(unverified.retry_class, LEADHUB_RETRY_AUTH);
  EXPECT_THAT(unverified.message, AllOf(HasSubstr("unverified"), Not(HasSubstr("a@b.example"))));
}

TEST(AwsSignature, IsTheOneOfTheDocumentation) {
  // Its worked example of Signature Version 4, ListUsers of IAM.
  const AwsCredentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1",
                                   "iam"};
  const AwsRequest request{"GET",
                           "iam.amazonaws.com",
                           "/",
                           "Action=ListUsers&Version=2010-05-08",
                           {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                            {"host", "iam.amazonaws.com"},
                            {"x-amz-date", "20150830T123600Z"}},
                           ""};
  EXPECT_EQ(aws_authorization(credentials, request, "20150830T123600Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  EXPECT_EQ(aws_date(1'440'938'160'000), "20150830T123600Z");
}

TEST(BrevoApi, IsSentWhatItsDocumentationAsksFor) {
  Account account{provider("brevo")};
  auto mail = a_mail();
  mail.html.clear();
  mail.text = "1 < 2 & so on\n";
  mail.headers = {{"X-Name", "Zo\u00eb"}};
  account.host().set_service([](const SentRequest&) { return provider("brevo").yes; });
  account.deliver({mail});
  const auto sent = account.last_request();
  EXPECT_EQ(sent.url, "https://api.brevo.com/v3/smtp/email");
  EXPECT_EQ(sent.header("api-key"), "open-sesame");
  const auto body = Json::parse(sent.body);
  EXPECT_THAT(body["htmlContent"].get<std::string>(), HasSubstr("1 &lt; 2 &amp; so on")) << "it wants HTML";
  EXPECT_THAT(body["headers"]["X-Name"].get<std::string>(), HasSubstr("=?")) << "in ASCII";
  EXPECT_THAT(body["headers"]["idempotencyKey"].get<std::string>(),
              ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(BrevoApi, RepeatsAtOnceUnderItsKeyWhatIsUnknown) {
  Account account{provider("brevo")};
  int requests = 0;
  account.host().set_service([&](const SentRequest&) {
    return ++requests == 1 ? ServiceAnswer{0, {}, "", LEADHUB_ERROR_TIMEOUT} : provider("brevo").yes;
  });
  EXPECT_EQ(account.deliver().state, LEADHUB_DELIVERY_DONE);
  const auto sent = account.host().sent_requests();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].body, sent[1].body);
  requests = 0;
  account.host().set_service([&](const SentRequest&) {
    return ++requests == 1 ? ServiceAnswer{502, {}, "", 0} : ServiceAnswer{400, {}, "{}", 0};
  });
  EXPECT_EQ(account.deliver().state, LEADHUB_DELIVERY_UNKNOWN) << "the no may be about the repetition";
  EXPECT_EQ(requests, 2);
}

TEST(OtherApis, RepeatNothingByThemselves) {
  for (const std::string name : {"sendgrid", "mailgun", "postmark", "ses"}) {
    Account account{provider(name)};
    account.answered({0, {}, "", LEADHUB_ERROR_TIMEOUT});
    EXPECT_THAT(account.host().sent_requests(), SizeIs(1)) << name;
  }
}

TEST(Rates, HoldForApisToo) {
  Account account{provider("postmark"), {{"rate", {{"per_domain", {{"example.com", 1}}}}}}};
  account.host().set_service([](const SentRequest&) { return provider("postmark").yes; });
  auto second = a_mail();
  second.message_id = "2@engines.example";
  const auto outcomes = account.deliver({a_mail(), second});
  EXPECT_EQ(outcomes[0].state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(outcomes[1].state, LEADHUB_DELIVERY_UNTRIED);
  EXPECT_EQ(outcomes[1].retry_after_ms, 1'000);
}

}  // namespace
}  // namespace leadhub::email
