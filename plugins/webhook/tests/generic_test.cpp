// The preset generic, against a receiver that knows Standard Webhooks from its specification alone.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "leads.hpp"

namespace leadhub::webhook {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::string hook = "https://crm.example.com/hooks/leadhub?team=1";
constexpr std::int64_t now_s = 1'767'614'400;

ServiceAnswer answer(int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, std::move(headers), "whatever", 0};
}

/// base64 of HMAC-SHA-256, by OpenSSL's own functions.
std::string signature_of(const std::string& key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

class Generic : public ::testing::Test {
 protected:
  DeliveryOutcome outcome_of(const ServiceAnswer& given) {
    host_.set_service([given](const SentRequest&) { return given; });
    Channel channel{host_, {{"url", hook}}};
    return channel.deliver();
  }

  FakeHost host_;
};

TEST_F(Generic, SendsTheLeadWithTheReason) {
  host_.set_service([](const SentRequest&) { return answer(204); });
  Channel channel{host_, {{"url", hook}, {"headers", {{"X-Team", "sales"}}}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  ASSERT_EQ(host_.sent_requests().size(), 1U);
  const SentRequest sent = host_.sent_requests().front();
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, hook);
  EXPECT_EQ(sent.header("content-type"), "application/json");
  EXPECT_EQ(sent.header("X-Team"), "sales");
  EXPECT_EQ(sent.header("webhook-id"), message_id);
  EXPECT_EQ(sent.header("webhook-timestamp"), std::to_string(now_s));
  EXPECT_EQ(sent.header("webhook-signature"), "");
  const Json body = Json::parse(sent.body);
  EXPECT_EQ(body.at("type"), "lead.hand_off");
  EXPECT_EQ(body.at("timestamp"), "2026-01-05T11:59:30.000Z");
  EXPECT_EQ(body.at("data").at("reason"), document_of(ada()).at("reason"));
  EXPECT_EQ(body.at("data").at("lead"), ada());
  EXPECT_FALSE(body.at("data").contains("links"));
  EXPECT_EQ(host_.counted("leads_delivered"), 1U);
}

TEST_F(Generic, PassesLinksAlong) {
  host_.set_service([](const SentRequest&) { return answer(200); });
  Channel channel{host_, {{"url", hook}}};
  Json document = document_of(ada());
  document["links"] = {{"acknowledge", "https://hub.example/a/1"}};
  EXPECT_EQ(channel.deliver_document(document.dump()).state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(Json::parse(host_.sent_requests().front().body).at("data").at("links"), document.at("links"));
}

TEST_F(Generic, SignsByEachSecret) {
  host_.set_service([](const SentRequest&) { return answer(200); });
  // "demo-secret-one" and "another-secret" in base64: with prefix and padding, and with neither.
  Channel channel{host_, {{"url", hook}, {"secret", {"whsec_ZGVtby1zZWNyZXQtb25l", "YW5vdGhlci1zZWNyZXQ"}}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  const SentRequest sent = host_.sent_requests().front();
  const std::string text =
      sent.header("webhook-id") + "." + sent.header("webhook-timestamp") + "." + sent.body;
  EXPECT_EQ(sent.header("webhook-signature"),
            "v1," + signature_of("demo-secret-one", text) + " v1," + signature_of("another-secret", text));
}

TEST_F(Generic, ARepetitionHasTheSameIdAndANewTime) {
  host_.set_service([](const SentRequest&) { return answer(500); });
  Channel channel{host_, {{"url", hook}, {"secret", "whsec_ZGVtby1zZWNyZXQtb25l"}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_FAILED);
  host_.advance_ms(5'000);
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_FAILED);
  const auto sent = host_.sent_requests();
  EXPECT_EQ(sent[0].header("webhook-id"), sent[1].header("webhook-id"));
  EXPECT_EQ(sent[0].body, sent[1].body);
  EXPECT_EQ(sent[1].header("webhook-timestamp"), std::to_string(now_s + 5));
  EXPECT_NE(sent[0].header("webhook-signature"), sent[1].header("webhook-signature"));
}

TEST_F(Generic, TakesAny2xxForASuccessWhateverTheBody) {
  for (const int status : {200, 201, 202, 204, 299})
    EXPECT_EQ(outcome_of(answer(status)).state, LEADHUB_DELIVERY_DONE) << status;
}

TEST_F(Generic, TriesEverythingElseAgainBut410) {
  const std::vector<std::pair<int, leadhub_retry_class>> expected = {
      {300, LEADHUB_RETRY_TRANSIENT}, {400, LEADHUB_RETRY_TRANSIENT}, {401, LEADHUB_RETRY_AUTH},
      {403, LEADHUB_RETRY_AUTH},      {404, LEADHUB_RETRY_TRANSIENT}, {408, LEADHUB_RETRY_TRANSIENT},
      {422, LEADHUB_RETRY_TRANSIENT}, {425, LEADHUB_RETRY_TRANSIENT}, {429, LEADHUB_RETRY_RATE_LIMITED},
      {500, LEADHUB_RETRY_TRANSIENT}, {502, LEADHUB_RETRY_TRANSIENT}, {503, LEADHUB_RETRY_RATE_LIMITED},
      {504, LEADHUB_RETRY_TRANSIENT}, {599, LEADHUB_RETRY_TRANSIENT}};
  for (const auto& [status, retry_class] : expected) {
    const auto outcome = outcome_of(answer(status));
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << status;
    EXPECT_EQ(outcome.retry_class, retry_class) << status;
    EXPECT_THAT(outcome.message, HasSubstr(std::to_string(status)));
    EXPECT_THAT(outcome.message, Not(HasSubstr("whatever")));
  }
}

TEST_F(Generic, IsGoneAfter410) {
  const auto outcome = outcome_of(answer(410));
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_EQ(outcome.code, LEADHUB_ERROR_NOT_FOUND);
  EXPECT_THAT(outcome.message, StartsWith("gone: "));
}

TEST_F(Generic, DoesNotFollowRedirects) {
  const auto outcome = outcome_of(answer(302, {{"location", "http://127.0.0.1:22/"}}));
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_TRANSIENT);
  EXPECT_THAT(outcome.message, HasSubstr("put the final address into url"));
  EXPECT_EQ(host_.sent_requests().size(), 1U);
}

TEST_F(Generic, WaitsAsLongAsItIsAsked) {
  EXPECT_EQ(outcome_of(answer(429, {{"retry-after", "120"}})).retry_after_ms, 120'000);
  EXPECT_EQ(outcome_of(answer(503, {{"retry-after", "Mon, 05 Jan 2026 12:10:00 GMT"}})).retry_after_ms,
            600'000);
  EXPECT_EQ(outcome_of(answer(503, {{"retry-after", "Mon, 05 Jan 2026 11:00:00 GMT"}})).retry_after_ms, 0);
  EXPECT_EQ(outcome_of(answer(429, {{"retry-after", "soon"}})).retry_after_ms, 0);
  EXPECT_EQ(outcome_of(answer(429, {{"retry-after", "99999999"}})).retry_after_ms, 86'400'000);
}

TEST_F(Generic, MayBeRepeatedWhereNobodyKnows) {
  for (const leadhub_error_code error : {LEADHUB_ERROR_UNAVAILABLE, LEADHUB_ERROR_TIMEOUT}) {
    const auto outcome = outcome_of({0, {}, {}, error});
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_TRANSIENT);
  }
  EXPECT_EQ(outcome_of({0, {}, {}, LEADHUB_ERROR_DENIED}).retry_class, LEADHUB_RETRY_AUTH);
}

TEST_F(Generic, TakesLeadsAndNothingElse) {
  Channel channel{host_, {{"url", hook}}};
  for (const char* document : {"", "[]", "{", R"({"type": "mail"})", R"({"type": "lead"})",
                               R"({"type": "lead", "lead": {}, "reason": "x"})",
                               R"({"type": "lead", "lead": {}, "reason": {}, "at": ""})",
                               R"({"type": "lead", "lead": {}, "reason": {"what": "rule"}, "at": 7})"}) {
    const auto outcome = channel.deliver_document(document);
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << document;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << document;
    EXPECT_EQ(outcome.code, LEADHUB_ERROR_UNAVAILABLE) << "that would mean that the destination is gone";
  }
  EXPECT_THAT(host_.sent_requests(), IsEmpty());
}

TEST_F(Generic, TriesNothingAfterTheDeadline) {
  Channel channel{host_, {{"url", hook}}};
  host_.advance_ms(60'000);
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_UNTRIED);
  EXPECT_THAT(host_.sent_requests(), IsEmpty());
}

}  // namespace
}  // namespace leadhub::webhook
