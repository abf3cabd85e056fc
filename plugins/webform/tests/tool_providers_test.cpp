#include <gmock/gmock.h>
#include <leadhub/sdk/crypto.hpp>

#include <filesystem>
#include <fstream>
#include <functional>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::noon_ms;
using testing::Outcome;
using testing::Request;
using testing::WebForm;

enum class Fate { read = 1, kept, refused };  // kept: authentic, not understood, and so the host's to keep

struct Sent {
  Fate fate;
  std::string words;  // what was said about it
  std::vector<Json> events;
};

Sent send(WebForm& form, const Request& request, std::int64_t now_ms = noon_ms) {
  try {
    Outcome outcome = form.send(request, now_ms);
    const bool refused = outcome.verdict == LEADHUB_VERDICT_REFUSE || outcome.response.status >= 400;
    return {refused ? Fate::refused : Fate::read, outcome.response.body, std::move(outcome.events)};
  } catch (const sdk::testing::PluginError& error) {
    return {Fate::kept, error.what(), {}};
  }
}

std::string hmac(const std::string& key, const std::string& text) {
  return sdk::Hmac(sdk::Digest::sha256, key)({text});
}

/// A provider as its tool would send to it: any body, authentic.
struct Tool {
  const char* provider;
  Json config;
  std::function<void(Request&)> sign;
};

std::vector<Tool> tools() {
  const auto in_query = [](Request& request) { request.query = "secret=hush"; };
  const auto in_header = [](Request& request) {
    request.headers.emplace_back("authorization", "Bearer hush");
  };
  const auto config = [](const char* provider) { return Json{{"provider", provider}, {"secret", "hush"}}; };
  return {{"typeform", config("typeform"),
           [](Request& request) {
             request.headers.emplace_back("typeform-signature",
                                          "sha256=" + sdk::base64_encode(hmac("hush", request.body)));
           }},
          {"tally", config("tally"),
           [](Request& request) {
             request.headers.emplace_back("tally-signature", sdk::base64_encode(hmac("hush", request.body)));
           }},
          {"webflow", config("webflow"),
           [](Request& request) {
             const std::string time = std::to_string(noon_ms);
             request.headers.emplace_back("x-webflow-timestamp", time);
             request.headers.emplace_back("x-webflow-signature",
                                          sdk::hex_encode(hmac("hush", time + ":" + request.body)));
           }},
          {"gravity_forms", config("gravity_forms"), in_header},
          {"wpforms", config("wpforms"), in_header},
          {"elementor", config("elementor"), in_query},
          {"jotform", config("jotform"), in_query},
          {"hubspot_forms", config("hubspot_forms"),
           [](Request& request) { request.headers.emplace_back("authorization", "Bearer hush"); }},
          {"segment", config("segment"),
           [](Request& request) {
             request.headers.emplace_back("authorization", "Basic " + sdk::base64_encode("hush:"));
           }},
          {"cloudevents", config("cloudevents"), [](Request& request) {
             request.headers.emplace_back("authorization", "Bearer hush");
             if (request.headers[0].second == "application/json")
               request.headers[0].second = "application/cloudevents+json";
           }}};
}

std::vector<Json> fixtures_of(const std::string& provider) {
  std::vector<Json> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(LEADHUB_SOURCE_DIR "/plugins/webform/fixtures")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    Json fixture = Json::parse(file);
    if (fixture["config"]["provider"] == provider && fixture["verdict"] == "accept")
      found.push_back(std::move(fixture));
  }
  return found;
}

