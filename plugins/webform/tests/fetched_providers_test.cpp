#include <gmock/gmock.h>
#include <leadhub/sdk/crypto.hpp>

#include "provider.hpp"
#include "providers/linkedin.hpp"
#include "providers/meta_lead_ads.hpp"
#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using Plain = nlohmann::json;
using testing::Json;

/// Settings as a channel without a word about fields has them.
Settings bare() {
  return read_settings(R"({"provider":"typeform","secret":{"$secret":"/secret"}})").settings;
}

template <class Use>
auto shown(const std::string& method, const std::string& query, Use&& use) {
  leadhub_http_request request{};
  request.size = sizeof request;
  request.method = sdk::to_abi(method);
  request.path = sdk::to_abi("/in/ads");
  request.query = sdk::to_abi(query);
  return use(sdk::HttpRequest{&request});
}

Plain event(ToolSubmission submission) {
  const Settings settings = bare();
  return shown("POST", "", [&](const sdk::HttpRequest& request) {
    return Plain::parse(event_of(settings, std::move(submission), request));
  });
}

// ---------------------------------------------------------------------------------------------- Meta

std::optional<sdk::Verdict> meta_challenge(const std::string& query, const std::string& method = "GET") {
  const sdk::StaticToken token(meta::challenge_token(), {"verify-me"});
  return shown(method, query,
               [&](const sdk::HttpRequest& request) { return meta::answer_challenge(request, token); });
}

TEST(MetaLeadAds, AnswersTheChallengeOfWhoKnowsTheToken) {
  const auto good = meta_challenge("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->kind, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(good->response->body, "1158201444");
  for (const auto& [bad, status] : std::vector<std::pair<std::string, int>>{
           {"", 403},
           {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=other", 403},
           {"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-me", 403},
           {"hub.mode=subscribe&hub.verify_token=verify-me", 400},
           {"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=verify-me", 400}}) {
    const auto refused = meta_challenge(bad);
    ASSERT_TRUE(refused) << bad;
    EXPECT_EQ(refused->kind, LEADHUB_VERDICT_REFUSE) << bad;
    EXPECT_EQ(refused->response->status, status) << bad;
  }
  EXPECT_FALSE(meta_challenge("", "POST"));
}

TEST(MetaLeadAds, SignsTheBody) {
  const sdk::SignatureVerifier verifier(meta::scheme(), {"It's a Secret to Everybody"});
  leadhub_http_request request{};  // the example of GitHub, which signs alike
  leadhub_http_header header{
      sdk::to_abi("x-hub-signature-256"),
      sdk::to_abi("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")};
  request.headers = &header;
  request.header_count = 1;
  request.body = sdk::to_abi("Hello, World!");
  EXPECT_EQ(verifier.verify(sdk::HttpRequest{&request}, 0), sdk::SignatureVerdict::genuine);
}

TEST(MetaLeadAds, NamesTheLeadsToFetch) {
  const auto leads = meta::leads_to_fetch(Plain::parse(R"({"object":"page","entry":[
      {"id":"1","time":1767614390,"changes":[
        {"field":"leadgen","value":{"leadgen_id":444444444444,"page_id":"12","form_id":13,"created_time":1767614380}},
        {"field":"leadgen","value":{"leadgen_id":"555","ad_id":"9"}},
        {"field":"feed","value":{"leadgen_id":"666"}},
        {"field":"leadgen","value":{"form_id":"1"}},
        {"field":"leadgen","value":{"leadgen_id":"../me"}},
        {"field":"leadgen"}, 1]},
      {"id":"2","changes":[]}, {"id":"3"}, {"changes":{}}, null]})"));
  ASSERT_EQ(leads.size(), 2u);
  EXPECT_EQ(leads[0].leadgen_id, "444444444444");
  EXPECT_EQ(leads[0].form_id, "13");
  EXPECT_EQ(leads[0].created_at, "2026-01-05T11:59:40Z");
  EXPECT_EQ(leads[1].ad_id, "9");
  for (const char* bad : {"{}", "[]", "null", R"({"object":"instagram","entry":[]})", R"({"object":"page"})"})
    EXPECT_THROW(meta::leads_to_fetch(Plain::parse(bad)), sdk::ChannelError) << bad;
}

TEST(MetaLeadAds, BoundsTheLeadsOfOneRequest) {
  Plain changes = Plain::array();
  for (int i = 0; i < 1000; ++i)
    changes.push_back({{"field", "leadgen"}, {"value", {{"leadgen_id", i + 1}}}});
  Plain body{{"object", "page"}, {"entry", Plain::array({{{"changes", changes}}})}};
  EXPECT_EQ(meta::leads_to_fetch(body).size(), 1000u);
  body["entry"][0]["changes"].push_back(changes[0]);
  EXPECT_THROW(meta::leads_to_fetch(body), sdk::ChannelError);
}

TEST(MetaLeadAds, MapsAFetchedLead) {
  const Plain lead = Plain::parse(R"({"id":"555","created_time":"2026-01-05T11:59:40+0000","field_data":[
      {"name":"full_name","values":["Ada Lovelace"]},{"name":"email","values":["ada@example.com"]},
      {"name":"phone_number","values":["+442079460958"]},{"name":"company_name","values":["Analytical Engines"]},
      {"name":"which_engine?","values":["A","B"]}],"platform":"ig","campaign_name":"spring","campaign_id":"1",
      "custom_disclaimer_responses":[{"checkbox_key":"I agree to be called","is_checked":"1"},
        {"checkbox_key":"mails","is_checked":""}]})");
  EXPECT_EQ(event(meta::submission_of(lead, {"555", "12", "13", "", ""})),
            Plain::parse(R"({"type":"form.submitted",
      "key":"555","occurred_at":"2026-01-05T11:59:40Z","person":{"email":"ada@example.com","phone":"+442079460958",
      "name":"Ada Lovelace","company":"Analytical Engines"},
      "consent":[{"purpose":"terms","channel":"any","state":"granted","text":"I agree to be called"}],
      "attributes":{"platform":"ig","campaign_name":"spring","campaign_id":"1","page_id":"12","form_id":"13",
        "which_engine":["A","B"]}})"));
  EXPECT_THROW(meta::submission_of(Plain::object(), {}), sdk::ChannelError);
}

