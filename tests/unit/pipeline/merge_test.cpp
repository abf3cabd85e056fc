#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "lead/action.hpp"
#include "lead/lead_json.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using lead::Field;
using test::entry;
using test::event;
using test::form;
using test::Hub;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class MergeHub : public Hub {
 public:
  void merge(const std::string& into, const std::string& merged) { act(lead::MergeLeads{into, merged}); }
  void unmerge(const std::string& merged) { act(lead::UnmergeLead{merged}); }

  std::string id_of(const std::string& email) { return lead_with(email).lead.id; }
  std::string exported(const std::string& id) {
    return lead::lead_document(test::value_or_throw(reader()->get(id)), clock.now()).dump();
  }
  std::vector<store::QuarantinedEvent> quarantine() {
    return test::value_or_throw(reader()->quarantine(0, 100));
  }
};

/// Two people, each with an event, merged or about to be.
struct TwoLeads : MergeHub {
  TwoLeads() {
    append_form(R"("email":"ada@example.com","name":"Ada","city":"London","phone":"+442079460958")",
                R"("occurred_at":"2026-01-01T00:00:00Z")");
    append_form(R"("email":"a.lovelace@example.org","company":"Engines","city":"Ockham")",
                R"("occurred_at":"2026-01-02T00:00:00Z")");
    run();
    ada = id_of("ada@example.com");
    lovelace = id_of("a.lovelace@example.org");
  }
  std::string ada;
  std::string lovelace;
};

// Named, since GCC 12 takes what a temporary of them holds for uninitialised.
const lead::PauseSending pause_all;
const lead::ResumeSending resume_all;

TEST(SendingSwitch, IsAnActionOfTheLog) {
  MergeHub hub;
  hub.act(pause_all);
  const auto pauses = test::value_or_throw(hub.reader()->pauses());
  ASSERT_THAT(pauses, SizeIs(1));
  EXPECT_EQ(pauses.front().scope, lead::PauseScope{}) << "of everything";
  EXPECT_EQ(pauses.front().reason, "operator");
  EXPECT_EQ(pauses.front().since, test::start_time);
  hub.act(pause_all);
  hub.act(resume_all);
  EXPECT_THAT(test::value_or_throw(hub.reader()->pauses()), IsEmpty()) << "however often it was paused";
  EXPECT_THAT(hub.quarantine(), IsEmpty());
}

TEST(SendingSwitch, IsOfWhatItSaysAlone) {
  MergeHub hub;
  const lead::PauseScope journey{lead::PauseScope::Of::journey, "welcome"};
  const lead::PauseScope channel{lead::PauseScope::Of::channel, "mail"};
  hub.act(lead::PauseSending{journey});
  hub.act(lead::PauseSending{channel, "too many mails bounced"});
  hub.act(resume_all);
  hub.act(lead::ResumeSending{journey});
  const auto pauses = test::value_or_throw(hub.reader()->pauses());
  ASSERT_THAT(pauses, SizeIs(1));
  EXPECT_EQ(pauses.front().scope, channel);
  EXPECT_EQ(pauses.front().reason, "too many mails bounced");
}

TEST(SendingSwitch, CanBeOfTheSameThingAgain) {
  MergeHub hub;
  const lead::PauseScope journey{lead::PauseScope::Of::journey, "welcome"};
  hub.act(lead::PauseSending{journey});
  hub.act(lead::ResumeSending{journey});
  hub.act(lead::PauseSending{journey, "it says the wrong price"});
  const auto pauses = test::value_or_throw(hub.reader()->pauses());
  ASSERT_THAT(pauses, SizeIs(1));
  EXPECT_EQ(pauses.front().reason, "it says the wrong price");
}