TEST(Tools, ThatAreAuthenticButNotUnderstoodAreKept) {
  const std::string deep(100'000, '[');
  for (const Tool& tool : tools()) {
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    ASSERT_TRUE(form.problems().empty());
    const std::vector<std::pair<std::string, std::string>> bodies{{deep, "nested deeper"},
                                                                  {"{\"a\":" + deep, "nested deeper"},
                                                                  {R"({"event_id":"x","answers)", "not JSON"},
                                                                  {"", "not JSON"},
                                                                  {"{\"a\":\"\xFF\"}", "not JSON"},
                                                                  {R"({"a":1,"a":2})", "twice"}};
    for (const auto& [body, why] : bodies) {
      Request request = form.json(body);
      tool.sign(request);
      const Sent sent = send(form, request);
      EXPECT_EQ(sent.fate, Fate::kept) << body.substr(0, 40);
      EXPECT_THAT(sent.words, HasSubstr(why));
    }
  }
}

TEST(Tools, OfAnotherShapeHarmNobody) {
  for (const Tool& tool : tools()) {
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    for (
        const char* const body :
        {"[]",
         "null",
         "\"text\"",
         "1",
         "{}",
         "[[]]",
         R"({"form_response":[],"event_type":"form_response"})",
         R"({"event_type":"form_response","form_response":{"answers":{},"hidden":[],"definition":1}})",
         R"({"event_type":"form_response","form_response":{"answers":[1,null,{"type":"email"}],"definition":{"fields":[1]}}})",
         R"({"eventType":"FORM_RESPONSE","data":{"fields":[1,{"options":[1],"value":{}},{"options":[{}],"value":[{}]}]}})",
         R"({"triggerType":"form_submission","payload":{"data":[]}})",
         R"({"fields":[1,null,{"name":1,"value":{}}]})",
         R"({"fields":{"a":null,"b":[],"c":{"value":{}}},"form":1,"meta":[]})",
         R"({"rawRequest":"[]"})",
         R"({"rawRequest":"{\"q1_a\":null,\"q2_b\":{},\"q_\":1,\"x\":[{}]}"})",
         R"({"batch":{}})",
         R"({"batch":[1]})",
         R"({"type":1,"traits":[],"context":[],"properties":1})",
         R"({"context":{"page":1,"campaign":[],"traits":0},"properties":{"products":[1,{}],"revenue":"x"}})",
         R"({"specversion":"1.0","id":1,"source":{},"type":"a"})",
         R"({"specversion":"1.0","id":1,"source":"a","type":"","data_base64":"!!"})",
         R"({"1.3":null,"1.6":{},"6.1":"1","6.2":"x","6.3":"y","id":[],"form_id":1})"}) {
      Request request = form.json(body);
      tool.sign(request);
      const Sent sent = send(form, request);
      EXPECT_NE(sent.fate, Fate::refused) << body;
      for (const Json& event : sent.events) EXPECT_FALSE(event["type"].get<std::string>().empty());
    }
  }
}

TEST(Tools, ThatAreCutOffAnywhereHarmNobody) {
  int tried = 0;
  for (const Tool& tool : tools()) {
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    for (const Json& fixture : fixtures_of(tool.provider)) {
      const std::string body = fixture["request"]["body"];
      for (std::size_t size = 0; size < body.size(); size += 1 + size % 7) {
        Request request = form.json(body.substr(0, size));
        request.headers[0].second = fixture["request"]["headers"].value("content-type", "application/json");
        tool.sign(request);
        for (const Json& event : send(form, request).events) EXPECT_TRUE(event.contains("type"));
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 1000);
}

TEST(Tools, WithoutTheRightSecretAreRefused) {
  for (const Tool& tool : tools()) {
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    Json other_config = tool.config;
    other_config["secret"] = "another";
    WebForm other(other_config, tool.provider);
    const Request plain = form.json(R"({"email":"ada@example.com"})");
    EXPECT_EQ(send(form, plain).fate, Fate::refused);
    Request request = plain;
    tool.sign(request);
    EXPECT_NE(send(form, request).fate, Fate::refused);
    EXPECT_EQ(send(other, request).fate, Fate::refused);
    Json both_config = tool.config;
    both_config["secret"] = {"another", "hush"};
    WebForm both(both_config, tool.provider);
    EXPECT_NE(send(both, request).fate, Fate::refused) << "while the secret is being changed";
  }
}

TEST(Tools, ThatSignAreRefusedWithAnotherBody) {
  for (const Tool& tool : tools()) {
    if (std::string_view(tool.provider) != "typeform" && std::string_view(tool.provider) != "tally" &&
        std::string_view(tool.provider) != "webflow")
      continue;
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    Request request = form.json(R"({"email":"ada@example.com"})");
    tool.sign(request);
    request.body += " ";
    EXPECT_EQ(send(form, request).fate, Fate::refused);
  }
}

TEST(Tools, ThatSignTheTimeHaveAWindow) {
  const Tool webflow = tools()[2];
  WebForm form(webflow.config, "webflow");
  Request request =
      form.json(R"({"triggerType":"form_submission","payload":{"id":"1","data":{"email":"a@example.com"}}})");
  webflow.sign(request);
  EXPECT_EQ(send(form, request, noon_ms + 300'000).fate, Fate::read);
  EXPECT_THAT(send(form, request, noon_ms + 300'001).words, HasSubstr("older than 5 minutes"));
  EXPECT_THAT(send(form, request, noon_ms - 300'001).words, HasSubstr("from the future"));
}

TEST(Tools, HaveNoPageAndTakePostAlone) {
  for (const Tool& tool : tools()) {
    SCOPED_TRACE(tool.provider);
    WebForm form(tool.config, tool.provider);
    EXPECT_EQ(form.send(form.get("/in/" + std::string(tool.provider))).response.status, 405);
    EXPECT_EQ(form.send(form.get("/f/" + std::string(tool.provider))).verdict, LEADHUB_VERDICT_REFUSE);
  }
}

// ------------------------------------------------------------------------------------ what answers mean

Json read_wpforms(const std::string& body, Json extra = Json::object()) {
  Json config{{"provider", "wpforms"}, {"secret", "hush"}};
  config.update(extra);
  WebForm form(config, "wpforms");
  EXPECT_TRUE(form.problems().empty());
  Request request = form.json(body);
  request.query = "secret=hush";
  const Sent sent = send(form, request);
  EXPECT_EQ(sent.fate, Fate::read) << sent.words;
  return sent.events.empty() ? Json() : sent.events[0];
}

TEST(Answers, AreKnownByWhatTheirLabelsSay) {
  const Json event =
      read_wpforms(R"({"What's your E-mail address?":"ada@example.com","Please enter your phone number":"1",
      "Your name":"Ada","JOB-TITLE":"Countess","City":"London","How can we help?":"Please\r\ncall","Company name":"AE"})");
  EXPECT_EQ(event["person"],
            Json::parse(R"({"email":"ada@example.com","phone":"1","name":"Ada","company":"AE",
      "job_title":"Countess","city":"London"})"));
  EXPECT_EQ(event["message"], "Please\ncall");
  EXPECT_FALSE(event.contains("attributes"));
}

TEST(Answers, AreKnownInTheSpellingOfPrograms) {
  const Json event =
      read_wpforms(R"({"emailAddress":"ada@example.com","firstName":"Ada","last_name":"Lovelace",
      "companyName":"AE","companySize":12})");
  EXPECT_EQ(event["person"],
            Json::parse(R"({"email":"ada@example.com","first_name":"Ada","last_name":"Lovelace",
      "company":"AE"})"));
  EXPECT_EQ(event["attributes"], Json::parse(R"({"company_size":12})"));
}

TEST(Answers, OfASecondPersonAreKeptAsAttributes) {
  const Json event = read_wpforms(
      R"({"email":"ada@example.com","e-mail":"grace@example.com","Friend's mail":"alan@example.com"})");
  EXPECT_EQ(event["person"]["email"], "grace@example.com") << "the first by name; a JSON object has no order";
  EXPECT_EQ(event["attributes"],
            Json::parse(R"({"email":"ada@example.com","friend_s_mail":"alan@example.com"})"));
}

TEST(Answers, AreFoundByTheirValueWhereNoNameTells) {
  const Json event =
      read_wpforms(R"({"field_3":" ada@example.com ","field_4":"12","site":"https://a@b.example/x"})");
  EXPECT_EQ(event["person"]["email"], "ada@example.com");
  EXPECT_EQ(event["attributes"], Json::parse(R"({"field_4":"12","site":"https://a@b.example/x"})"));
}

TEST(Answers, KeepTheirTypesAndTheirTwins) {
  const Json event = read_wpforms(
      R"({"email":"a@example.com","Size":12,"size ":2.5,"SIZE!":true,"List":["a",1],"Größe":"x","big":18446744073709551615,
          "none":null,"blank":"  ","empty":[]})");
  EXPECT_EQ(nlohmann::json::parse(event["attributes"].dump()),
            nlohmann::json::parse(R"({"size":true,"size_2":12,"size_3":2.5,"list":["a","1"],"größe":"x",
                "big":"18446744073709551615"})"));
}

TEST(Answers, FollowTheConfigurationFirst) {
  const Json event =
      read_wpforms(R"({"email":"ada@example.com","boss":"grace@example.com","size":"12","tags":["a","b"]})",
                   Json::parse(R"({"event":"demo.requested","fields":{"Boss":{"to":"email"},
      "size":{"to":"attributes.company_size","type":"integer"},"tags":{"to":"attributes.topics","type":"list"}}})"));
  EXPECT_EQ(event["type"], "demo.requested");
  EXPECT_EQ(event["person"]["email"], "grace@example.com");
  EXPECT_EQ(nlohmann::json::parse(event["attributes"].dump()),
            nlohmann::json::parse(R"({"email":"ada@example.com","company_size":12,"topics":["a","b"]})"));
}

TEST(Answers, ThatDoNotFitTheConfigurationAreKeptByTheHost) {
  Json config = Json::parse(R"({"provider":"wpforms","secret":"hush","fields":{"size":{"to":"attributes.size",
      "type":"integer"},"mail":{"to":"email","required":true,"label":"E-mail"}}})");
  WebForm form(config, "wpforms");
  Request request = form.json(R"({"size":"dozens of secrets"})");
  request.query = "secret=hush";
  const Sent sent = send(form, request);
  EXPECT_EQ(sent.fate, Fate::kept);
  EXPECT_EQ(sent.words,
            "the form does not fit the configuration: \"Size\" must be a whole number; \"E-mail\" is "
            "required; mend "
            "\"fields\" and redrive it");
}

TEST(Answers, AreBounded) {
  std::string body = R"({"email":"a@example.com")";
  for (int i = 0; i < 400; ++i) body += ",\"q" + std::to_string(i) + "\":\"x\"";
  Json event = read_wpforms(body + "}");
  EXPECT_EQ(event["attributes"].size(), 200u);
  event = read_wpforms(R"({"email":"a@example.com","long":")" + std::string(5000, 'x') + R"(",")" +
                       std::string(300, 'n') + R"(":"1"})");
  EXPECT_EQ(event["attributes"]["long"].get<std::string>().size(), 4096u);
  EXPECT_TRUE(event["attributes"].contains(std::string(60, 'n')));
  WebForm form(Json{{"provider", "wpforms"}, {"secret", "hush"}}, "wpforms");
  std::string large = R"({"email":"a@example.com")";
  for (int i = 0; i < 100; ++i) large += ",\"q" + std::to_string(i) + "\":\"" + std::string(4000, 'x') + "\"";
  Request request = form.json(large + "}");
  request.query = "secret=hush";
  const Sent sent = send(form, request);
  EXPECT_EQ(sent.fate, Fate::kept);
  EXPECT_THAT(sent.words, HasSubstr("more than an event can hold"));
}

TEST(Answers, NeverTakeTheToolsServerForThePerson) {
  WebForm form(Json::parse(R"({"provider":"wpforms","secret":"hush",
      "consent":[{"field":"ok","purpose":"marketing_email","text":"Yes"}]})"),
               "wpforms");
  Request request = form.json(R"({"email":"a@example.com","ok":"Yes"})");
  request.headers.emplace_back("user-agent", "WordPress/6.4");
  request.headers.emplace_back("referer", "https://tool.example/");
  request.query = "secret=hush";
  const Sent sent = send(form, request);
  ASSERT_EQ(sent.events.size(), 1u) << sent.words;
  EXPECT_EQ(
      sent.events[0]["consent"],
      Json::parse(R"([{"purpose":"marketing_email","channel":"email","state":"granted","text":"Yes"}])"));
  EXPECT_FALSE(sent.events[0].contains("attribution"));
}

// ---------------------------------------------------------------------------------- one provider each

TEST(Typeform, KeepsEventsOfOtherTypes) {
  const Tool typeform = tools()[0];
  WebForm form(typeform.config, "typeform");
  Request request = form.json(
      R"({"event_id":"e-1","event_type":"Form Response.Partial!","contact":{"email":"ada@example.com"},"form":{"id":7}})");
  typeform.sign(request);
  const Sent sent = send(form, request);
  ASSERT_EQ(sent.events.size(), 1u) << sent.words;
  EXPECT_EQ(sent.events[0]["type"], "x.typeform.form_response.partial");
  EXPECT_EQ(sent.events[0]["key"], "e-1");
  EXPECT_EQ(sent.events[0]["person"]["email"], "ada@example.com");
}

TEST(GoogleAds, KnowsItsKeyInTheBodyAndSaysSoInItsOwnTerms) {
  WebForm form(Json{{"provider", "google_ads"}, {"key", "google-key"}}, "ads");
  const auto ask = [&](const std::string& body) { return form.send(form.json(body)); };
  EXPECT_EQ(ask("{").response.status, 400);
  EXPECT_EQ(ask("[]").response.status, 401);
  EXPECT_EQ(ask(R"({"google_key":"another"})").response.body,
            R"({"message":"google_key: the secret is not the one that the hub knows; copy it again"})");
  const Outcome test = ask(R"({"google_key":"google-key","is_test":true,"lead_id":"1"})");
  EXPECT_EQ(test.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(test.response.body, "{}");
  EXPECT_EQ(ask(R"({"google_key":"another","is_test":true})").response.status, 401);
  const Outcome lead = ask(R"({"google_key":"google-key","lead_id":"L1","is_test":false,"user_column_data":[
      {"column_id":"EMAIL","string_value":"ada@example.com"},{"column_id":"WORK_EMAIL","string_value":"ada@work.example"}]})");
  EXPECT_EQ(lead.response.body, "{}");
  EXPECT_EQ(lead.events.at(0)["person"]["email"], "ada@example.com");
  EXPECT_EQ(lead.events[0]["attributes"]["work_email"], "ada@work.example");
  EXPECT_FALSE(lead.events[0].dump().find("google-key") != std::string::npos) << "the key is nobody's answer";
}

TEST(GoogleAds, KeepsALeadWithoutColumns) {
  WebForm form(Json{{"provider", "google_ads"}, {"key", "google-key"}}, "ads");
  const Sent sent = send(form, form.json(R"({"google_key":"google-key","lead_id":"L1"})"));
  EXPECT_EQ(sent.fate, Fate::kept);
  EXPECT_THAT(sent.words, HasSubstr("user_column_data"));
}

TEST(HubspotForms, AnswersAsItsApiDoes) {
  Json config{
      {"provider", "hubspot_forms"}, {"thanks", "Thanks, Ada."}, {"origins", {"https://www.example.com"}}};
  WebForm form(config, "hs");
  const Outcome taken = form.send(form.json(R"({"fields":[{"name":"email","value":"ada@example.com"}]})"));
  EXPECT_EQ(taken.response.body, R"({"inlineMessage":"Thanks, Ada."})");
  const Outcome broken = form.send(form.json(R"({"fields":1})"));
  EXPECT_EQ(broken.response.status, 400);
  EXPECT_EQ(Json::parse(broken.response.body)["status"], "error");
  config["thank_you"] = "https://www.example.com/thanks";
  WebForm redirecting(config, "hs");
  EXPECT_EQ(redirecting.send(redirecting.json(R"({"fields":[{"name":"email","value":"a@example.com"}]})"))
                .response.body,
            R"({"redirectUri":"https://www.example.com/thanks"})");
}

TEST(HubspotForms, IsSentByListedWebsitesAlone) {
  WebForm form(Json{{"provider", "hubspot_forms"}, {"origins", {"https://www.example.com"}}}, "hs");
  Request request = form.json(R"({"fields":[{"name":"email","value":"ada@example.com"}]})");
  request.headers.emplace_back("origin", "https://evil.example");
  EXPECT_EQ(form.send(request).response.status, 403);
  request.headers.back().second = "https://www.example.com";
  const Outcome taken = form.send(request);
  EXPECT_EQ(taken.response.header("access-control-allow-origin"), "https://www.example.com");
  EXPECT_EQ(taken.events.size(), 1u);
  request.method = "OPTIONS";
  EXPECT_EQ(form.send(request).response.status, 204);
}

TEST(Segment, TakesBatchesUpToWhatTheHostTakes) {
  const Tool segment = tools()[8];
  WebForm form(segment.config, "segment");
  const auto batch = [&](int calls) {
    std::string body = R"({"batch":[)";
    for (int i = 0; i < calls; ++i)
      body += std::string(i == 0 ? "" : ",") + R"({"type":"page","anonymousId":"a","messageId":"m)" +
              std::to_string(i) + "\"}";
    Request request = form.json(body + "]}");
    segment.sign(request);
    return send(form, request);
  };
  const Sent sent = batch(1000);
  ASSERT_EQ(sent.events.size(), 1000u) << sent.words;
  EXPECT_EQ(sent.events[999]["key"], "m999");
  const Sent huge = batch(1001);
  EXPECT_EQ(huge.fate, Fate::kept);
  EXPECT_THAT(huge.words, HasSubstr("more than 1000 calls"));
}

TEST(Segment, LosesNoBatchToOneLongValue) {
  const Tool segment = tools()[8];
  WebForm form(segment.config, "segment");
  Request request =
      form.json(R"({"batch":[{"type":"page","userId":"1","context":{"locale":")" + std::string(5000, 'x') +
                R"(","page":{"url":"https://a.example/\u0001"}}},{"type":"page","userId":"2"}]})");
  segment.sign(request);
  const Sent sent = send(form, request);
  ASSERT_EQ(sent.events.size(), 2u) << sent.words;
  EXPECT_FALSE(sent.events[0]["person"].contains("language"));
  EXPECT_EQ(sent.events[0]["attribution"]["landing_page"], "https://a.example/");
}

