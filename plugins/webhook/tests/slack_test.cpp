// The preset slack against an incoming webhook that takes what Slack's documentation says.
#include <gmock/gmock.h>

#include "fake_service.hpp"

namespace leadhub::webhook {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FakeSlack final : public FakeService {
 public:
  FakeSlack() {
    server_.Post("/services/T0/B0/good",
                 [this](const httplib::Request& request, httplib::Response& response) {
                   const Json body = Json::parse(request.body, nullptr, false);
                   if (request.get_header_value("content-type") != "application/json" || !is_message(body))
                     return say(response, 400, "invalid_payload");
                   messages.push_back(body);
                   say(response, 200, "ok");
                 });
    server_.Post("/services/T0/B0/archived", [](const httplib::Request&, httplib::Response& response) {
      say(response, 410, "channel_is_archived");
    });
    server_.Post(R"(/services/.*)", [](const httplib::Request&, httplib::Response& response) {
      say(response, 404, "no_service");
    });
    start();
  }
  ~FakeSlack() override { stop(); }

  std::vector<Json> messages;

 private:
  static void say(httplib::Response& response, int status, const char* words) {
    response.status = status;
    response.set_content(words, "text/plain");
  }
  static bool is_text(const Json& text, std::size_t bytes_max) {
    return (text.value("type", "") == "plain_text" || text.value("type", "") == "mrkdwn") &&
           !text.value("text", "").empty() && text.value("text", "").size() <= bytes_max;
  }
  static bool is_message(const Json& body) {
    if (!body.is_object() || body.value("text", "").empty()) return false;
    for (const Json& block : body.value("blocks", Json::array())) {
      if (block.value("type", "") != "section") return false;
      if (!block.contains("text") && !block.contains("fields")) return false;
      if (block.contains("text") && !is_text(block["text"], 3'000)) return false;
      const Json fields = block.value("fields", Json::array({{{"type", "plain_text"}, {"text", "-"}}}));
      if (fields.empty() || fields.size() > 10) return false;
      for (const Json& field : fields)
        if (!is_text(field, 2'000)) return false;
    }
    return true;
  }
};

class Slack : public ::testing::Test {
 protected:
  Slack() { connect(host_); }
  DeliveryOutcome deliver(const Json& document, const std::string& hook = "good") {
    Channel channel{host_, {{"preset", "slack"}, {"url", service_.url() + "/services/T0/B0/" + hook}}};
    return channel.deliver_document(document.dump());
  }

  FakeSlack service_;
  FakeHost host_;
};

TEST_F(Slack, SaysWhoAndWhyAndWhose) {
  Json document = document_of(ada());
  document["links"] = {{"lead", "https://hub.example/leads/1?a=1&b=2"}};
  const auto outcome = deliver(document);
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  ASSERT_EQ(service_.messages.size(), 1U);
  const Json& message = service_.messages.front();
  EXPECT_EQ(message.at("text"), "hot lead: Ada Lovelace (hot leads by territory)");
  EXPECT_THAT(message.dump(), AllOf(HasSubstr("Why: hot leads by territory"), HasSubstr("Owner: Charles"),
                                    HasSubstr("Score: 70"), HasSubstr("Company: Analytical Engines"),
                                    HasSubstr("Answer by: 2026-01-05T13:00:00.000Z"),
                                    HasSubstr("<https://hub.example/leads/1?a=1&amp;b=2|Open the lead>")));
}

TEST_F(Slack, LeavesOutWhatIsNotKnown) {
  Json little{
      {"id", "1"}, {"email", "ada@example.com"}, {"temperature", "warm"}, {"score", 0}, {"grade", "C3"}};
  Json document = document_of(little);
  document["reason"] = {{"what", "rule"}};
  EXPECT_EQ(deliver(document).state, LEADHUB_DELIVERY_DONE);
  const std::string message = service_.messages.front().dump();
  EXPECT_THAT(message,
              AllOf(HasSubstr("Why: rule"), HasSubstr("A warm lead: ada@example.com"),
                    Not(HasSubstr("Phone")), Not(HasSubstr("Owner")), Not(HasSubstr("Open the lead"))));
}

TEST_F(Slack, NobodyMentionsOrLinksThroughAForm) {
  Json evil = ada();
  evil["name"] = "<!channel> <@U1> <https://evil.example|Ada> &";
  evil["company"] = "two\nlines";
  EXPECT_EQ(deliver(document_of(evil)).state, LEADHUB_DELIVERY_DONE);
  const Json& message = service_.messages.front();
  EXPECT_THAT(message.dump(), AllOf(Not(HasSubstr("<!")), Not(HasSubstr("<@")), Not(HasSubstr("<http")),
                                    HasSubstr("&lt;!channel&gt;"), HasSubstr("Company: two lines")));
  EXPECT_EQ(message.at("link_names"), false);
  for (const Json& block : message.at("blocks"))
    for (const Json& field : block.value("fields", Json::array())) EXPECT_EQ(field.at("type"), "plain_text");
}

TEST_F(Slack, TakesTheLongestValues) {
  Json long_one = ada();
  for (const char* key : {"name", "company", "email", "phone"}) long_one[key] = std::string(4'096, '&');
  const auto outcome = deliver(document_of(long_one));
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
}

TEST_F(Slack, AnArchivedChannelIsGoneAndAWrongAddressIsRefused) {
  const auto archived = deliver(document_of(ada()), "archived");
  EXPECT_EQ(archived.code, LEADHUB_ERROR_NOT_FOUND);
  EXPECT_THAT(archived.message, StartsWith("gone: Slack answered 410"));
  EXPECT_EQ(deliver(document_of(ada()), "wrong").retry_class, LEADHUB_RETRY_PERMANENT);
}

TEST_F(Slack, WaitsWhereItIsTooMuch) {
  service_.mood = Mood::limited;
  EXPECT_EQ(deliver(document_of(ada())).retry_after_ms, 7'000);
  service_.mood = Mood::broken;
  EXPECT_EQ(deliver(document_of(ada())).retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST_F(Slack, IsNotRepeatedWhereTheMessageMayBeThere) {
  host_.set_service([](const SentRequest&) -> ServiceAnswer { return {0, {}, {}, LEADHUB_ERROR_TIMEOUT}; });
  EXPECT_EQ(deliver(document_of(ada())).state, LEADHUB_DELIVERY_UNKNOWN);
  host_.set_service([](const SentRequest&) -> ServiceAnswer {
    return {0, {}, {}, LEADHUB_ERROR_UNAVAILABLE};
  });
  EXPECT_EQ(deliver(document_of(ada())).state, LEADHUB_DELIVERY_FAILED);
}

}  // namespace
}  // namespace leadhub::webhook