TEST(Merge, MakesOnePersonOfTwo) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  const auto merged = hub.lead_with("ada@example.com");
  EXPECT_EQ(merged.lead.id, hub.ada);
  EXPECT_EQ(hub.id_of("a.lovelace@example.org"), hub.ada);
  EXPECT_THAT(merged.lead.contact_points, SizeIs(3));
  EXPECT_THAT(merged.timeline, SizeIs(2));
  EXPECT_EQ(hub.reader()->count(), 1);
}

TEST(Merge, LetsTheLaterEventDecideAField) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  const auto merged = hub.lead_with("ada@example.com").lead;
  EXPECT_EQ(merged.field(Field::city), "Ockham");
  EXPECT_EQ(merged.field(Field::company), "Engines");
  EXPECT_EQ(merged.field(Field::name), "Ada");
}

TEST(Merge, KeepsTheOtherIdAsAnAlias) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  const auto by_alias = hub.reader()->get(hub.lovelace);
  ASSERT_TRUE(by_alias);
  EXPECT_EQ(by_alias->lead.id, hub.ada);
  EXPECT_THAT(by_alias->aliases, ElementsAre(hub.lovelace));
}

TEST(Merge, GivesLaterEventsToTheOnePerson) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.append_form(R"("email":"a.lovelace@example.org","job_title":"Countess")");
  hub.run();
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.field(Field::job_title), "Countess");
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(3));
}

TEST(Merge, OfAMergedLeadMeansThePersonItBecame) {
  TwoLeads hub;
  hub.append_form(R"("email":"byron@example.net")");
  hub.run();
  const auto byron = hub.id_of("byron@example.net");
  hub.merge(hub.ada, hub.lovelace);
  hub.merge(hub.lovelace, byron);
  EXPECT_EQ(hub.id_of("byron@example.net"), hub.ada);
  EXPECT_THAT(hub.reader()->get(byron)->aliases, UnorderedElementsAre(hub.lovelace, byron));
}

TEST(Merge, InACircleIsRefusedWithItsReason) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.merge(hub.lovelace, hub.ada);
  ASSERT_THAT(hub.quarantine(), SizeIs(1));
  EXPECT_THAT(hub.quarantine().front().reason, HasSubstr("one person already"));
  EXPECT_EQ(hub.reader()->count(), 1);
}

TEST(Merge, WithAnUnknownLeadIsRefusedWithItsReason) {
  TwoLeads hub;
  hub.merge(hub.ada, "019b8e2c-1a00-7000-8000-000000000001");
  ASSERT_THAT(hub.quarantine(), SizeIs(1));
  EXPECT_THAT(hub.quarantine().front().reason, HasSubstr("there is no lead 019b8e2c"));
}

TEST(Unmerge, RestoresBothToTheByte) {
  TwoLeads hub;
  const auto ada = hub.exported(hub.ada);
  const auto lovelace = hub.exported(hub.lovelace);
  hub.merge(hub.ada, hub.lovelace);
  hub.unmerge(hub.lovelace);
  EXPECT_EQ(hub.exported(hub.ada), ada);
  EXPECT_EQ(hub.exported(hub.lovelace), lovelace);
  EXPECT_EQ(hub.reader()->count(), 2);
}

TEST(Unmerge, CanFollowAMergeAgainAndAgain) {
  TwoLeads hub;
  const auto ada = hub.exported(hub.ada);
  const auto lovelace = hub.exported(hub.lovelace);
  for (int i = 0; i < 3; ++i) {
    hub.merge(hub.lovelace, hub.ada);
    hub.unmerge(hub.ada);
  }
  EXPECT_EQ(hub.exported(hub.ada), ada);
  EXPECT_EQ(hub.exported(hub.lovelace), lovelace);
}

