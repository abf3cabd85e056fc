#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/nurture_section.hpp"
#include "config/qualify_section.hpp"
#include "config/route_section.hpp"
#include "lead/deed.hpp"
#include "pipeline/due_leads.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using lead::EnrolmentState;
using test::value_or_throw;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

constexpr auto ada = "ada@example.com";

/// start_time is a Monday, 2026-01-05T12:00:00Z.
struct Nurture : ::testing::Test {
  test::Hub hub;
  std::unique_ptr<DueLeads> due;

  void configure(const std::string& nurture, const std::string& time_zone = "Europe/London") {
    hub.options.nurture = config::nurture_of(nlohmann::json::parse(nurture), {}, time_zone);
    hub.pipeline.reset();
    hub.run();
  }
  /// One journey that a newsletter begins.
  void journey(const std::string& steps, const std::string& more = "") {
    configure(R"({"journeys": {"welcome": {"enter": {"event.type": "newsletter.subscribed"}, "steps": )" +
              steps + more + "}}}");
  }

  void happens(const std::string& type, const std::string& email = ada, const std::string& members = "",
               const std::string& person = "") {
    const auto document =
        R"({"type":")" + type + R"(","person":{"email":")" + email + "\"" + person + "}" + members + "}";
    auto draft = test::entry({test::event(document)});
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }
  void subscribes(const std::string& email = ada, const std::string& person = "") {
    happens("newsletter.subscribed", email,
            R"(,"consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}])", person);
  }

  /// Lets time pass, and has what is due looked at in its time.
  void pass(std::chrono::milliseconds span) {
    if (!due)
      due = std::make_unique<DueLeads>(DueLeads::Ports{hub.reader(),
                                                       [this](const lead::Action& action) -> Result<bool> {
                                                         hub.act(action);
                                                         return true;
                                                       }},
                                       hub.clock);
    const auto end = hub.clock.now() + span;
    for (auto next = value_or_throw(due->next_due()); next && *next <= end;
         next = value_or_throw(due->next_due())) {
      hub.clock.set(std::max(*next, hub.clock.now()));
      ASSERT_GT(value_or_throw(due->sweep()), 0U);
    }
    hub.clock.set(end);
  }

  /// The steps that wrote a mail, with the state of the mail where it is not queued, and when.
  std::vector<std::string> mails(const std::string& email = ada) {
    std::vector<std::string> out;
    for (const auto& message : hub.lead_with(email).messages) {
      std::string line = message.step + " " + format_rfc3339(message.due_at).substr(5, 11);
      if (message.state != lead::MessageState::queued) line += " " + std::string{to_string(message.state)};
      out.push_back(line);
    }
    return out;
  }
  lead::Enrolment enrolment(const std::string& journey = "welcome", const std::string& email = ada) {
    const auto record = hub.lead_with(email);
    const auto* found = record.lead.development.find(journey);
    if (found == nullptr) throw std::runtime_error("the lead was never on the journey " + journey);
    return *found;
  }
  bool was_enrolled(const std::string& journey) {
    return hub.lead_with(ada).lead.development.find(journey) != nullptr;
  }
};

constexpr auto two_mails = R"([{"send": {"template": "hello", "via": "mail"}}, {"wait": "3d"},
                               {"send": {"template": "tips", "via": "mail"}}])";

TEST_F(Nurture, SendsAWaitsAndSendsAgain) {
  journey(two_mails);
  subscribes();
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00"));
  EXPECT_EQ(enrolment().step, "wait");
  EXPECT_EQ(enrolment().due_at, hub.clock.now() + 72h);
  pass(72h - 1ms);
  EXPECT_THAT(mails(), SizeIs(1));
  pass(1ms);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00", "tips 01-08T12:00"));
  EXPECT_EQ(enrolment().state, EnrolmentState::completed);
}

TEST_F(Nurture, TakesNoStepWhileItsJourneyIsPausedAndGoesOnAfterwards) {
  const lead::PauseScope welcome{lead::PauseScope::Of::journey, "welcome"};
  journey(two_mails);
  subscribes();
  hub.act(lead::PauseSending{welcome});
  pass(100h);
  EXPECT_THAT(mails(), SizeIs(1));
  subscribes("grace@example.com");
  EXPECT_EQ(enrolment("welcome", "grace@example.com").step, "hello")
      << "whoever begins waits at the first step";
  EXPECT_THAT(mails("grace@example.com"), IsEmpty());
  hub.act(lead::ResumeSending{welcome});
  pass(1ms);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00", "tips 01-09T16:00"));
  EXPECT_THAT(mails("grace@example.com"), SizeIs(1));
}