TEST(MetaLeadAds, KnowsTestLeadsByTheirValues) {
  EXPECT_TRUE(meta::is_test_lead(
      Plain::parse(R"({"field_data":[{"name":"x","values":["<TEST LEAD: dummy data for x>"]}]})")));
  EXPECT_TRUE(
      meta::is_test_lead(Plain::parse(R"({"field_data":[{"name":"EMAIL","values":["Test@FB.com"]}]})")));
  EXPECT_FALSE(
      meta::is_test_lead(Plain::parse(R"({"field_data":[{"name":"email","values":["a@example.com",1]}]})")));
  EXPECT_FALSE(meta::is_test_lead(Plain::parse("[]")));
}

// ------------------------------------------------------------------------------------------ LinkedIn

TEST(Linkedin, SignsAUuidAndNothingElse) {
  const auto ask = [](const std::string& query) {
    return shown("GET", query, [](const sdk::HttpRequest& request) {
      return linkedin::answer_challenge(request, "client-secret");
    });
  };
  const auto good = ask("challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0&applicationId=1");
  ASSERT_TRUE(good);
  // printf %s 890e4665-4dfe-4ab1-b689-ed553bceeed0 | openssl dgst -sha256 -hmac client-secret
  EXPECT_EQ(Plain::parse(good->response->body),
            Plain::parse(R"({"challengeCode":"890e4665-4dfe-4ab1-b689-ed553bceeed0","challengeResponse":
                "8ab4bbad570533d66462deba280bde93c1cad8b543e7f526d3e962acaf6c391a"})"));
  for (const char* bad : {"", "challengeCode=", "challengeCode=hmacsha256%3D%7B%7D",
                          "challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed",
                          "challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0x",
                          "challengeCode=890e4665x4dfe-4ab1-b689-ed553bceeed0",
                          "challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeedg"}) {
    const auto refused = ask(bad);
    ASSERT_TRUE(refused) << bad;
    EXPECT_EQ(refused->kind, LEADHUB_VERDICT_REFUSE) << bad;
    EXPECT_EQ(refused->response->status, 400) << bad;
  }
}

