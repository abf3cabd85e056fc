#include "mail_event.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "vendor_words.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EnhancedStatus, IsFoundInWhatServersSay) {
  EXPECT_EQ(enhanced_status_in("5.1.1"), "5.1.1");
  EXPECT_EQ(enhanced_status_in("550 5.1.1 no such user"), "5.1.1");
  EXPECT_EQ(enhanced_status_in("550-5.7.26 refused"), "5.7.26");
  EXPECT_EQ(enhanced_status_in("smtp; 452 4.2.2 full"), "4.2.2");
  EXPECT_EQ(enhanced_status_in("see 192.5.1.1, then (5.4.4)"), "5.4.4");
  for (const char* none :
       {"", "550 no such user", "5.1", "5.1.1.1", "6.1.1", "5.1234.1", "v5.1.1", "5..1", "5.1."})
    EXPECT_EQ(enhanced_status_in(none), "") << none;
}

TEST(EnhancedStatus, SaysHowAMailBounced) {
  using Bounce = sdk::Signal::Bounce;
  EXPECT_EQ(bounce_of_status("5.1.1"), Bounce::hard);
  EXPECT_EQ(bounce_of_status("4.2.2"), Bounce::soft);
  EXPECT_EQ(bounce_of_status("5.7.1"), Bounce::block);
  EXPECT_EQ(bounce_of_status("4.7.0"), Bounce::block);
  EXPECT_EQ(bounce_of_status(""), Bounce::none);
}

TEST(Times, AreReadAsTheServicesWriteThem) {
  const json object =
      json::parse(R"({"s": 1767614400, "ms": 1767614400250, "f": 1767614400.25, "t": "1767614400",
    "no": "noon", "minus": -1, "zero": 0, "much": 1e300, "list": [1], "null": null})");
  EXPECT_EQ(time_at(object, "s"), "2026-01-05T12:00:00Z");
  EXPECT_EQ(time_at(object, "f"), "2026-01-05T12:00:00.250Z");
  EXPECT_EQ(time_at(object, "t"), "2026-01-05T12:00:00Z");
  EXPECT_EQ(time_at(object, "ms"), "2026-01-05T12:00:00.250Z");
  for (const char* none : {"no", "minus", "zero", "much", "list", "null", "absent"})
    EXPECT_EQ(time_at(object, none), "") << none;
  EXPECT_EQ(webform::point_in_time("2009-03-26 21:35:57"), "2009-03-26T21:35:57Z");
  EXPECT_EQ(webform::point_in_time("2014-08-01T13:28:10.2735393-04:00"), "2014-08-01T17:28:10.273Z");
  EXPECT_EQ(webform::point_in_time("2023-02-22T23:41:11.894719+00:00"), "2023-02-22T23:41:11.894Z");
  for (const char* none : {"", "yesterday", "2026-13-01 00:00:00", "2026-01-05"})
    EXPECT_EQ(webform::point_in_time(none), "") << none;
}

TEST(Addresses, AreOneOrMany) {
  const json object = json::parse(R"({"one": " ada@example.com ", "named": "Ada <ada@example.com>",
    "many": ["a@x.example", 7, "", "B <b@x.example>"], "none": 7})");
  EXPECT_THAT(addresses_at(object, "one"), ElementsAre("ada@example.com"));
  EXPECT_THAT(addresses_at(object, "named"), ElementsAre("ada@example.com"));
  EXPECT_THAT(addresses_at(object, "many"), ElementsAre("a@x.example", "b@x.example"));
  EXPECT_THAT(addresses_at(object, "none"), IsEmpty());
  EXPECT_THAT(addresses_at(object, "absent"), IsEmpty());
}

TEST(Attributes, AreKeptWhereTheyFit) {
  sdk::LeadEvent event;
  keep_attributes(
      event,
      json::parse(R"({"Flag": true, "n": 3, "big": 18446744073709551615, "d": 0.5, "t": "x", "empty": "",
    "null": null, "list": ["a", "b"], "mixed": ["a", 1], "object": {}, "told": 1, "with space": "y"})"),
      "v_", {"told"});
  EXPECT_EQ(
      event.to_json(),
      R"({"type":"","attributes":{"v_big":"18446744073709551615","v_d":0.5,"v_flag":true,"v_list":["a","b"],)"
      R"("v_n":3,"v_t":"x","v_with_space":"y"}})");
}

TEST(Attributes, AreBounded) {
  sdk::LeadEvent event;
  json many = json::object();
  for (int i = 0; i < 500; ++i) many["name" + std::to_string(i)] = i;
  keep_attributes(event, many, "v_", {});
  EXPECT_EQ(event.attributes.size(), 100U);
  sdk::LeadEvent other;
  keep_attribute(other, std::string(300, 'n'), "x");
  EXPECT_EQ(other.attributes.begin()->first.size(), 64U);
}

TEST(Kinds, HaveTheirTypeAndConsent) {
  NewsletterSettings settings;
  settings.purpose = "engine_mail";
  settings.text = "Yes.";
  const auto json_of = [&](What what) { return make_event(what, settings, "acme", "Odd name!").to_json(); };
  EXPECT_EQ(
      json_of(What::subscribed),
      R"({"type":"newsletter.subscribed","consent":[{"purpose":"engine_mail","channel":"email","state":"granted","text":"Yes."}]})");
  EXPECT_EQ(
      json_of(What::unsubscribed),
      R"({"type":"newsletter.unsubscribed","consent":[{"purpose":"engine_mail","channel":"email","state":"withdrawn"}]})");
  EXPECT_EQ(
      json_of(What::mail_declined),
      R"({"type":"email.unsubscribed","consent":[{"purpose":"engine_mail","channel":"email","state":"withdrawn"}]})");
  EXPECT_EQ(json_of(What::profile_changed), R"({"type":"x.acme.profile"})");
  EXPECT_EQ(json_of(What::complained), R"({"type":"email.complained"})");
  EXPECT_EQ(json_of(What::other), R"({"type":"x.acme.odd_name"})");
  EXPECT_EQ(make_event(What::other, settings, "acme", "").type, "x.acme.unknown");
  EXPECT_EQ(make_event(What::other, settings, "acme", std::string(500, 'a')).type.size(), 7U + 80U);
}

}  // namespace
}  // namespace leadhub::newsletter
