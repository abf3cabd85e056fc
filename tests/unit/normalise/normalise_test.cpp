#include "normalise/normalise.hpp"

#include <gmock/gmock.h>

namespace leadhub::normalise {
namespace {

using lead::ContactKind;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint received{std::chrono::milliseconds{1'767'614'400'000}};  // 2026-01-05T12:00:00Z

Result<lead::NormalisedEvent> normalised(std::string_view json, const std::string& default_country = "") {
  return normalise({{17, 2}, "website", received, json}, {default_country});
}

TEST(Normalise, BringsAWholeEventIntoForm) {
  const auto event = normalised(R"({"type":"form.submitted","key":"k","occurred_at":"2026-01-05T11:00:00Z",
    "person":{"email":" Ada@Example.com ","phone":"020 7946 0958","first_name":" Ada ","last_name":"Lovelace\u0007",
      "company":"Engines\u202e  Ltd","country":"united kingdom","city":" London","external_ids":{"crm":" 7 ","x":" "}},
    "anonymous_id":"v1","message":" one\r\ntwo ","attributes":{"a":"  x ","l":[" y "],"n":1},
    "attribution":{"landing_page":"https://e.com/?utm_source=news"},
    "consent":[{"purpose":"p","state":"granted","text":"  exactly \r\n this "}]})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->reference, (lead::EventReference{17, 2}));
  EXPECT_EQ(event->channel, "website");
  EXPECT_EQ(format_rfc3339(event->occurred_at), "2026-01-05T11:00:00.000Z");
  const auto& person = event->event.person;
  EXPECT_EQ(person.name, "Ada Lovelace");
  EXPECT_EQ(person.first_name, "Ada");
  EXPECT_EQ(person.company, "Engines Ltd");
  EXPECT_EQ(person.country, "GB");
  EXPECT_EQ(person.city, "London");
  EXPECT_EQ(event->event.message, "one\ntwo");
  EXPECT_EQ(event->event.attributes[0].second, lead::AttributeValue{"x"});
  EXPECT_EQ(event->event.attributes[1].second, lead::AttributeValue{std::vector<std::string>{"y"}});
  EXPECT_EQ(event->event.attribution.back(), (lead::NamedText{"utm_source", "news"}));
  EXPECT_EQ(event->event.consent[0].text, "  exactly \r\n this ") << "what was agreed to is never touched";
  std::vector<std::string> contacts;
  for (const auto& contact : event->contacts) contacts.push_back(contact.canonical + "|" + contact.as_given);
  EXPECT_THAT(contacts, testing::ElementsAre("ada@example.com|Ada@Example.com", "+442079460958|020 7946 0958",
                                             "crm:7|7", "v1|v1"));
}

TEST(Normalise, TakesTheCountryForThePhoneAndThePhoneForTheCountry) {
  const auto by_default = normalised(R"({"type":"form.submitted","person":{"phone":"030 123456"}})", "DE");
  ASSERT_TRUE(by_default);
  EXPECT_EQ(by_default->contacts[0].canonical, "+4930123456");
  EXPECT_EQ(by_default->event.person.country, "");
  EXPECT_EQ(by_default->derived.country, "DE") << "follows, was not given";
  EXPECT_EQ(by_default->derived.time_zone, "Europe/Berlin");
  const auto given =
      normalised(R"({"type":"form.submitted","person":{"phone":"+4930123456","country":"France"}})");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->event.person.country, "FR") << "the given one counts";
  EXPECT_EQ(given->derived.country, "");
  EXPECT_EQ(given->derived.time_zone, "Europe/Paris");
  const auto unknown =
      normalised(R"({"type":"form.submitted","person":{"email":"a@b.example","country":"Atlantis"}})");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->event.person.country, "");
}

TEST(Normalise, ReadsANumberByTheLeadsCountryThenTheChannelsThenTheHubs) {
  const Options options{"DE", {{"website", "GB"}}};
  const auto number = [&](const std::string& channel, const std::string& country) {
    const auto event = normalise(
        {{17, 2},
         channel,
         received,
         R"({"type":"form.submitted","person":{"phone":"0201 123456","country":")" + country + R"("}})"},
        options);
    return event ? event->contacts[0].canonical : event.error().message;
  };
  EXPECT_EQ(number("website", "Austria"), "+43201123456");
  EXPECT_EQ(number("website", ""), "+44201123456");
  EXPECT_EQ(number("other", ""), "+49201123456");
}