TEST_F(Nurture, LooksAtNobodyAgainAndAgainWhileTheirJourneyIsPaused) {
  journey(two_mails);
  subscribes();
  const lead::PauseScope scope{lead::PauseScope::Of::journey, "welcome"};
  hub.act(lead::PauseSending{scope});
  pass(73h);
  EXPECT_EQ(value_or_throw(hub.reader()->next_due()), std::nullopt);
}

TEST_F(Nurture, WaitsItsWholeTimeOnceWhereTheClockJumpsAnHourForthAndBack) {
  journey(two_mails);
  subscribes();
  const auto begun = hub.clock.now();
  pass(71h);
  hub.clock.set(begun + 72h - 1ms);
  pass(0ms);
  EXPECT_THAT(mails(), SizeIs(1));
  hub.clock.set(begun + 70h);  // back
  pass(1h);
  EXPECT_THAT(mails(), SizeIs(1));
  hub.clock.set(begun + 73h);  // forth
  pass(0ms);
  EXPECT_THAT(mails(), SizeIs(2));
  hub.clock.set(begun + 72h);  // and back once more
  pass(2h);
  EXPECT_THAT(mails(), SizeIs(2));
}

TEST_F(Nurture, BeginsOnceWhateverHappensLater) {
  journey(two_mails);
  subscribes();
  pass(100h);
  subscribes();
  pass(100h);
  EXPECT_THAT(mails(), SizeIs(2));
}

TEST_F(Nurture, BeginsOnceMoreAfterTheTimeThatItSays) {
  journey(two_mails, R"(, "again": "30d")");
  subscribes();
  pass(72h + 29 * 24h);
  subscribes();
  EXPECT_THAT(mails(), SizeIs(2));
  pass(24h);
  subscribes();
  EXPECT_THAT(mails(), SizeIs(3));
}

TEST_F(Nurture, TakesNoStepsForWhoHasNotBegunIt) {
  journey(two_mails);
  happens("form.submitted");
  EXPECT_FALSE(was_enrolled("welcome"));
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Nurture, WithholdsAMailFromWhoHasNotConsentedAndGoesOn) {
  journey(two_mails);
  happens("newsletter.subscribed");
  pass(72h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00 withheld", "tips 01-08T12:00 withheld"));
  EXPECT_THAT(hub.lead_with(ada).messages.front().detail, HasSubstr("no consent to marketing_email"));
}

TEST_F(Nurture, WaitsForTheEndOfTheQuietHoursOfTheLeadsOwnZone) {
  configure(R"({"quiet_hours": {"from": "21:00", "to": "08:00"}, "journeys": {"welcome": {
                "enter": {"event.type": "newsletter.subscribed"}, "steps": )" +
            std::string{two_mails} + "}}}");
  subscribes(ada, R"(,"timezone":"Asia/Tokyo")");
  subscribes("grace@example.com", R"(,"timezone":"Europe/London")");
  EXPECT_THAT(mails(), IsEmpty()) << "it is 21:00 in Tokyo";
  EXPECT_EQ(enrolment().why, "it is in the lead's quiet hours");
  EXPECT_THAT(mails("grace@example.com"), SizeIs(1));
  pass(12h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T23:00"));
}

TEST_F(Nurture, KeepsToTheCapOverAllJourneys) {
  configure(R"({"cap": {"mails": 2, "per": "7d"}, "journeys": {
    "one": {"enter": {"event.type": "newsletter.subscribed"}, "steps": [{"send": {"template": "a", "via": "mail"}},
                                                                       {"send": {"template": "b", "via": "mail"}}]},
    "two": {"enter": {"event.type": "newsletter.subscribed"}, "steps": [{"send": {"template": "c", "via": "mail"}}]}}})");
  subscribes();
  EXPECT_THAT(mails(), ElementsAre("a 01-05T12:00", "b 01-05T12:00"));
  EXPECT_THAT(enrolment("two").why, HasSubstr("cap"));
  pass(7 * 24h);
  EXPECT_THAT(mails(), ElementsAre("a 01-05T12:00", "b 01-05T12:00", "c 01-12T12:00"));
}

