#include <gmock/gmock.h>

#include "senders.hpp"

/// What each service's requests are refused for.
namespace leadhub::newsletter {
namespace {

using namespace newsletter::testing;  // everything here is about senders
using ::testing::HasSubstr;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;

Json another_secret(const std::string& provider) {
  Json config = config_of(provider);
  if (provider == "sendgrid")
    config["public_key"] = another_key().public_key();
  else
    config["secret"] = provider == "resend" ? "whsec_YW5vdGhlcg==" : "another";
  return config;
}

class Refusals : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string& provider() const { return GetParam(); }
  Outcome send(const Request& request, std::int64_t now_ms = noon_ms) {
    return channel_.send(request, now_ms);
  }
  Request click() const { return sent_by(provider(), click_of(provider())); }

  CapturingChannel channel_{config_of(GetParam()), "esp"};
};
INSTANTIATE_TEST_SUITE_P(Each, Refusals, ::testing::ValuesIn(services()),
                         [](const auto& test) { return test.param; });

TEST_P(Refusals, AreNotOfWhatIsGenuine) {
  ASSERT_TRUE(channel_.problems().empty()) << channel_.problems().front().message;
  const Outcome outcome = send(click());
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT) << outcome.reason;
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.events.size(), 1U);
}

TEST_P(Refusals, AreOfWhatIsNotSigned) {
  Request request = click();
  request.headers.resize(1);
  request.query.clear();
  if (provider() == "mailgun") request.body = R"({"event-data":{"event":"clicked"}})";
  const Outcome outcome = send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, provider() == "mailgun" ? 406 : 401);
  EXPECT_THAT(outcome.response.body, HasSubstr(R"({"errors":[{"field":"","message":")"));
}

TEST_P(Refusals, AreOfAnotherSecretAndSayNothingOfEither) {
  CapturingChannel other(another_secret(provider()), "esp");
  const Outcome outcome = other.send(click());
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, 401);
  EXPECT_THAT(outcome.reason + outcome.response.body, ::testing::Not(HasSubstr("another\"")));
  EXPECT_THAT(outcome.reason + outcome.response.body, ::testing::Not(HasSubstr(secret_of(provider()))));
}

TEST_P(Refusals, AreOfASignatureThatIsNone) {
  for (const std::string wrong : {"", "x", "v1,", "sha256=", "%00"}) {
    Request request = click();
    if (provider() == "mailchimp") {
      request.query = "secret=" + wrong;
    } else if (provider() == "mailgun") {
      Json body = Json::parse(request.body);
      body["signature"]["signature"] = wrong;
      request.body = body.dump();
    } else {
      request.headers.back().second = wrong;
    }
    EXPECT_EQ(send(request).verdict, LEADHUB_VERDICT_REFUSE) << wrong;
  }
}

TEST_P(Refusals, AreNotOfEitherOfTwoSecretsWhileOneIsChanged) {
  Json config = config_of(provider());
  const char* const key = provider() == "sendgrid" ? "public_key" : "secret";
  config[key] = Json::array({another_secret(provider())[key], config[key]});
  CapturingChannel both(config, "esp");
  ASSERT_TRUE(both.problems().empty()) << both.problems().front().message;
  EXPECT_EQ(both.send(click()).verdict, LEADHUB_VERDICT_ACCEPT);
}

TEST_P(Refusals, AreOfOtherMethodsTypesAndPlaces) {
  Request request = click();
  request.method = "PUT";
  EXPECT_EQ(send(request).response.status, 405);
  EXPECT_EQ(send(request).response.header("allow"), "POST");
  request = click();
  request.headers.front().second = "text/html";
  EXPECT_EQ(send(request).response.status, provider() == "mailgun" ? 406 : 415);
  request = click();
  request.path = "/f/esp";
  EXPECT_EQ(send(request).response.status, 404);
}

TEST_P(Refusals, AreOfAProbeUnlessTheServiceSendsOne) {
  Request request;
  request.method = "GET";
  request.path = "/in/esp";
  const Outcome outcome = send(request);
  const bool probes = provider() == "mailchimp";
  EXPECT_EQ(outcome.verdict, probes ? LEADHUB_VERDICT_ANSWER : LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, probes ? 200 : 405);
}

