#include "webhook_provider.hpp"

#include <gmock/gmock.h>

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;

/// A request from text; valid as long as this lives.
class Sent {
 public:
  Sent(std::string method, std::string path, std::string type = {}, std::string secret = {})
      : method_(std::move(method)),
        path_(std::move(path)),
        type_(std::move(type)),
        secret_(std::move(secret)) {
    headers_[0] = {sdk::to_abi("content-type"), sdk::to_abi(type_)};
    headers_[1] = {sdk::to_abi("authorization"), sdk::to_abi(secret_)};
    request_.size = sizeof request_;
    request_.method = sdk::to_abi(method_);
    request_.path = sdk::to_abi(path_);
    request_.headers = headers_;
    request_.header_count = secret_.empty() ? 1 : 2;
  }
  [[nodiscard]] sdk::HttpRequest operator()() const { return sdk::HttpRequest{&request_}; }

 private:
  std::string method_, path_, type_, secret_;
  leadhub_http_header headers_[2]{};
  leadhub_http_request request_{};
};

class Acme final : public EventWebhook {
 public:
  explicit Acme(const std::vector<std::string>& secrets)
      : EventWebhook("acme", Door::token_anywhere(secrets)) {}
  Acme() : EventWebhook("acme") {}

 private:
  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t) override {
    if (request.method() != "HEAD") return std::nullopt;
    return sdk::Verdict::answer({200, {}, {}});
  }
  void understand(const sdk::HttpRequest&, Events& events) const override {
    for (const char* const key : {"1", "2"}) {
      sdk::LeadEvent event;
      event.type = "x.acme.thing";
      event.key = key;
      events.add(std::move(event));
    }
  }
};

TEST(WebhookProvider, IsAskedInOneOrder) {
  Acme acme({"s"});
  const auto decide = [&](const Sent& sent) { return acme.authenticate(sent(), 0); };
  EXPECT_EQ(decide({"POST", "/f/x", "application/json", "Bearer s"}).response->status, 404);
  EXPECT_EQ(decide({"HEAD", "/in/x"}).kind, LEADHUB_VERDICT_ANSWER);
  const sdk::Verdict other = decide({"PUT", "/in/x", "application/json", "Bearer s"});
  EXPECT_EQ(other.response->status, 405);
  EXPECT_EQ(other.response->headers.back(), (std::pair<std::string, std::string>{"allow", "POST"}));
  EXPECT_EQ(decide({"POST", "/in/x", "text/html", "Bearer s"}).response->status, 415);
  EXPECT_THAT(decide({"POST", "/in/x", "text/html"}).reason, HasSubstr("acme"));
  EXPECT_EQ(decide({"POST", "/in/x", "application/json", "Bearer t"}).response->status, 401);
  EXPECT_EQ(decide({"POST", "/in/x", "application/vnd.acme+json; v=1", "Bearer s"}).kind,
            LEADHUB_VERDICT_ACCEPT);
}

TEST(WebhookProvider, GivesItsEventsInTheirOrder) {
  const Acme acme({"s"});
  const sdk::Reading reading = acme.read(Sent{"POST", "/in/x"}());
  ASSERT_EQ(reading.events.size(), 2U);
  EXPECT_THAT(reading.events[0], HasSubstr(R"("key":"1")"));
  EXPECT_EQ(reading.response.status, 200);
}

TEST(WebhookProvider, LetsNobodyInWithoutADoor) {
  EXPECT_THROW(Acme(std::vector<std::string>{}), sdk::ChannelError);
  Acme acme;
  EXPECT_EQ(acme.authenticate(Sent{"POST", "/in/x", "application/json"}(), 0).response->status, 401);
}

TEST(Challenge, IsSaidBackWhereItIsNoMoreThanAWord) {
  EXPECT_EQ(answer_challenge("3eZ-b_w.1").response->body, "3eZ-b_w.1");
  EXPECT_EQ(answer_challenge(std::string(256, '1')).kind, LEADHUB_VERDICT_ANSWER);
  for (const std::string& none :
       {std::string(), std::string(257, '1'), std::string("<b>"), std::string("a b")})
    EXPECT_EQ(answer_challenge(none).response->status, 400) << none;
}

}  // namespace
}  // namespace leadhub::webform