TEST_F(Nurture, EndsAtItsGoalAndTakesBackWhatHasNotLeft) {
  journey(two_mails, R"(, "goal": {"lead.temperature": "hot"})");
  subscribes();
  happens("demo.requested");
  EXPECT_EQ(enrolment().state, EnrolmentState::arrived);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00 withheld"));
  pass(100h);
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(Nurture, EndsForWhoIsToLeave) {
  journey(two_mails, R"(, "leave": {"lead.stage": ["converted", "customer", "lost"]})");
  subscribes();
  hub.act(lead::RecordDeed{hub.lead_with(ada).lead.id, R"({"type":"x.leadhub.lost"})"});
  EXPECT_EQ(enrolment().state, EnrolmentState::left);
  pass(100h);
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(Nurture, GoesTheWayThatHoldsWhenItGetsThere) {
  journey(
      R"([{"wait": "1d"}, {"if": {"lead.temperature": "hot"}, "then": [{"send": {"template": "case", "via": "mail"}}],
              "else": [{"send": {"template": "tips", "via": "mail"}}]}, {"send": {"template": "last", "via": "mail"}}])");
  subscribes();
  subscribes("grace@example.com");
  happens("demo.requested", "grace@example.com");
  pass(24h);
  EXPECT_THAT(mails(), ElementsAre("tips 01-06T12:00", "last 01-06T12:00"));
  EXPECT_THAT(mails("grace@example.com"), ElementsAre("case 01-06T12:00", "last 01-06T12:00"));
}

TEST_F(Nurture, SplitsLeadsByTheirShares) {
  journey(
      R"([{"split": {"short": {"share": 30, "steps": [{"tag": "short"}]}, "long": {"share": 70, "steps": [{"tag": "long"}]}}}])");
  int shorts = 0;
  constexpr int leads = 300;
  for (int i = 0; i < leads; ++i) {
    const auto email = "lead" + std::to_string(i) + "@example.com";
    subscribes(email);
    const auto tags = hub.lead_with(email).lead.tags;
    ASSERT_THAT(tags, SizeIs(1));
    shorts += tags.front() == "short" ? 1 : 0;
  }
  // Three standard deviations of a fair choice to each side.
  EXPECT_GT(shorts, 66);
  EXPECT_LT(shorts, 114);
}

TEST_F(Nurture, TagsTheLeadAndSetsItsAttributes) {
  journey(R"([{"tag": "nurtured"}, {"set": {"attributes.phase": "two", "attributes.rounds": 3}}])");
  subscribes();
  const auto record = hub.lead_with(ada);
  EXPECT_THAT(record.lead.tags, ElementsAre("nurtured"));
  const nlohmann::json document = lead::lead_document(record, hub.clock.now());
  EXPECT_EQ(document.at("attributes"), nlohmann::json::parse(R"({"phase": "two", "rounds": 3})"));
}

TEST_F(Nurture, BeginsAJourneyByWhatAnotherOneDid) {
  configure(R"({"journeys": {
    "one": {"enter": {"event.type": "newsletter.subscribed"}, "steps": [{"tag": "ready"}]},
    "another": {"enter": {"lead.tags": {"contains": "ready"}}, "steps": [{"send": {"template": "a", "via": "mail"}}]}}})");
  subscribes();
  EXPECT_THAT(mails(), ElementsAre("a 01-05T12:00"));
}

TEST_F(Nurture, ComesToAnEndWhereItWaitsForNothingInACircle) {
  configure(R"({"journeys": {
    "one": {"enter": {"event.type": "x.leadhub.tagged"}, "again": "0s", "steps": [{"wait": "0s"}, {"tag": "a"}]},
    "two": {"enter": {"lead.tags": {"contains": "a"}}, "again": "0s", "steps": [{"wait": "0s"}, {"tag": "b"}]}}})");
  happens("form.submitted");
  hub.act(lead::RecordDeed{hub.lead_with(ada).lead.id,
                           R"({"type":"x.leadhub.tagged","attributes":{"add":["c"]}})"});
  pass(48h);
  EXPECT_THAT(hub.lead_with(ada).lead.tags, ElementsAre("c", "a", "b"));
}