TEST(SignedBody, MayNotBeAnother) {
  for (const std::string provider : {"mailerlite", "sendgrid", "resend", "mailersend"}) {
    CapturingChannel channel(config_of(provider), "esp");
    Request request = sent_by(provider, click_of(provider));
    request.body += " ";
    EXPECT_EQ(channel.send(request).response.status, 401) << provider;
  }
}

/// Where the time is signed: how old a request may be, how far ahead, and what it is answered with.
struct Window {
  const char* provider;
  std::int64_t past_ms;
  std::int64_t future_ms;
  int status;
};
constexpr Window windows[] = {{"sendgrid", 25 * hour_ms, 5 * minute_ms, 401},
                              {"mailgun", 9 * hour_ms, 9 * hour_ms, 406},
                              {"resend", 5 * minute_ms, 5 * minute_ms, 401}};

TEST(SignedTime, MayBeAsOldAsTheServiceRepeatsItAndHardlyAhead) {
  for (const Window& window : windows) {
    SCOPED_TRACE(window.provider);
    CapturingChannel channel(config_of(window.provider), "esp");
    const Request request = sent_by(window.provider, click_of(window.provider));
    EXPECT_EQ(channel.send(request, noon_ms + window.past_ms).verdict, LEADHUB_VERDICT_ACCEPT);
    const Outcome stale = channel.send(request, noon_ms + window.past_ms + 1);
    EXPECT_EQ(stale.response.status, window.status);
    EXPECT_THAT(stale.reason, ::testing::AnyOf(HasSubstr("older than"), HasSubstr("too old")))
        << stale.reason;
    EXPECT_EQ(channel.send(request, noon_ms - window.future_ms).verdict, LEADHUB_VERDICT_ACCEPT);
    const Outcome premature = channel.send(request, noon_ms - window.future_ms - 1);
    EXPECT_EQ(premature.response.status, window.status);
    EXPECT_THAT(premature.reason, HasSubstr("from the future"));
  }
}

TEST(SignedTime, IsNoFreeFieldOfTheRequest) {
  CapturingChannel sendgrid(config_of("sendgrid"), "esp");
  Request request = sent_by("sendgrid", click_of("sendgrid"));
  request.headers[1].second = std::to_string(noon_ms / 1000 + 1);
  EXPECT_EQ(sendgrid.send(request).response.status, 401);
  CapturingChannel mailgun(config_of("mailgun"), "esp");
  Json body = Json::parse(click_of("mailgun"));
  body["signature"]["timestamp"] = std::to_string(noon_ms / 1000 + 1);
  EXPECT_EQ(mailgun.send(sent_by("mailgun", body.dump())).response.status, 401);
}

TEST(Mailgun, IsToldNeverToSendAgainWhatCannotBeMended) {
  CapturingChannel channel(config_of("mailgun"), "esp");
  for (const std::string body :
       {"", "{", "[]", "{}", R"({"signature":{"timestamp":"x","token":"t","signature":"s"}})",
        R"({"signature":"x"})"})
    EXPECT_EQ(channel.send(sent_by("mailgun", body)).response.status, 406) << body;
}

TEST(SharedSecrets, AreNeededBeforeAChannelCanBeActive) {
  for (const std::string& provider : services()) {
    Json config = config_of(provider);
    config.erase("secret");
    config.erase("public_key");
    EXPECT_THROW(CapturingChannel(config, "esp"), sdk::testing::PluginError) << provider;
  }
}

TEST(SharedSecrets, AreTakenInEachPlaceThatServicesLetOneWrite) {
  CapturingChannel channel(config_of("postmark"), "esp");
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"authorization", "Basic " + sdk::base64_encode(":a secret")},
           {"authorization", "bearer a secret"}}) {
    Request request = sent_by("postmark", click_of("postmark"));
    request.headers[1] = {name, value};
    EXPECT_EQ(channel.send(request).verdict, LEADHUB_VERDICT_ACCEPT) << name;
    request.headers[1].second += "x";
    EXPECT_EQ(channel.send(request).verdict, LEADHUB_VERDICT_REFUSE) << name;
  }
}

}  // namespace
}  // namespace leadhub::newsletter
