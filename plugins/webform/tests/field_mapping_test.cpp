#include <gmock/gmock.h>

#include "limits.hpp"
#include "web_form.hpp"

/// What becomes of values, seen through the HTML provider.
namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::Outcome;
using testing::WebForm;

Json config_with(Json fields) {
  return Json{{"provider", "html"}, {"event", "form.submitted"}, {"fields", std::move(fields)}};
}

/// Sends `body` to a form with those fields.
Outcome send(Json fields, const std::string& body, const std::string& accept = "application/json") {
  WebForm form(config_with(std::move(fields)));
  auto request = form.form(body);
  request.headers.emplace_back("accept", accept);
  return form.send(request);
}

Json typed(const char* type) {
  return {{"v", {{"to", "attributes.v"}, {"type", type}}}};
}

std::string complaint(Json fields, const std::string& body) {
  const Outcome outcome = send(std::move(fields), body);
  EXPECT_EQ(outcome.response.status, 422) << body;
  EXPECT_TRUE(outcome.events.empty());
  const Json errors = Json::parse(outcome.response.body)["errors"];
  return errors[0]["field"].get<std::string>() + ": " + errors[0]["message"].get<std::string>();
}

TEST(FieldMapping, FillsEveryPartOfALead) {
  const Outcome outcome = send({{"a", {{"to", "email"}}},
                                {"b", {{"to", "first_name"}}},
                                {"c", {{"to", "last_name"}}},
                                {"d", {{"to", "job_title"}}},
                                {"e", {{"to", "country"}}},
                                {"f", {{"to", "city"}}},
                                {"g", {{"to", "language"}}},
                                {"h", {{"to", "timezone"}}},
                                {"i", {{"to", "external_ids.hubspot"}}},
                                {"j", {{"to", "attribution.utm_source"}}},
                                {"k", {{"to", "value"}}},
                                {"l", {{"to", "currency"}}},
                                {"m", {{"to", "message"}}}},
                               "a=1%40x&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11.5&l=eur&m=13");
  ASSERT_EQ(outcome.events.size(), 1u);
  EXPECT_EQ(outcome.events[0], Json::parse(R"({"type":"form.submitted","value":11.5,"currency":"EUR",
    "person":{"email":"1@x","first_name":"2","last_name":"3","job_title":"4","country":"5","city":"6","language":"7",
    "timezone":"8","external_ids":{"hubspot":"9"}},"attribution":{"utm_source":"10"},"message":"13"})"));
}

TEST(FieldMapping, KeepsTypes) {
  const auto value = [](const char* type, const std::string& text) {
    const Outcome outcome = send(typed(type), "v=" + text);
    return outcome.events.empty() ? Json() : outcome.events[0]["attributes"]["v"];
  };
  EXPECT_EQ(value("integer", "42"), 42);
  EXPECT_EQ(value("integer", "-7"), -7);
  EXPECT_EQ(value("integer", "%2B7"), 7);
  EXPECT_EQ(value("number", "0.5"), 0.5);
  EXPECT_EQ(value("boolean", "on"), true);
  EXPECT_EQ(value("boolean", "No"), false);
  EXPECT_EQ(value("date", "2024-02-29"), "2024-02-29");
  EXPECT_EQ(value("text", "+x+"), "x");
  EXPECT_EQ(value("list", "a&v=b&v=&v[]=c"), Json::parse(R"(["a","b","c"])"));
}

TEST(FieldMapping, NamesTheFieldWhoseValueIsNotOfItsType) {
  for (const char* text : {"12.5", "many", "1e999", "9999999999999999999", "0x10", "%2B-1", "1_000"})
    EXPECT_EQ(complaint(typed("integer"), std::string("v=") + text), "v: must be a whole number");
  for (const char* text : {"nan", "inf", "1e999", "1,5", "0x1p3"})
    EXPECT_EQ(complaint(typed("number"), std::string("v=") + text), "v: must be a number");
  EXPECT_EQ(complaint(typed("boolean"), "v=maybe"), "v: must be yes or no");
  for (const char* text :
       {"2023-02-29", "29.02.2024", "2024-13-01", "2024-1-01", "20240-1-1", "2024-01-%2B1"})
    EXPECT_EQ(complaint(typed("date"), std::string("v=") + text), "v: must be a date such as 2026-01-31");
  EXPECT_EQ(complaint({{"v", {{"to", "currency"}}}}, "v=EURO"), "v: must be a currency code such as EUR");
  EXPECT_EQ(complaint({{"v", {{"to", "value"}}}}, "v=lots"), "v: must be a number");
  EXPECT_EQ(complaint({{"v", {{"to", "attributes.v"}, {"options", {"a", "b"}}}}}, "v=c"),
            "v: must be one of the choices offered");
}

TEST(FieldMapping, TakesTheLastOfRepeatedValuesThatSaysSomething) {
  EXPECT_EQ(send({{"v", {{"to", "city"}}}}, "v=first&v=last&v=++").events[0]["person"]["city"], "last");
}