TEST_F(Nurture, BeginsByWhatALeadIsWhenThatBegins) {
  configure(R"({"journeys": {"hot": {"enter": {"lead.temperature": "hot"}, "again": "0s",
                                     "steps": [{"send": {"template": "a", "via": "mail"}}]}}})");
  subscribes();
  happens("demo.requested");
  happens("form.submitted");
  EXPECT_THAT(mails(), SizeIs(1)) << "it goes on being hot";
  pass(31 * 24h);
  happens("demo.requested");
  EXPECT_THAT(mails(), SizeIs(2)) << "it was not hot meanwhile";
}

TEST_F(Nurture, WritesToTheOwner) {
  hub.options.routes =
      config::route_of(nlohmann::json::parse(R"({"team": [{"name": "Mary", "email": "mary@example.com"}],
        "rules": [{"when": {"event.type": "newsletter.subscribed"}, "assign": "Mary"}]})"),
                       {}, "UTC");
  journey(R"([{"notify": {"template": "look", "via": "mail"}}])");
  subscribes();
  const auto message = hub.lead_with(ada).messages.back();
  EXPECT_EQ(message.kind, lead::MessageKind::notice);
  EXPECT_EQ(message.address, "mary@example.com");
  EXPECT_EQ(message.state, lead::MessageState::queued);
}

TEST_F(Nurture, WithholdsANoticeThatHasNobodyToGoTo) {
  journey(R"([{"notify": {"template": "look", "via": "mail"}}])");
  subscribes();
  EXPECT_EQ(hub.lead_with(ada).messages.back().detail, "nobody of the team has the lead");
}

TEST_F(Nurture, CallsADestinationWithTheLead) {
  journey(R"([{"call": {"via": "crm"}}])");
  subscribes();
  const auto message = hub.lead_with(ada).messages.back();
  EXPECT_EQ(message.kind, lead::MessageKind::delivery);
  EXPECT_EQ(message.channel, "crm");
}

TEST_F(Nurture, FindsItsStepAgainInAChangedJourney) {
  journey(two_mails);
  subscribes();
  journey(R"([{"send": {"template": "hello", "via": "mail"}}, {"tag": "new"}, {"wait": "5d"},
              {"send": {"template": "news", "via": "mail"}}])");
  pass(72h);
  EXPECT_THAT(mails(), SizeIs(1));
  pass(48h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00", "news 01-10T12:00"));
}

TEST_F(Nurture, EndsWhereItsStepOrItsJourneyIsNoMore) {
  journey(two_mails);
  subscribes();
  journey(R"([{"send": {"template": "hello", "via": "mail"}}, {"tag": "new"}])");
  pass(72h);
  EXPECT_EQ(enrolment().why, "its step is not in the journey any more");

  journey(two_mails);
  subscribes("grace@example.com");
  configure(R"({"journeys": {}})");
  pass(72h);
  EXPECT_EQ(enrolment("welcome", "grace@example.com").why, "its journey is not in hub.yaml any more");
}