TEST(Linkedin, NamesTheResponsesToFetch) {
  const auto found = linkedin::responses_to_fetch(Plain::parse(
      R"([{"leadGenFormResponse":"urn:li:leadGenFormResponse:abc-1","leadAction":"CREATED","occurredAt":1767614390000},
          {"leadGenFormResponse":"urn:li:leadGenFormResponse:abc-1","leadAction":"DELETED","occurredAt":1767614395000},
          {"leadGenFormResponse":"urn:li:leadGenFormResponse:../me"},{"leadGenFormResponse":"urn:li:person:1"},1])"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, "abc-1");
  EXPECT_EQ(found[0].occurred_at, "2026-01-05T11:59:50Z");
  EXPECT_FALSE(found[0].is_deleted);
  EXPECT_TRUE(found[1].is_deleted);
  EXPECT_NE(found[0].key, found[1].key);
  for (const char* bad : {"{}", "[]", "null", "1"})
    EXPECT_THROW(linkedin::responses_to_fetch(Plain::parse(bad)), sdk::ChannelError) << bad;
}

TEST(Linkedin, MapsAFetchedResponse) {
  const Plain form = Plain::parse(R"({"id":7,"name":"Demo","content":{"questions":[
      {"questionId":1,"predefinedField":"FIRST_NAME","name":"firstName","question":{"localized":{"en_US":"First name"}}},
      {"questionId":2,"predefinedField":"WORK_EMAIL","question":{"localized":{"en_US":"Work email"}}},
      {"questionId":3,"predefinedField":"COMPANY_NAME","question":{"localized":{"en_US":"Company"}}},
      {"questionId":4,"name":"size","question":{"localized":{"en_US":"How big is your team?"}},
       "questionDetails":{"multipleChoiceQuestionDetails":{"options":[{"id":1,"text":{"localized":{"en_US":"1-10"}}},
         {"id":2,"text":{"localized":{"en_US":"11-50"}}}]}}}]}})");
  const Plain response =
      Plain::parse(R"({"id":"abc-1","submittedAt":1767614390000,"leadType":"SPONSORED","testLead":false,
      "formResponse":{"answers":[
        {"questionId":1,"answerDetails":{"textQuestionAnswer":{"answer":"Ada"}}},
        {"questionId":2,"answerDetails":{"textQuestionAnswer":{"answer":"ada@example.com"}}},
        {"questionId":3,"answerDetails":{"textQuestionAnswer":{"answer":"Analytical Engines"}}},
        {"questionId":4,"answerDetails":{"multipleChoiceAnswer":{"options":[2]}}},
        {"questionId":9,"answerDetails":{"textQuestionAnswer":{"answer":"?"}}}]}})");
  EXPECT_EQ(event(linkedin::submission_of(response, form, {"u", "abc-1", "", "urn 1", false})),
            Plain::parse(R"({"type":"form.submitted","key":"urn 1","occurred_at":"2026-01-05T11:59:50Z",
      "person":{"email":"ada@example.com","first_name":"Ada","company":"Analytical Engines"},
      "attributes":{"how_big_is_your_team":"11-50","question_9":"?","form_name":"Demo","lead_type":"SPONSORED"}})"));
  EXPECT_THROW(linkedin::submission_of(Plain::object(), form, {}), sdk::ChannelError);
  EXPECT_FALSE(linkedin::is_test_lead(response));
  EXPECT_TRUE(linkedin::is_test_lead(Plain::parse(R"({"testLead":true})")));
}

// ------------------------------------------------------------------------------------------ Follow-ups

using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;

Json exported(const std::string& name) {
  for (const Json& fixture : testing::exported_fixtures())
    if (fixture["name"] == name) return fixture;
  return {};
}