TEST(Unmerge, TakesAWholeBranchOut) {
  TwoLeads hub;
  hub.append_form(R"("email":"byron@example.net","city":"Athens")");
  hub.run();
  const auto byron = hub.id_of("byron@example.net");
  hub.merge(hub.lovelace, byron);
  const auto branch = hub.exported(hub.lovelace);
  hub.merge(hub.ada, hub.lovelace);
  hub.unmerge(hub.lovelace);
  EXPECT_EQ(hub.exported(hub.lovelace), branch);
  EXPECT_EQ(hub.id_of("byron@example.net"), hub.lovelace);
  EXPECT_EQ(hub.id_of("ada@example.com"), hub.ada);
}

TEST(Unmerge, LetsLaterEventsFollowTheirContactPoint) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.append_form(R"("email":"a.lovelace@example.org","job_title":"Countess")");
  hub.append_form(R"("email":"ada@example.com","job_title":"Analyst")");
  hub.run();
  hub.unmerge(hub.lovelace);
  EXPECT_EQ(hub.lead_with("a.lovelace@example.org").lead.field(Field::job_title), "Countess");
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.field(Field::job_title), "Analyst");
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(2));
}

TEST(Unmerge, LetsAWithdrawalBindBoth) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.append_form(R"("email":"ada@example.com")",
                  R"("consent":[{"purpose":"marketing_email","state":"withdrawn","text":"no"}])");
  hub.run();
  for (int i = 0; i < 2; ++i) {
    hub.unmerge(hub.lovelace);
    const auto other = hub.lead_with("a.lovelace@example.org");
    ASSERT_THAT(other.consents, SizeIs(1));
    EXPECT_EQ(other.consents.front().statement.state, lead::ConsentState::withdrawn);
    EXPECT_EQ(other.consents.front().bound_from, hub.ada);
    EXPECT_THAT(hub.lead_with("ada@example.com").consents, SizeIs(1));
    hub.merge(hub.ada, hub.lovelace);
    EXPECT_THAT(hub.lead_with("ada@example.com").consents, SizeIs(1)) << "the same withdrawal counts once";
  }
}

TEST(Unmerge, LeavesAGrantWithWhoGaveIt) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.append_form(R"("email":"ada@example.com")",
                  R"("consent":[{"purpose":"marketing_email","state":"granted","text":"yes"}])");
  hub.run();
  hub.unmerge(hub.lovelace);
  EXPECT_THAT(hub.lead_with("a.lovelace@example.org").consents, IsEmpty());
  EXPECT_THAT(hub.lead_with("ada@example.com").consents, SizeIs(1));
}

TEST(Unmerge, OfALeadThatStandsForItselfIsRefused) {
  TwoLeads hub;
  hub.unmerge(hub.ada);
  ASSERT_THAT(hub.quarantine(), SizeIs(1));
  EXPECT_THAT(hub.quarantine().front().reason, HasSubstr("stands for itself"));
}

TEST(Unmerge, SurvivesARedriveWhileMerged) {
  TwoLeads hub;
  hub.merge(hub.ada, hub.lovelace);
  hub.redrive(2, {form(R"("email":"a.lovelace@example.org","company":"Analytical Engines")",
                       R"("occurred_at":"2026-01-02T00:00:00Z")")});
  hub.run();
  hub.unmerge(hub.lovelace);
  EXPECT_EQ(hub.lead_with("a.lovelace@example.org").lead.field(Field::company), "Analytical Engines");
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.field(Field::company), "");
}