TEST_F(Nurture, SendsNoMailTwiceWhereAStepComesAgain) {
  journey(two_mails);
  subscribes();
  journey(R"([{"wait": "1d"}, {"send": {"template": "hello", "via": "mail"}}])");
  pass(48h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00"));
}

TEST_F(Nurture, GoesOnOnceForTwoLeadsThatBecomeOne) {
  journey(two_mails);
  subscribes();
  subscribes("lovelace@example.com");
  hub.act(lead::MergeLeads{hub.lead_with(ada).lead.id, hub.leads_with("lovelace@example.com").front()});
  EXPECT_THAT(mails(), UnorderedElementsAre("hello 01-05T12:00", "hello 01-05T12:00 withheld"));
  pass(72h);
  EXPECT_THAT(mails(), SizeIs(3));
}

TEST_F(Nurture, KeepsTheMailsOfAMergedLeadThatGoesOn) {
  journey(two_mails);
  happens("form.submitted");
  subscribes("lovelace@example.com");
  hub.act(lead::MergeLeads{hub.lead_with(ada).lead.id, hub.leads_with("lovelace@example.com").front()});
  pass(72h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00", "tips 01-08T12:00"));
}

TEST_F(Nurture, BeginsNothingAnewForWhoHadItAndBecomesOneWithWhoHasIt) {
  journey(two_mails);
  subscribes();
  pass(72h);
  subscribes("lovelace@example.com");
  hub.act(lead::MergeLeads{hub.lead_with(ada).lead.id, hub.leads_with("lovelace@example.com").front()});
  pass(72h);
  EXPECT_THAT(mails(),
              UnorderedElementsAre("hello 01-05T12:00", "tips 01-08T12:00", "hello 01-08T12:00 withheld"));
}

TEST_F(Nurture, GivesAPartedLeadItsJourneyBack) {
  journey(two_mails);
  happens("form.submitted");
  subscribes("lovelace@example.com");
  const auto merged = hub.leads_with("lovelace@example.com").front();
  hub.act(lead::MergeLeads{hub.lead_with(ada).lead.id, merged});
  hub.act(lead::UnmergeLead{merged});
  EXPECT_FALSE(was_enrolled("welcome"));
  pass(72h);
  EXPECT_THAT(mails("lovelace@example.com"), ElementsAre("hello 01-05T12:00", "tips 01-08T12:00"));
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Nurture, LetsAWaitBeShortenedUnderWhoIsOnIt) {
  journey(two_mails);
  subscribes();
  journey(
      R"([{"send": {"template": "hello", "via": "mail"}}, {"wait": "1d"}, {"send": {"template": "tips", "via": "mail"}}])");
  hub.pipeline.reset();
  {
    const auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    ASSERT_TRUE(leads->wake_enrolled(hub.clock.now()));
  }
  pass(24h);
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00", "tips 01-06T12:00"));
}

TEST_F(Nurture, BeginsAnewInOneBatchWithoutLosingItsMail) {
  journey(two_mails, R"(, "again": "0s", "leave": {"lead.tags": {"contains": "out"}})");
  subscribes();
  const auto id = hub.lead_with(ada).lead.id;
  hub.log(lead::RecordDeed{id, R"({"type":"x.leadhub.tagged","attributes":{"add":["out"]}})"});
  hub.log(lead::RecordDeed{id, R"({"type":"x.leadhub.tagged","attributes":{"remove":["out"]}})"});
  hub.clock.advance(1h);
  subscribes();
  EXPECT_THAT(mails(), ElementsAre("hello 01-05T12:00 withheld", "hello 01-05T13:00"));
}

TEST_F(Nurture, TakesAZoneThatOnlyOthersKnowForTheHubs) {
  configure(R"({"quiet_hours": {"from": "21:00", "to": "08:00"}, "journeys": {"welcome": {
                "enter": {"event.type": "newsletter.subscribed"}, "steps": )" +
            std::string{two_mails} + "}}}");
  for (const auto* zone : {"SystemV/PST8", "Canada/East-Saskatchewan", "Mars/Olympus"}) {
    const auto email = "lead" + std::to_string(std::string_view{zone}.size()) + "@example.com";
    subscribes(email, std::string{R"(,"timezone":")"} + zone + "\"");
    EXPECT_THAT(mails(email), SizeIs(1)) << zone;
  }
}

TEST_F(Nurture, ForgetsWhoeverIsErased) {
  journey(two_mails);
  subscribes();
  hub.act(lead::EraseLead{hub.lead_with(ada).lead.id});
  pass(100h);
  EXPECT_THAT(hub.leads_with(ada), IsEmpty());
}

TEST_F(Nurture, KeepsWhatAJourneyDidWhereItsEventIsCorrected) {
  journey(R"([{"tag": "nurtured"}, {"wait": "3d"}, {"send": {"template": "tips", "via": "mail"}}])");
  subscribes();
  hub.redrive(1, {R"({"type":"newsletter.subscribed","person":{"email":"ada@example.com","name":"Ada"},
                      "consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}]})"});
  hub.run();
  EXPECT_THAT(hub.lead_with(ada).lead.tags, ElementsAre("nurtured"));
  pass(72h);
  EXPECT_THAT(mails(), ElementsAre("tips 01-08T12:00"));
}

}  // namespace
}  // namespace leadhub::pipeline