/// A channel of a sample, and what it does for the sample's request.
class Fetching {
 public:
  explicit Fetching(const std::string& name)
      : fixture_(exported(name)),
        channel_(fixture_["config"], "ads"),
        request_(testing::request_of(fixture_["request"])) {}

  void answer(std::function<ServiceAnswer(const SentRequest&)> service) {
    channel_.host().set_service(std::move(service));
  }
  std::vector<Json> follow_up() { return channel_.follow_up(request_); }
  /// How the follow-up failed; 0: it did not.
  leadhub_retry_class failure() {
    try {
      static_cast<void>(follow_up());
      return 0;
    } catch (const sdk::testing::PluginError& error) {
      message = error.what();
      return error.retry_class;
    }
  }
  void say(std::string body) { request_.body = std::move(body); }
  [[nodiscard]] auto sent() { return channel_.host().sent_requests(); }
  [[nodiscard]] const Json& fixture() const { return fixture_; }
  [[nodiscard]] sdk::testing::FakeHost& host() { return channel_.host(); }

  std::string message;

 private:
  Json fixture_;
  testing::CapturingChannel channel_;
  sdk::testing::Request request_;
};

constexpr auto meta_sample = "a lead of Facebook, to be fetched";
constexpr auto linkedin_sample = "a response to a form of LinkedIn, to be fetched";

TEST(MetaLeadAds, FetchesWithTheTokenInAHeaderAndAProofOfTheAppsSecret) {
  Fetching meta{meta_sample};
  meta.answer([&](const SentRequest& sent) {
    return testing::service_answer(meta.fixture()["follow_up"]["service"], sent.url);
  });
  EXPECT_EQ(meta.follow_up().size(), 1u);
  ASSERT_EQ(meta.sent().size(), 1u);
  const auto request = meta.sent().front();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.header("authorization"), "Bearer meta-page-token");
  EXPECT_THAT(request.url, ::testing::StartsWith("https://graph.facebook.com/v24.0/?ids=550130417&fields="));
  EXPECT_THAT(request.url, ::testing::Not(::testing::HasSubstr("meta-page-token")));
  EXPECT_THAT(request.url,
              ::testing::EndsWith(
                  "&appsecret_proof=" +
                  sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, "meta-app-secret")({"meta-page-token"}))));
}

TEST(MetaLeadAds, TellsWhatPassesFromWhatStays) {
  Fetching meta{meta_sample};
  const std::vector<std::tuple<int, std::string, leadhub_retry_class>> answers{
      {400, R"({"error":{"code":190}})", LEADHUB_RETRY_AUTH},
      {403, R"({"error":{"code":200}})", LEADHUB_RETRY_AUTH},
      {400, R"({"error":{"code":4}})", LEADHUB_RETRY_RATE_LIMITED},
      {500, R"({"error":{"code":2}})", LEADHUB_RETRY_TRANSIENT},
      {502, "<html>", LEADHUB_RETRY_TRANSIENT},
      {400, R"({"error":{"code":100}})", LEADHUB_RETRY_PERMANENT}};
  for (const auto& [status, body, expected] : answers) {
    meta.answer([&, status = status, body = body](const SentRequest&) {
      return ServiceAnswer{status, {}, body, 0};
    });
    EXPECT_EQ(meta.failure(), expected) << body;
    EXPECT_THAT(meta.message, ::testing::HasSubstr(std::to_string(status)));
  }
  meta.answer([](const SentRequest&) { return ServiceAnswer{0, {}, {}, LEADHUB_ERROR_TIMEOUT}; });
  EXPECT_EQ(meta.failure(), LEADHUB_RETRY_TRANSIENT);
}

