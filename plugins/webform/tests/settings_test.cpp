#include "settings.hpp"

#include <gmock/gmock.h>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::website;

/// The only problem of a configuration, as "pointer: message".
std::string problem(const Json& config) {
  const auto problems = read_settings(config.dump()).problems;
  if (problems.size() != 1) return std::to_string(problems.size()) + " problems";
  return problems[0].pointer + ": " + problems[0].message;
}

Json with(const char* pointer, Json value) {
  Json config = website();
  config[Json::json_pointer(pointer)] = std::move(value);
  return config;
}

TEST(Settings, OfTheExampleAreGood) {
  const auto [settings, problems] = read_settings(website().dump());
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(settings.fields.size(), 6u);
  EXPECT_EQ(settings.fields[0].name, "your-email") << "the order is the configuration's";
  EXPECT_EQ(settings.fields[3].label, "Company");
  EXPECT_EQ(settings.fields[4].label, "Size");
  EXPECT_EQ(settings.fill_ms_min, 2000);
  EXPECT_EQ(settings.per_address->count, 10);
}

TEST(Settings, NameAFieldThatIsMappedTwice) {
  EXPECT_EQ(problem(with("/fields/mail", {{"to", "email"}})),
            "/fields/mail/to: \"email\" is already filled by the field \"your-email\"; map each part of a "
            "lead once");
}

TEST(Settings, SuggestTheTargetThatWasMeant) {
  EXPECT_EQ(problem(with("/fields/tel/to", "phnoe")),
            "/fields/tel/to: \"phnoe\" is no part of a lead; did you mean \"phone\"?");
  EXPECT_THAT(problem(with("/fields/tel/to", "attribute.plan")),
              HasSubstr("did you mean \"attributes.plan\"?"));
  EXPECT_THAT(problem(with("/fields/tel/to", "attribution.utm_sorce")),
              HasSubstr("did you mean \"attribution.utm_source\"?"));
  EXPECT_THAT(problem(with("/fields/tel/to", "shoe_size_in_cm")),
              HasSubstr("write \"attributes.shoe_size_in_cm\""));
  EXPECT_THAT(problem(with("/fields/tel/to", "attributes.")), HasSubstr("a name has letters"));
}

TEST(Settings, PointToTheFieldEvenWhereItsNameHasSlashes) {
  EXPECT_THAT(problem(with("/fields/a~1b~0c", {{"to", "nothing.at"}})), HasSubstr("/fields/a~1b~0c/to: "));
}

TEST(Settings, RefuseNamesThatAreUsedTwice) {
  EXPECT_THAT(problem(with("/spam/honeypot", "tel")),
              HasSubstr("/spam/honeypot: the form's \"tel\" is used already"));
  EXPECT_THAT(problem(with("/consent/0/field", "tel[]")), HasSubstr("/consent/0/field: "));
  EXPECT_THAT(problem(with("/fields/_leadhub_token", {{"to", "city"}})), HasSubstr("is the hub's own"));
}

TEST(Settings, RefuseTypesWhereTheLeadHasItsOwn) {
  EXPECT_THAT(problem(with("/fields/tel/type", "integer")),
              HasSubstr("/fields/tel/type: only attributes have types"));
  EXPECT_THAT(problem(with("/fields/price", {{"to", "value"}, {"type", "date"}})),
              HasSubstr("value is a number"));
}

TEST(Settings, RefuseAnEventThatIsNone) {
  EXPECT_THAT(problem(with("/event", "form.submited")),
              HasSubstr("/event: \"form.submited\" is no event type; did you "
                        "mean \"form.submitted\"?"));
  EXPECT_EQ(problem(with("/event", "x.acme.fair_visited")), "0 problems");
}

TEST(Settings, RefuseThankYouPagesThatAreNoWholeUrl) {
  for (const char* url :
       {"/thanks", "//evil.example", "javascript:alert(1)", "https://a.example/\r\nSet-Cookie: x",
        "https://a.example/ x", "https:\\\\a.example", "https://"})
    EXPECT_THAT(problem(with("/thank_you", url)), HasSubstr("/thank_you: ")) << url;
}

TEST(Settings, RefuseOriginsAndRatesThatAreNone) {
  EXPECT_THAT(problem(with("/origins/1", "https://www.example.com/contact")), HasSubstr("/origins/1: "));
  EXPECT_THAT(problem(with("/spam/per_address", "10/min")),
              HasSubstr("/spam/per_address: \"10/min\" is no rate"));
}

TEST(Settings, NeedAField) {
  Json config = website();
  config.erase("fields");
  EXPECT_THAT(problem(config), HasSubstr("/fields: no field is mapped"));
  EXPECT_THAT(read_settings("not json").problems.at(0).message, HasSubstr("not an object"));
}

TEST(Settings, AreOfAProviderThatThereIs) {
  EXPECT_EQ(problem(Json{{"provider", "meta_lead_ads"}, {"secret", {{"$secret", "/secret"}}}}), "0 problems");
  EXPECT_THAT(problem(Json{{"provider", "carrier_pigeon"}}), HasSubstr("/provider: there is no provider"));
}

}  // namespace
}  // namespace leadhub::webform