TEST(FieldMapping, BoundsValues) {
  const std::string fits(limits::field_bytes_max, 'x');
  EXPECT_EQ(send({{"v", {{"to", "city"}}}}, "v=" + fits).response.status, 200);
  EXPECT_EQ(complaint({{"v", {{"to", "city"}}}}, "v=" + fits + "x"),
            "v: is too long: 4097 bytes, at most 4096");
  EXPECT_EQ(complaint({{"v", {{"to", "message"}}}}, "v=" + std::string(10'000'000, 'x')),
            "v: is too long: 10000000 bytes, at most 65536");
  std::string list;
  for (int i = 0; i < 101; ++i) list += "v=x&";
  EXPECT_THAT(complaint(typed("list"), list), HasSubstr("too many values"));
}

TEST(FieldMapping, BoundsTheWholeEvent) {
  Json fields;
  std::string body;
  for (int i = 0; i < 80; ++i) {
    fields["f" + std::to_string(i)] = {{"to", "attributes.a" + std::to_string(i)}};
    body += "f" + std::to_string(i) + "=" + std::string(4000, 'x') + "&";
  }
  EXPECT_EQ(complaint(fields, body), ": is too large");
}

TEST(FieldMapping, DropsHeadersThatAreTooLongOnceTheyAreUtf8) {
  WebForm form(config_with({{"v", {{"to", "city"}}}}));
  auto request = form.form("v=London");
  request.headers.emplace_back("referer", "https://a.example/" + std::string(2000, '\xFF'));
  EXPECT_FALSE(form.send(request).events.at(0).contains("attribution"));
}

TEST(FieldMapping, DropsWhatIsNotMapped) {
  const Outcome outcome = send({{"v", {{"to", "city"}}}}, "v=London&password=secret&v2=x");
  EXPECT_EQ(outcome.events[0], Json::parse(R"({"type":"form.submitted","person":{"city":"London"}})"));
}

TEST(FieldMapping, KeepsAttributionFromHiddenInputs) {
  const Outcome outcome =
      send({{"v", {{"to", "city"}}}},
           "v=x&utm_source=google&utm_medium=cpc&gclid=Cj0&landing_page=https%3A%2F%2Fa.example%2F"
           "&referrer=https%3A%2F%2Fsearch.example&utm_evil=1");
  EXPECT_EQ(outcome.events[0]["attribution"],
            Json::parse(R"({"utm_source":"google","utm_medium":"cpc","gclid":"Cj0",
                            "referrer":"https://search.example","landing_page":"https://a.example/"})"));
}

TEST(FieldMapping, TakesControlCharactersOutOfLines) {
  const Outcome outcome = send({{"v", {{"to", "name"}}}}, "v=Ada%0D%0ABcc:+x%40example.com%00");
  EXPECT_EQ(outcome.events[0]["person"]["name"], "Ada  Bcc: x@example.com");
}

TEST(FieldMapping, RefusesAnEmptyForm) {
  EXPECT_EQ(complaint({{"v", {{"to", "city"}}}}, ""), ": is empty");
  EXPECT_EQ(complaint({{"v", {{"to", "city"}}}}, "v=&other=x"), ": is empty");
}

TEST(FieldMapping, LetsThePersonMendAnAddressThatIsNone) {
  const Json fields{{"mail", {{"to", "email"}}}};
  for (const char* address :
       {"nonsense", "@", "a@", "@b.example", "a@b@c.example", "a%20b@c.example", "a@b..c", "a@-b.c", "a@b-.c",
        "a@b.c.", "a,b@c.example", "%22a%22@c.example", "Ada+%3Ca@b.example%3E"})
    EXPECT_EQ(complaint(fields, std::string("mail=") + address),
              "mail: must be an e-mail address such as name@example.com")
        << address;
  const std::string longest(63, 'b');
  for (const std::string& address :
       {std::string("a@b"), std::string("a.b%2Bc@d-e.example"), std::string("+a@b.example+"),
        "a@" + longest + ".c", std::string("%D0%B8%D0%B2%D0%B0%D0%BD@%D0%BF%D1%80.%D1%80%D1%84"),
        std::string("o'neil!@x.example")})
    EXPECT_EQ(send(fields, "mail=" + address).events.size(), 1u) << address;
  EXPECT_EQ(send({{"mail", {{"to", "email"}}}, {"v", {{"to", "city"}}}}, "mail=+&v=x").events.size(), 1u)
      << "an optional one may stay empty";
}

TEST(FieldMapping, LetsThePersonMendANumberWithoutDigits) {
  const Json fields{{"tel", {{"to", "phone"}}}};
  EXPECT_EQ(complaint(fields, "tel=none"), "tel: must be a phone number");
  EXPECT_EQ(complaint(fields, "tel=%2B()"), "tel: must be a phone number");
  EXPECT_EQ(send(fields, "tel=call+7").events.size(), 1u) << "what it is, the host decides";
  EXPECT_EQ(send(fields, "tel=%D9%A1%D9%A2%D9%A3").events.size(), 1u);
}

TEST(FieldMapping, TakesFromAMachineWhatNobodyIsThereToMend) {
  Json config = config_with({{"mail", {{"to", "email"}}}});
  config["provider"] = "json";
  WebForm form(config);
  EXPECT_EQ(form.send(form.json(R"({"mail":"nonsense"})")).events.size(), 1u);
}

}  // namespace
}  // namespace leadhub::webform