TEST(Segment, KnowsCallsWithoutAType) {
  const Tool segment = tools()[8];
  WebForm form(segment.config, "segment");
  const auto type = [&](const std::string& body) {
    Request request = form.json(body);
    segment.sign(request);
    const Sent sent = send(form, request);
    return sent.events.empty() ? sent.words : sent.events[0]["type"].get<std::string>();
  };
  EXPECT_EQ(type(R"({"userId":"1","traits":{}})"), "x.segment.identify");
  EXPECT_EQ(type(R"({"userId":"1","event":"Signed Up"})"), "account.registered");
  EXPECT_EQ(type(R"({"userId":"1","groupId":"g","traits":{"name":"AE"}})"), "x.segment.group");
  EXPECT_EQ(type(R"({"userId":"1","previousId":"0"})"), "x.segment.alias");
  EXPECT_EQ(type(R"({"userId":"1","name":"Home"})"), "page.viewed");
  EXPECT_EQ(type(R"({"userId":"1","type":"track","event":""})"), "x.segment.unknown");
}

TEST(CloudEvents, AreTakenFromWhoeverAsksFirst) {
  WebForm form(Json{{"provider", "cloudevents"}}, "ce");
  Request request = form.json("");
  request.method = "OPTIONS";
  EXPECT_EQ(form.send(request).response.status, 400);
  request.headers.emplace_back("webhook-request-origin", "eventemitter.example.com");
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.header("webhook-allowed-origin"), "eventemitter.example.com");
  request.headers.back().second = "evil example";
  EXPECT_EQ(form.send(request).response.status, 400);
}