TEST(MetaLeadAds, FetchesTheOthersWhereOneIsUnknown) {
  Fetching meta{meta_sample};
  meta.say(R"({"object":"page","entry":[{"changes":[{"field":"leadgen","value":{"leadgen_id":"1"}},
      {"field":"leadgen","value":{"leadgen_id":"2"}},{"field":"leadgen","value":{"leadgen_id":"3"}}]}]})");
  meta.answer([](const SentRequest& sent) {
    const auto ids = sent.url.substr(sent.url.find("ids=") + 4);
    if (ids.find('2') < ids.find('&')) return ServiceAnswer{400, {}, R"({"error":{"code":100}})", 0};
    const std::string id = ids.substr(0, 1);
    const std::string value = id == "3" ? "test@meta.com" : "ada@example.com";
    return ServiceAnswer{
        200, {}, R"({")" + id + R"(":{"field_data":[{"name":"email","values":[")" + value + R"("]}]}})", 0};
  });
  const auto events = meta.follow_up();
  ASSERT_EQ(events.size(), 1u) << "2 is gone, 3 is a test";
  EXPECT_EQ(events[0]["key"], "1");
  EXPECT_EQ(meta.host().counted("leads_not_found"), 1u);
  EXPECT_EQ(meta.host().counted("test_leads"), 1u);
}

TEST(MetaLeadAds, AsksForFiftyLeadsAtOnce) {
  Fetching meta{meta_sample};
  Plain changes = Plain::array();
  for (int i = 1; i <= 120; ++i) changes.push_back({{"field", "leadgen"}, {"value", {{"leadgen_id", i}}}});
  meta.say(Plain{{"object", "page"}, {"entry", Plain::array({{{"changes", changes}}})}}.dump());
  meta.answer([](const SentRequest&) { return ServiceAnswer{200, {}, "{}", 0}; });
  EXPECT_TRUE(meta.follow_up().empty());
  EXPECT_EQ(meta.sent().size(), 3u);
  EXPECT_EQ(meta.host().counted("leads_not_found"), 120u);
}

TEST(Linkedin, FetchesResponseAndFormWithTheVersionOfTheApi) {
  Fetching linkedin{linkedin_sample};
  linkedin.answer([&](const SentRequest& sent) {
    return testing::service_answer(linkedin.fixture()["follow_up"]["service"], sent.url);
  });
  EXPECT_EQ(linkedin.follow_up().size(), 1u);
  ASSERT_EQ(linkedin.sent().size(), 2u);
  EXPECT_EQ(linkedin.sent()[0].url, "https://api.linkedin.com/rest/leadFormResponses/d1a2b3c4-22");
  EXPECT_EQ(linkedin.sent()[0].header("authorization"), "Bearer linkedin-token");
  EXPECT_EQ(linkedin.sent()[0].header("linkedin-version"), "202510");
  EXPECT_EQ(linkedin.sent()[1].url, "https://api.linkedin.com/rest/leadForms/3162");
}

TEST(Linkedin, LeavesDeletedAndTestResponsesAlone) {
  Fetching linkedin{linkedin_sample};
  linkedin.answer([](const SentRequest&) { return ServiceAnswer{200, {}, R"({"testLead":true})", 0}; });
  EXPECT_TRUE(linkedin.follow_up().empty());
  EXPECT_EQ(linkedin.host().counted("test_leads"), 1u);
  linkedin.say(
      R"({"leadGenFormResponse":"urn:li:leadGenFormResponse:1","leadAction":"DELETED","occurredAt":1})");
  EXPECT_TRUE(linkedin.follow_up().empty());
  EXPECT_EQ(linkedin.sent().size(), 1u);
}

TEST(Linkedin, TellsWhatPassesFromWhatStays) {
  Fetching linkedin{linkedin_sample};
  for (const auto& [status, expected] : std::vector<std::pair<int, leadhub_retry_class>>{
           {401, LEADHUB_RETRY_AUTH}, {429, LEADHUB_RETRY_RATE_LIMITED}, {404, LEADHUB_RETRY_PERMANENT}}) {
    linkedin.answer([status = status](const SentRequest&) { return ServiceAnswer{status, {}, "{}", 0}; });
    EXPECT_EQ(linkedin.failure(), expected) << status;
  }
}

}  // namespace
}  // namespace leadhub::webform
