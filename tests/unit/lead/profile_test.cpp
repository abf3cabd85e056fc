#include "lead/profile.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "lead/lead_json.hpp"
#include "ops/crypto.hpp"

namespace leadhub::lead {
namespace {

NormalisedEvent event_at(std::int64_t seq, std::int64_t occurred) {
  NormalisedEvent event;
  event.reference = {seq, 0};
  event.channel = "website";
  event.occurred_at = from_milliseconds(occurred);
  event.received_at = from_milliseconds(occurred + 10);
  event.event.type = "form.submitted";
  return event;
}

/// Few values and few times, so that events meet often.
rc::Gen<std::vector<NormalisedEvent>> some_events() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::tuple<int, int, int, int, int>>>(
          rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange(0, 4), rc::gen::inRange(0, 4),
                         rc::gen::inRange(0, 4), rc::gen::inRange(0, 4))),
      [](const std::vector<std::tuple<int, int, int, int, int>>& plans) {
        std::vector<NormalisedEvent> events;
        const auto text = [](int n) { return n == 0 ? std::string{} : "v" + std::to_string(n); };
        for (const auto& [time, name, city, attribute, contact] : plans) {
          auto event = event_at(static_cast<std::int64_t>(events.size()) + 1, 1'000 + time);
          event.event.person.name = text(name);
          event.event.person.city = text(city);
          event.event.person.first_name = text(attribute / 2);
          event.event.person.last_name = text(contact / 2);
          event.event.attributes = {{"size", text(attribute)}, {"list", std::vector<std::string>{}}};
          const auto point = "c" + std::to_string(contact / 2);
          const auto kind = contact % 2 == 0 ? ContactKind::email : ContactKind::phone;
          event.contacts = {{kind, point, point + " as given by " + std::to_string(time), Verdict::unknown}};
          if (contact != 0) event.event.attribution = {{"utm_source", text(contact)}};
          events.push_back(std::move(event));
        }
        return events;
      });
}

Lead folded(const std::vector<NormalisedEvent>& events) {
  Lead lead;
  for (const auto& event : events) apply(lead, event);
  return lead;
}