/// Whatever the two have done, merging and unmerging them changes nothing.
TEST(Unmerge, IsTheInverseOfMergeForAnyHistory) {
  const auto form_of = [](const std::string& email) {
    const auto& texts = std::vector<std::string>{"", "London", "Paris", "Ada", "Augusta King"};
    const auto member = [&](const char* name) {
      const auto value = *rc::gen::elementOf(texts);
      return value.empty() ? std::string{} : std::string{",\""} + name + "\":\"" + value + "\"";
    };
    const auto person = "\"email\":\"" + email + "\"" + member("name") + member("first_name") +
                        member("last_name") + member("city") + member("company");
    const auto day = *rc::gen::inRange(1, 5);
    auto members = "\"occurred_at\":\"2026-01-0" + std::to_string(day) + "T00:00:00Z\"";
    if (*rc::gen::arbitrary<bool>()) members += R"(,"attributes":{"size":)" + std::to_string(day) + "}";
    if (*rc::gen::arbitrary<bool>())
      members += R"(,"attribution":{"utm_source":"s)" + std::to_string(day) + "\"}";
    if (*rc::gen::arbitrary<bool>())
      members += R"(,"consent":[{"purpose":"marketing_email","state":"granted","text":"yes"}])";
    return form(person, members);
  };
  EXPECT_TRUE(rc::check([&] {
    MergeHub hub;
    const auto count = *rc::gen::inRange(2, 9);
    for (int i = 0; i < count; ++i) {
      const auto second = i == 1 || (i > 1 && *rc::gen::arbitrary<bool>());
      hub.append(entry({event(form_of(second ? "two@example.com" : "one@example.com"))}));
    }
    hub.run();
    const auto one = hub.id_of("one@example.com");
    const auto two = hub.id_of("two@example.com");
    const auto before = std::pair{hub.exported(one), hub.exported(two)};
    hub.merge(one, two);
    hub.unmerge(two);
    RC_ASSERT(hub.exported(one) == before.first);
    RC_ASSERT(hub.exported(two) == before.second);
  }));
}

TEST(Visits, JoinThePersonWhoMakesThemselvesKnown) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.append(
      entry({event(R"({"type":"page.viewed","anonymous_id":"v1","attribution":{"utm_source":"ad"}})")}));
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 2);
  hub.append_form(R"("email":"ada@example.com")", R"("anonymous_id":"v1")");
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 1);
  const auto ada = hub.lead_with("ada@example.com");
  EXPECT_THAT(ada.timeline, SizeIs(3));
  EXPECT_THAT(ada.aliases, SizeIs(1));
  ASSERT_TRUE(ada.lead.first_touch);
  EXPECT_EQ(ada.lead.first_touch->attribution.front().second, "ad");
}

TEST(Visits, OfTheSameBatchJoinToo) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  hub.append(entry({event(R"({"type":"page.viewed","anonymous_id":"v1"})")}));
  hub.append_form(R"("email":"ada@example.com")", R"("anonymous_id":"v1")");
  hub.append(entry({event(R"({"type":"page.viewed","anonymous_id":"v1"})")}));
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 1);
  const auto ada = hub.lead_with("ada@example.com");
  EXPECT_THAT(ada.timeline, SizeIs(4));
  hub.unmerge(ada.aliases.front());
  EXPECT_EQ(hub.reader()->count(), 2);
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(2));
}

TEST(Visits, OfSomebodyWhoIsKnownStayTheirs) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com")", R"("anonymous_id":"v1")");
  hub.append_form(R"("email":"byron@example.com")", R"("anonymous_id":"v1")");
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 2) << "two people at one machine";
}

TEST(Proposal, IsFiledWhereAnEventNamesTwoLeads) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("email":"lovelace@example.com","phone":"+442079460958")");
  hub.run();
  hub.append_form(R"("email":"ada@example.com","phone":"+442079460958")");
  hub.run();
  const auto proposals = *hub.reader()->proposals(10);
  ASSERT_THAT(proposals, SizeIs(1));
  EXPECT_EQ(proposals.front().reason, "phone");
  EXPECT_EQ(proposals.front().source.seq, 3);
  EXPECT_THAT((std::vector{proposals.front().first, proposals.front().second}),
              UnorderedElementsAre(hub.id_of("ada@example.com"), hub.id_of("lovelace@example.com")));
  EXPECT_EQ(hub.reader()->count(), 2) << "public input never merges";
}

