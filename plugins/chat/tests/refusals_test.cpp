#include <gmock/gmock.h>

#include "senders.hpp"

/// What each service's requests are refused for.
namespace leadhub::chat {
namespace {

using namespace chat::testing;  // everything here is about senders
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t window_ms = std::int64_t{5} * 60'000;

class Refusals : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string& provider() const { return GetParam(); }
  Outcome send(const Request& request, std::int64_t now_ms = noon_ms) {
    return channel_.send(request, now_ms);
  }

  CapturingChannel channel_{config_of(GetParam()), "chat"};
};
INSTANTIATE_TEST_SUITE_P(Each, Refusals, ::testing::ValuesIn(services()),
                         [](const auto& test) { return test.param; });

TEST_P(Refusals, AreNotOfWhatIsGenuine) {
  ASSERT_TRUE(channel_.problems().empty()) << channel_.problems().front().message;
  const Outcome outcome = send(message_sent_by(provider()));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT) << outcome.reason;
  EXPECT_EQ(outcome.response.status, 200);
  ASSERT_EQ(outcome.events.size(), 1U);
  EXPECT_EQ(outcome.events[0]["type"], "chat.message");
  EXPECT_EQ(outcome.events[0]["message"], "Hello");
  const std::size_t conversations = provider() == "livechat" ? 1 : 0;  // besides the person's own id
  EXPECT_EQ(outcome.events[0]["person"]["external_ids"].size(), 1U + conversations);
}

TEST_P(Refusals, AreOfWhatIsNotSigned) {
  Request request = message_sent_by(provider());
  request.headers.resize(1);
  if (provider() == "livechat") request.body = R"({"action":"incoming_event","payload":{"chat_id":"C1"}})";
  const Outcome outcome = send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, 401);
  EXPECT_THAT(outcome.response.body, HasSubstr(R"({"errors":[{"field":"","message":")"));
  EXPECT_EQ(outcome.response.header("x-slack-no-retry"), provider() == "slack" ? "1" : "");
}

TEST_P(Refusals, AreOfASignatureThatIsNone) {
  for (const std::string wrong : {"", "x", "v0=", "sha256=", "sha1=", "v0=zz", "sha256=00"}) {
    Request request = message_sent_by(provider());
    if (provider() == "livechat") {
      Json body = message_of(provider());
      body["secret_key"] = wrong;
      request.body = body.dump();
    } else {
      request.headers.back().second = wrong;
    }
    EXPECT_EQ(send(request).response.status, 401) << wrong;
  }
}

TEST_P(Refusals, AreOfAnotherSecretAndSayNothingOfEither) {
  Json config = config_of(provider());
  config["secret"] = "another one";
  CapturingChannel other(config, "chat");
  const Outcome outcome = other.send(message_sent_by(provider()));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, 401);
  EXPECT_THAT(outcome.reason + outcome.response.body, Not(HasSubstr("another one\"")));
  EXPECT_THAT(outcome.reason + outcome.response.body, Not(HasSubstr(secret)));
}

TEST_P(Refusals, AreNotOfEitherOfTwoSecretsWhileOneIsChanged) {
  Json config = config_of(provider());
  config["secret"] = Json::array({"another one", secret});
  CapturingChannel both(config, "chat");
  ASSERT_TRUE(both.problems().empty()) << both.problems().front().message;
  EXPECT_EQ(both.send(message_sent_by(provider())).verdict, LEADHUB_VERDICT_ACCEPT);
}

TEST_P(Refusals, AreOfAnotherBodyWhereTheBodyIsSigned) {
  Request request = message_sent_by(provider());
  request.body += " ";
  EXPECT_EQ(send(request).response.status, signs(provider()) ? 401 : 200);
  request = message_sent_by(provider());
  request.body.pop_back();  // cut off on its way
  if (provider() == "telegram")
    EXPECT_THROW(send(request), sdk::testing::PluginError);
  else
    EXPECT_EQ(send(request).response.status, 401);
}

TEST_P(Refusals, AreOfATimeThatIsTooOldOrFromTheFuture) {
  const Request request = message_sent_by(provider());
  EXPECT_EQ(send(request, noon_ms + window_ms).response.status, 200);
  EXPECT_EQ(send(request, noon_ms - window_ms).response.status, 200);
  const Outcome stale = send(request, noon_ms + window_ms + 1);
  const Outcome premature = send(request, noon_ms - window_ms - 1);
  EXPECT_EQ(stale.response.status, signs_time(provider()) ? 401 : 200);
  EXPECT_EQ(premature.response.status, signs_time(provider()) ? 401 : 200);
  if (!signs_time(provider())) return;
  EXPECT_THAT(stale.reason, HasSubstr("older than"));
  EXPECT_THAT(premature.reason, HasSubstr("from the future"));
  Request changed = request;
  changed.headers[1].second = std::to_string(noon_ms / 1000 + 1);
  EXPECT_EQ(send(changed).response.status, 401);
}

TEST_P(Refusals, AreOfOtherMethodsTypesAndPlaces) {
  Request request = message_sent_by(provider());
  request.method = "PUT";
  EXPECT_EQ(send(request).response.status, 405);
  EXPECT_EQ(send(request).response.header("allow"), "POST");
  request = message_sent_by(provider());
  request.headers.front().second = "text/html";
  EXPECT_EQ(send(request).response.status, 415);
  request = message_sent_by(provider());
  request.path = "/f/chat";
  EXPECT_EQ(send(request).response.status, 404);
  request = channel_.get("/in/chat");
  EXPECT_EQ(send(request).response.status, is_meta(provider()) ? 403 : 405);
}

TEST_P(Refusals, AreOfAnEmptySecretWhenTheHubStarts) {
  Json config = config_of(provider());
  config["secret"] = " ";
  const CapturingChannel channel(config, "chat");
  ASSERT_EQ(channel.problems().size(), 1U);
  EXPECT_EQ(channel.problems()[0].pointer, "/secret");
  EXPECT_THAT(channel.problems()[0].message, HasSubstr("the secret is empty"));
}

/// What is authentic and not understood is an error of reading: the host keeps the request.
TEST_P(Refusals, AreOfWhatCannotBeUnderstoodButOnlyOnceItIsKnownToBeGenuine) {
  const std::string deep = R"({"secret_key":"a secret","update_id":1,"message":)" + std::string(40, '[') +
                           std::string(40, ']') + "}";
  for (const std::string& body : {std::string(), std::string("{"), std::string("[]"), std::string("null"),
                                  deep, std::string(R"({"secret_key":"a secret"})"), std::string("\xFF")}) {
    Request request = sent_by(provider(), body);
    const bool known = provider() != "livechat" || body == R"({"secret_key":"a secret"})";
    if (known)
      EXPECT_THROW(send(request), sdk::testing::PluginError) << body;
    else
      EXPECT_EQ(send(request).response.status, 401) << body;
  }
}

}  // namespace
}  // namespace leadhub::chat
