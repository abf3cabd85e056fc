#include "standard_webhooks.hpp"

#include <gtest/gtest.h>
#include <leadhub/sdk/channel.hpp>

#include <fstream>
#include <nlohmann/json.hpp>

namespace leadhub::webform {
namespace {

using Json = nlohmann::json;

SignatureVerdict verify(const WebhookVerifier& verifier,
                        const std::vector<std::pair<std::string, std::string>>& headers,
                        const std::string& body, std::int64_t now_seconds) {
  std::vector<leadhub_http_header> views;
  views.reserve(headers.size());
  for (const auto& [name, value] : headers) views.push_back({sdk::to_abi(name), sdk::to_abi(value)});
  leadhub_http_request request{};
  request.size = sizeof request;
  request.headers = views.data();
  request.header_count = static_cast<std::uint32_t>(views.size());
  request.body = sdk::to_abi(body);
  return verifier.verify(sdk::HttpRequest{&request}, now_seconds * 1000);
}

constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr const char* id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* body = "{\"test\": 2432232314}";
constexpr std::int64_t signed_at = 1614265330;

std::vector<std::pair<std::string, std::string>> headers(const std::string& prefix = "webhook") {
  return {{prefix + "-id", id}, {prefix + "-timestamp", "1614265330"}, {prefix + "-signature", signature}};
}

TEST(StandardWebhooks, AgreesWithThePublishedVectors) {
  std::ifstream file(LEADHUB_SOURCE_DIR "/plugins/webform/tests/data/standard_webhooks_vectors.json");
  const Json vectors = Json::parse(file);
  ASSERT_EQ(vectors.size(), 7u);
  for (const Json& vector : vectors) {
    std::vector<std::pair<std::string, std::string>> given;
    for (const auto& [name, value] : vector["headers"].items())
      given.emplace_back(name, value.get<std::string>());
    const WebhookVerifier verifier({vector["secret"].get<std::string>()});
    const bool accepted = verify(verifier, given, vector["body"].get<std::string>(),
                                 vector["now"].get<std::int64_t>()) == SignatureVerdict::genuine;
    EXPECT_EQ(accepted, vector["expect"] == "accept") << vector["id"];
  }
}

TEST(StandardWebhooks, TakesTheOlderNamesOfTheHeaders) {
  EXPECT_EQ(verify(WebhookVerifier({secret}), headers("svix"), body, signed_at), SignatureVerdict::genuine);
}

TEST(StandardWebhooks, TakesTheSecretHoweverItIsWritten) {
  EXPECT_EQ(verify(WebhookVerifier({"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), headers(), body, signed_at),
            SignatureVerdict::genuine);
  EXPECT_EQ(verify(WebhookVerifier({"whsec_ZGVtbw"}), headers(), body, signed_at), SignatureVerdict::wrong)
      << "without padding it is a secret all the same";
}

TEST(StandardWebhooks, TakesBothSecretsWhileOneIsChanged) {
  const WebhookVerifier verifier({"whsec_bmV3IHNlY3JldA==", secret});
  EXPECT_EQ(verify(verifier, headers(), body, signed_at), SignatureVerdict::genuine);
  EXPECT_EQ(verify(WebhookVerifier({"whsec_bmV3IHNlY3JldA=="}), headers(), body, signed_at),
            SignatureVerdict::wrong);
}

TEST(StandardWebhooks, HasAWindowOfFiveMinutesEitherSide) {
  const WebhookVerifier verifier({secret});
  EXPECT_EQ(verify(verifier, headers(), body, signed_at + 300), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, headers(), body, signed_at + 301), SignatureVerdict::stale);
  EXPECT_EQ(verify(verifier, headers(), body, signed_at - 300), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, headers(), body, signed_at - 301), SignatureVerdict::premature);
}

TEST(StandardWebhooks, SaysStaleOnlyToWhoKnowsTheSecret) {
  auto forged = headers();
  forged[2].second = "v1,AAAA";
  EXPECT_EQ(verify(WebhookVerifier({secret}), forged, body, signed_at + 10'000), SignatureVerdict::wrong);
}

TEST(StandardWebhooks, RefusesWhatIsMissingOrMalformed) {
  const WebhookVerifier verifier({secret});
  EXPECT_EQ(verify(verifier, {}, body, signed_at), SignatureVerdict::missing);
  for (const char* timestamp :
       {"-1", "1e9", "99999999999999999999", "16142653300000", " 1614265330", "0x10"}) {
    auto bad = headers();
    bad[1].second = timestamp;
    EXPECT_EQ(verify(verifier, bad, body, signed_at), SignatureVerdict::malformed) << timestamp;
  }
  auto long_id = headers();
  long_id[0].second = std::string(513, 'x');
  EXPECT_EQ(verify(verifier, long_id, body, signed_at), SignatureVerdict::malformed);
  EXPECT_EQ(verify(verifier, headers(), std::string(body) + " ", signed_at), SignatureVerdict::wrong);
}

TEST(StandardWebhooks, RefusesASecretThatIsNone) {
  EXPECT_THROW(WebhookVerifier({"whsec_"}), sdk::ChannelError);
  EXPECT_THROW(WebhookVerifier({"not base64!"}), sdk::ChannelError);
  try {
    static_cast<void>(WebhookVerifier({secret, "hush hush"}));
    ADD_FAILURE();
  } catch (const sdk::ChannelError& error) {
    EXPECT_EQ(std::string(error.what()).find("hush"), std::string::npos) << "no secret in a message";
    EXPECT_NE(std::string(error.what()).find("number 2"), std::string::npos);
  }
}

TEST(StandardWebhooks, ReadsOneSecretOrAList) {
  EXPECT_EQ(secrets_in("whsec_a").size(), 1u);
  EXPECT_EQ(secrets_in(R"(["whsec_a","whsec_b"])"), (std::vector<std::string>{"whsec_a", "whsec_b"}));
  EXPECT_THROW(secrets_in("[1]"), sdk::ChannelError);
  EXPECT_THROW(secrets_in("["), sdk::ChannelError);
}

}  // namespace
}  // namespace leadhub::webform