TEST(Proposal, IsFiledOnceAndEndsWithTheMerge) {
  MergeHub hub;
  for (int i = 0; i < 3; ++i) {
    hub.append_form(R"("email":"ada@example.com","phone":"+442079460958")");
    hub.append_form(R"("email":"lovelace@example.com","phone":"+442079460958")");
    hub.run();
  }
  EXPECT_THAT(*hub.reader()->proposals(10), SizeIs(1));
  hub.merge(hub.id_of("ada@example.com"), hub.id_of("lovelace@example.com"));
  EXPECT_THAT(*hub.reader()->proposals(10), IsEmpty());
}

TEST(Proposal, ThatIsDismissedIsNotMadeAgain) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com","phone":"+442079460958")");
  hub.append_form(R"("email":"lovelace@example.com","phone":"+442079460958")");
  hub.run();
  hub.act(lead::DismissProposal{hub.id_of("lovelace@example.com"), hub.id_of("ada@example.com")});
  EXPECT_THAT(*hub.reader()->proposals(10), IsEmpty());
  hub.append_form(R"("email":"ada@example.com","phone":"+442079460958")");
  hub.run();
  EXPECT_THAT(*hub.reader()->proposals(10), IsEmpty());
}

TEST(Proposal, FollowsALeadThatIsMerged) {
  MergeHub hub;
  hub.append_form(R"("email":"ada@example.com","phone":"+442079460958")");
  hub.append_form(R"("email":"lovelace@example.com","phone":"+442079460958")");
  hub.append_form(R"("email":"king@example.com")");
  hub.run();
  const auto king = hub.id_of("king@example.com");
  const auto ada = hub.id_of("ada@example.com");
  hub.merge(king, hub.id_of("lovelace@example.com"));
  const auto proposals = *hub.reader()->proposals(10);
  ASSERT_THAT(proposals, SizeIs(1));
  EXPECT_THAT((std::vector{proposals.front().first, proposals.front().second}),
              UnorderedElementsAre(ada, king));
}

TEST(Proposal, IsNotFiledWhereManyShareTheNumber) {
  MergeHub hub;
  for (const auto* name : {"a", "b", "c", "d"})
    hub.append_form("\"email\":\"" + std::string{name} + R"(@example.com","phone":"+442079460958")");
  hub.run();
  EXPECT_THAT(*hub.reader()->proposals(10), SizeIs(1)) << "of the first two; then it is a switchboard's";
}

TEST(Verdict, ReachesWhoeverHasTheContactPoint) {
  TwoLeads hub;
  hub.act(lead::VerifyContacts{
      {{lead::ContactKind::email, "ada@example.com", lead::Verdict::invalid, "no_such_domain", {}}}});
  const auto ada = hub.lead_with("ada@example.com").lead;
  EXPECT_EQ(ada.primary(lead::ContactKind::email)->verdict, lead::Verdict::invalid);
  EXPECT_EQ(ada.primary(lead::ContactKind::email)->reason, "no_such_domain");
}

TEST(Verdict, SurvivesMergeAndUnmerge) {
  TwoLeads hub;
  hub.act(lead::VerifyContacts{
      {{lead::ContactKind::email, "a.lovelace@example.org", lead::Verdict::risky, "catch_all", {}}}});
  const auto before = hub.exported(hub.lovelace);
  hub.merge(hub.ada, hub.lovelace);
  hub.unmerge(hub.lovelace);
  EXPECT_EQ(hub.exported(hub.lovelace), before);
}

TEST(Erasure, RemovesThePersonWithAllThatWasMergedIntoThem) {
  TwoLeads hub;
  hub.append_form(R"("email":"byron@example.net")");
  hub.run();
  hub.merge(hub.ada, hub.lovelace);
  hub.act(lead::EraseLead{hub.lovelace});
  EXPECT_EQ(hub.reader()->count(), 1);
  EXPECT_FALSE(hub.reader()->get(hub.ada));
  EXPECT_FALSE(hub.reader()->get(hub.lovelace));
  EXPECT_THAT(hub.leads_with("a.lovelace@example.org"), IsEmpty());
  EXPECT_THAT(hub.leads_with("byron@example.net"), SizeIs(1));
}