TEST(CloudEvents, NeedWhatTheSpecificationDemands) {
  WebForm form(Json{{"provider", "cloudevents"}}, "ce");
  const auto sent_as = [&](const std::string& body, const char* type) {
    Request request = form.json(body);
    request.headers[0].second = type;
    return send(form, request);
  };
  constexpr const char* structured = "application/cloudevents+json";
  EXPECT_THAT(sent_as(R"({"specversion":"1.0","id":"1","source":"/a"})", structured).words,
              HasSubstr("type"));
  EXPECT_THAT(sent_as(R"({"specversion":"0.3","id":"1","source":"/a","type":"b"})", structured).words,
              HasSubstr("another version"));
  EXPECT_EQ(sent_as("{}", "application/json").fate, Fate::refused) << "no headers ce-*, and anybody may send";
  const Sent own = sent_as(
      R"({"specversion":"1.0","id":"1","source":"/a","type":"demo.requested","data":{"email":"a@example.com"}})",
      structured);
  EXPECT_EQ(own.events.at(0)["type"], "demo.requested");
  const Sent encoded = sent_as(
      R"({"specversion":"1.0","id":"1","source":"/a","type":"b","data_base64":"eyJlbWFpbCI6ImFAZXhhbXBsZS5jb20ifQ=="})",
      structured);
  EXPECT_EQ(encoded.events.at(0)["person"]["email"], "a@example.com");
  const Sent text = sent_as(
      R"({"specversion":"1.0","id":"1","source":"/a","type":"b","subject":"s","data":"Hello"})", structured);
  EXPECT_EQ(text.events.at(0)["message"], "Hello");
  const Sent bytes = sent_as(
      R"({"specversion":"1.0","id":"1","source":"/a","type":"b","datacontenttype":"image/png","data_base64":"iVBORw=="})",
      structured);
  EXPECT_EQ(bytes.events.at(0)["attachments"][0]["content_type"], "image/png");
}

TEST(CloudEvents, HaveALongKeyHashed) {
  WebForm form(Json{{"provider", "cloudevents"}}, "ce");
  Request request =
      form.json(R"({"specversion":"1.0","id":"1","type":"b","source":"/)" + std::string(600, 'a') + "\"}");
  request.headers[0].second = "application/cloudevents+json";
  const Sent sent = send(form, request);
  EXPECT_THAT(sent.events.at(0)["key"].get<std::string>(),
              ::testing::MatchesRegex("sha256-[A-Za-z0-9_-]{43}"));
}

TEST(Events, ThatAreMappedMustBeOfAKnownType) {
  const WebForm form(Json{{"provider", "segment"}, {"secret", "hush"}, {"events", {{"A/B", "demo.request"}}}},
                     "s");
  ASSERT_EQ(form.problems().size(), 1u);
  EXPECT_EQ(form.problems()[0].pointer, "/events/A~1B");
  EXPECT_THAT(form.problems()[0].message, HasSubstr("did you mean \"demo.requested\"?"));
}

}  // namespace
}  // namespace leadhub::webform