std::string described(const Lead& lead) {
  return attributes_to_json(lead) + touch_to_json(lead.first_touch) + touch_to_json(lead.last_touch) +
         provenance_to_json(lead) + lead_summary(lead, from_milliseconds(5'000)).dump();
}

NormalisedEvent named(std::int64_t seq, const std::string& name, const std::string& first,
                      const std::string& last) {
  auto event = event_at(seq, 1'000 * seq);
  event.event.person.name = name;
  event.event.person.first_name = first;
  event.event.person.last_name = last;
  return event;
}

TEST(ApplyEvent, MakesANameOfItsPartsWhereNobodyGaveAWholeOne) {
  auto lead = folded({named(1, "", "Ada", "")});
  EXPECT_EQ(lead.field(Field::name), "Ada");
  apply(lead, named(2, "", "", "Lovelace"));
  EXPECT_EQ(lead.field(Field::name), "Ada Lovelace");
  EXPECT_EQ(lead.fields[0].source, (EventReference{2, 0}));
  apply(lead, named(3, "", "Augusta", ""));
  EXPECT_EQ(lead.field(Field::name), "Augusta Lovelace");
}

TEST(ApplyEvent, KeepsAWholeNameAgainstALaterPartOfOne) {
  const auto lead = folded({named(1, "Ada Lovelace", "", ""), named(2, "", "Ada", "")});
  EXPECT_EQ(lead.field(Field::name), "Ada Lovelace");
  EXPECT_EQ(lead.field(Field::first_name), "Ada");
  EXPECT_EQ(lead.fields[0].source, (EventReference{1, 0}));
}

TEST(ApplyEvent, PrefersAWholeNameHoweverEarlyItWasGiven) {
  const auto whole = named(1, "Ada Lovelace", "", "");
  const auto part = named(2, "", "Ada", "");
  EXPECT_EQ(folded({part, whole}).field(Field::name), "Ada Lovelace");
  EXPECT_EQ(folded({whole, part, named(3, "Ada King", "", "")}).field(Field::name), "Ada King");
}

TEST(ApplyEvent, KnowsAfterAReadingFromTheStoreThatANameWasDerived) {
  auto lead = folded({named(2, "", "Ada", "")});
  Lead read;
  read.fields = lead.fields;
  for (auto& field : read.fields) field.source = {}, field.at = {};
  provenance_from_json(provenance_to_json(lead), read);
  apply(read, named(1, "Ada Lovelace", "", ""));
  EXPECT_EQ(read.field(Field::name), "Ada Lovelace");
}

RC_GTEST_PROP(ApplyEvent, FoldsTheSameEventsToTheSameLead, ()) {
  const auto events = *some_events();
  RC_ASSERT(described(folded(events)) == described(folded(events)));
}

RC_GTEST_PROP(ApplyEvent, LetsTheLaterEventWinInWhicheverOrderTheyArrive, ()) {
  const auto events = *some_events();
  auto shuffled = events;
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937{seed});
  const auto lead = folded(events);
  const auto other = folded(shuffled);
  RC_ASSERT(provenance_to_json(lead) == provenance_to_json(other));
  for (std::size_t i = 0; i < field_names.size(); ++i)
    RC_ASSERT(lead.fields[i].value == other.fields[i].value);
  RC_ASSERT(attributes_to_json(lead) == attributes_to_json(other));
  RC_ASSERT(lead.stage_entered[0] == other.stage_entered[0]);
  RC_ASSERT(lead.updated_at == other.updated_at);

  const auto expected =
      std::max_element(events.begin(), events.end(), [](const auto& left, const auto& right) {
        const auto rank = [](const NormalisedEvent& event) {
          return std::tuple{!event.event.person.name.empty(), event.occurred_at, event.reference};
        };
        return rank(left) < rank(right);
      });
  // Where nobody gave a whole name it follows from its parts.
  if (expected != events.end() && !expected->event.person.name.empty())
    RC_ASSERT(lead.field(Field::name) == expected->event.person.name);
}

RC_GTEST_PROP(ApplyEvent, KeepsEachContactPointOnceWithItsLatestForm, ()) {
  const auto events = *some_events();
  const auto lead = folded(events);
  std::set<std::pair<ContactKind, std::string>> seen;
  for (const auto& point : lead.contact_points) {
    RC_ASSERT(seen.emplace(point.kind, point.canonical).second);
    for (const auto& event : events)
      if (event.contacts[0].kind == point.kind && event.contacts[0].canonical == point.canonical)
        RC_ASSERT(std::tie(event.occurred_at, event.reference) <= std::tie(point.at, point.source));
  }
  for (const auto& event : events)
    RC_ASSERT(seen.contains({event.contacts[0].kind, event.contacts[0].canonical}));
}

TEST(ApplyEvent, NeverReplacesAValueByAnEmptyOne) {
  Lead lead;
  auto first = event_at(1, 1'000);
  first.event.person.city = "London";
  first.event.attributes = {
      {"budget", std::string{"100"}}, {"topics", std::vector<std::string>{"a"}}, {"yes", true}};
  apply(lead, first);
  auto second = event_at(2, 2'000);
  second.event.attributes = {
      {"budget", std::string{}}, {"topics", std::vector<std::string>{}}, {"yes", false}};
  apply(lead, second);
  EXPECT_EQ(lead.field(Field::city), "London");
  EXPECT_EQ(attributes_to_json(lead), R"({"budget":"100","topics":["a"],"yes":false})");
}

TEST(ApplyEvent, KeepsTheFirstAndTheLastTouch) {
  Lead lead;
  for (const auto& [seq, time] : {std::pair{1, 2'000}, {2, 1'000}, {3, 3'000}, {4, 2'500}}) {
    auto event = event_at(seq, time);
    event.event.attribution = {{"utm_source", std::to_string(time)}};
    apply(lead, event);
  }
  apply(lead, event_at(5, 9'000));  // without attribution: no touch
  ASSERT_TRUE(lead.first_touch && lead.last_touch);
  EXPECT_EQ(lead.first_touch->attribution[0].second, "1000");
  EXPECT_EQ(lead.last_touch->attribution[0].second, "3000");
}

TEST(PrimaryContact, IsTheVerifiedOneElseTheOneGivenLast) {
  Lead lead;
  for (const auto& [seq, time] : {std::pair{1, 1'000}, {2, 3'000}, {3, 3'000}, {4, 2'000}}) {
    auto event = event_at(seq, time);
    event.contacts = {{ContactKind::email, "e" + std::to_string(seq), "", Verdict::unknown}};
    apply(lead, event);
  }
  EXPECT_EQ(lead.primary(ContactKind::email)->canonical, "e3");
  std::reverse(lead.contact_points.begin(), lead.contact_points.end());
  EXPECT_EQ(lead.primary(ContactKind::email)->canonical, "e3")
      << "the order in which they are kept says nothing";
  lead.contact_points.back().verified_at = from_milliseconds(1);
  EXPECT_EQ(lead.primary(ContactKind::email)->canonical, "e1");
  EXPECT_EQ(lead.primary(ContactKind::phone), nullptr);
}

TEST(ConsentEntries, KeepTheExactTextAndItsHash) {
  auto event = event_at(7, 1'000);
  event.event.consent.resize(2);
  event.event.consent[0].text = "  Yes,\r\nplease ";
  const auto entries = consent_entries(event);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].statement.text, "  Yes,\r\nplease ");
  EXPECT_EQ(entries[0].text_hash, ops::sha256_hex("  Yes,\r\nplease "));
  EXPECT_EQ(entries[1].text_hash, "");
  EXPECT_EQ(entries[1].line, 1);
}

TEST(Names, AreReadBack) {
  for (int i = 1; i <= static_cast<int>(stage_count); ++i)
    EXPECT_EQ(stage_from(to_string(static_cast<Stage>(i))), static_cast<Stage>(i));
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(contact_kind_from(to_string(static_cast<ContactKind>(i))), static_cast<ContactKind>(i));
    EXPECT_EQ(verdict_from(to_string(static_cast<Verdict>(i))), static_cast<Verdict>(i));
  }
  EXPECT_EQ(stage_from("Captured"), std::nullopt);
  EXPECT_EQ(to_string(EventReference{17, 2}), "17.2");
}

NormalisedEvent derived_at(std::int64_t seq, std::int64_t occurred, const std::string& name,
                           const std::string& first, const std::string& last) {
  auto event = event_at(seq, occurred);
  event.event.person.name = name;
  event.derived.first_name = first;
  event.derived.last_name = last;
  return event;
}

std::string names_of(const Lead& lead) {
  return lead.field(Field::name) + "|" + lead.field(Field::first_name) + "|" + lead.field(Field::last_name);
}

TEST(DerivedFields, FollowTheNameThatTheLeadHas) {
  const auto ada = derived_at(1, 1'000, "Ada King", "Ada", "King");
  const auto grace = derived_at(2, 2'000, "Grace Hopper", "Grace", "Hopper");
  const auto single = derived_at(3, 3'000, "Cher", "Cher", "");
  EXPECT_EQ(names_of(folded({ada})), "Ada King|Ada|King");
  EXPECT_EQ(names_of(folded({ada, grace})), "Grace Hopper|Grace|Hopper");
  EXPECT_EQ(names_of(folded({grace, ada})), "Grace Hopper|Grace|Hopper") << "whenever each came";
  EXPECT_EQ(names_of(folded({ada, single})), "Cher|Cher|") << "no part of another name stays";
}

TEST(DerivedFields, GiveWayToWhatIsGivenWheneverThatWas) {
  auto given = event_at(1, 500);
  given.event.person.first_name = "Augusta";
  given.event.person.country = "GB";
  given.event.person.time_zone = "Europe/Dublin";
  auto derived = derived_at(2, 2'000, "Ada King", "Ada", "King");
  derived.derived.country = "FR";
  derived.derived.time_zone = "Europe/Paris";
  for (const auto& lead : {folded({given, derived}), folded({derived, given})}) {
    EXPECT_EQ(names_of(lead), "Ada King|Augusta|King");
    EXPECT_EQ(lead.field(Field::country), "GB");
    EXPECT_EQ(lead.field(Field::time_zone), "Europe/Dublin");
  }
}

TEST(DerivedFields, TakeTheTimeZoneOfTheCountryThatTheLeadHas) {
  auto french = event_at(1, 1'000);
  french.derived = {"", "", "FR", "Europe/Paris"};
  auto american = event_at(2, 2'000);
  american.event.person.country = "US";
  EXPECT_EQ(folded({french}).field(Field::time_zone), "Europe/Paris");
  EXPECT_EQ(folded({french, american}).field(Field::time_zone), "") << "the country has several";
  EXPECT_EQ(folded({american, french}).field(Field::time_zone), "") << "a phone's country beats no given one";
  auto nothing = event_at(3, 3'000);
  EXPECT_EQ(folded({french, nothing}).field(Field::country), "FR") << "who gives no phone takes none away";
}

}  // namespace
}  // namespace leadhub::lead