TEST(Erasure, ScrubsTheInboxOfTheirEventsAlone) {
  MergeHub hub;
  hub.append(
      entry({event(form(R"("email":"ada@example.com")")), event(form(R"("email":"byron@example.com")"))},
            "ada and byron"));
  auto held = entry({event(form(R"("email":"someone@example.com")"))}, "your-email=ADA%40example.com");
  held.state = store::EntryState::held;
  hub.append(held);
  hub.append(entry({event(form(R"("name":"ada@example.com")"))}, "nobody can be told from this"));
  hub.run();
  hub.act(lead::EraseLead{hub.id_of("ada@example.com")});
  const auto erased = *hub.reader()->erased_after(0);
  ASSERT_TRUE(hub.inbox->scrub(erased));

  const auto shared = *hub.inbox_reader()->get(1);
  EXPECT_EQ(shared.request.body, "");
  EXPECT_EQ(shared.request.client_address, "");
  EXPECT_THAT(shared.entry.events, testing::Not(HasSubstr("ada@")));
  EXPECT_THAT(shared.entry.events, HasSubstr("byron@"));
  EXPECT_EQ(hub.inbox_reader()->get(2)->request.body, "") << "what was held, too";
  EXPECT_EQ(hub.inbox_reader()->get(3)->entry.events, "[{}]") << "and what was in quarantine";
  EXPECT_THAT(hub.quarantine(), IsEmpty());
  EXPECT_EQ(hub.inbox->scrubbed_up_to(), 4);
  EXPECT_THAT(*hub.reader()->erased_after(4), IsEmpty());
}

TEST(Erasure, ReachesTheRequestThatARedriveReplaced) {
  MergeHub hub;
  hub.append(entry({event(form(R"("name":"Ada")"))}, "ada wrote this"));  // names nobody: quarantine
  hub.run();
  hub.redrive(1, {form(R"("name":"Ada Unread")")});
  hub.run();
  hub.redrive(1, {form(R"("name":"Ada","email":"ada@example.com")")});
  hub.run();
  hub.act(lead::EraseLead{hub.id_of("ada@example.com")});
  ASSERT_TRUE(hub.inbox->scrub(*hub.reader()->erased_after(0)));
  EXPECT_EQ(hub.inbox_reader()->get(1)->request.body, "");
  for (const auto seq : {1, 2, 3}) EXPECT_EQ(hub.inbox_reader()->get(seq)->entry.events, "[{}]") << seq;
}

TEST(Erasure, LeavesALogFromWhichTheOthersCanBeMadeAgain) {
  MergeHub hub;
  hub.append(
      entry({event(form(R"("email":"ada@example.com")")), event(form(R"("email":"byron@example.com")"))}));
  hub.run();
  hub.act(lead::EraseLead{hub.id_of("ada@example.com")});
  ASSERT_TRUE(hub.inbox->scrub(*hub.reader()->erased_after(0)));
  hub.pipeline.reset();
  for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(hub.lead_file().string() + ending);
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 1);
  EXPECT_THAT(hub.leads_with("byron@example.com"), SizeIs(1));
}

TEST(Erasure, IsNotUndoneByALateRetry) {
  MergeHub hub;
  const auto keyed = entry({event(form(R"("email":"ada@example.com")"), "k1")});
  hub.append(keyed);
  hub.run();
  hub.act(lead::EraseLead{hub.id_of("ada@example.com")});
  ASSERT_TRUE(hub.inbox->scrub(*hub.reader()->erased_after(0)));
  const auto again = hub.inbox->append(std::span{&keyed, 1});
  EXPECT_EQ(again->front().kind, store::AppendOutcome::Kind::duplicate);
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 0);
}

}  // namespace
}  // namespace leadhub::pipeline