TEST(Normalise, SaysWhatItThinksOfEachContactPoint) {
  const auto event =
      normalised(R"({"type":"form.submitted","person":{"email":"ada@site.test","phone":"+442079460958"}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->contacts[0].verdict, lead::Verdict::invalid);
  EXPECT_EQ(event->contacts[0].reason, "special_use_domain");
  EXPECT_EQ(event->contacts[1].verdict, lead::Verdict::valid);
  EXPECT_EQ(event->contacts[1].reason, "ok");
}

TEST(Normalise, DerivesThePartsOfANameThatWereNotGiven) {
  const auto parts = [](const std::string& person) {
    const auto event =
        normalised(R"({"type":"form.submitted","anonymous_id":"v","person":{)" + person + "}}");
    return event ? event->event.person.name + "|" + event->derived.first_name + "|" + event->derived.last_name
                 : event.error().message;
  };
  EXPECT_EQ(parts(R"("name":"Dr. Ada King Lovelace")"), "Dr. Ada King Lovelace|Ada King|Lovelace");
  EXPECT_EQ(parts(R"("name":"Ada King Lovelace","first_name":"Ada")"), "Ada King Lovelace||Lovelace");
  EXPECT_EQ(parts(R"("first_name":"Ada","last_name":"Lovelace")"), "Ada Lovelace||");
  EXPECT_EQ(parts(R"("first_name":"Ada")"), "||");
}

TEST(Normalise, KeepsALanguageAndATimeZoneOnlyWhereThereIsSuchAOne) {
  const auto event = normalised(
      R"({"type":"form.submitted","anonymous_id":"v","person":{"language":"de_DE","timezone":" Europe/London "}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->event.person.language, "de-DE");
  EXPECT_EQ(event->event.person.time_zone, "Europe/London");
  const auto nonsense = normalised(
      R"({"type":"form.submitted","anonymous_id":"v","person":{"language":"yes","timezone":"here","company":"n/a"}})");
  ASSERT_TRUE(nonsense) << nonsense.error().message;
  EXPECT_EQ(nonsense->event.person.language, "");
  EXPECT_EQ(nonsense->event.person.time_zone, "");
  EXPECT_EQ(nonsense->event.person.company, "");
}

TEST(Normalise, NeverHappensAfterItWasReceived) {
  const auto future =
      normalised(R"({"type":"page.viewed","anonymous_id":"v","occurred_at":"2027-01-01T00:00:00Z"})");
  ASSERT_TRUE(future);
  EXPECT_EQ(future->occurred_at, received);
  const auto missing = normalised(R"({"type":"page.viewed","anonymous_id":"v"})");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->occurred_at, received);
}

TEST(Normalise, LeavesOutAContactThatCannotBeRead) {
  const auto event =
      normalised(R"({"type":"form.submitted","person":{"email":"no address","phone":"+442079460958"}})");
  ASSERT_TRUE(event) << event.error().message;
  ASSERT_EQ(event->contacts.size(), 1U);
  EXPECT_EQ(event->contacts[0].kind, ContactKind::phone);
}

TEST(Normalise, RefusesAnEventThatNamesNobody) {
  const auto event =
      normalised(R"({"type":"form.submitted","person":{"email":"secret lovelace","phone":"12345678901"}})");
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::invalid);
  EXPECT_THAT(event.error().message, HasSubstr("names nobody"));
  EXPECT_THAT(event.error().message, HasSubstr("around an @"));
  EXPECT_THAT(event.error().message, HasSubstr("without a country"));
  EXPECT_THAT(event.error().message, Not(HasSubstr("lovelace")));
  EXPECT_THAT(event.error().message, Not(HasSubstr("1234")));
  EXPECT_FALSE(normalised(R"({"type":"form.submitted"})"));
  EXPECT_FALSE(normalised(R"({"type":"nonsense","anonymous_id":"v"})"));
}

TEST(Normalise, KeepsTheDocumentWithoutAttachments) {
  const auto event = normalised(
      R"({"type":"form.submitted","anonymous_id":"v","attachments":[{"name":"a","content":"aGVsbG8="}]})");
  ASSERT_TRUE(event);
  EXPECT_THAT(event->document, Not(HasSubstr("aGVsbG8=")));
  EXPECT_EQ(event->event.attachments[0].content, "aGVsbG8=");
  EXPECT_TRUE(normalised(event->document)) << "what the timeline keeps can be folded again";
}

TEST(Normalise, LeavesTheNameToTheLeadWhereOnlyAPartIsGiven) {
  const auto event =
      normalised(R"({"type":"form.submitted","person":{"email":"a@b.example","first_name":"Ada"}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->event.person.name, "");
}

TEST(Normalise, GivesEachSystemAndIdAFormOfItsOwn) {
  const auto canonical = [](const std::string& system, const std::string& id) {
    const auto event = normalised(R"({"type":"form.submitted","person":{"external_ids":{")" + system +
                                  R"(":")" + id + R"("}}})");
    EXPECT_TRUE(event) << event.error().message;
    return event ? event->contacts.at(0).canonical : "";
  };
  EXPECT_EQ(canonical("crm", "7:8"), "crm:7:8") << "as ever";
  EXPECT_EQ(canonical("a:b", "c"), ":3:a:b:c");
  EXPECT_EQ(canonical("a", "b:c"), "a:b:c");
  EXPECT_NE(canonical("a:b", "c:d"), canonical("a:b:c", "d"));
}

}  // namespace
}  // namespace leadhub::normalise
