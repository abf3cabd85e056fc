#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/qualify_section.hpp"
#include "config/route_section.hpp"
#include "lead/deed.hpp"
#include "pipeline/due_leads.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using lead::Stage;
using lead::Temperature;
using test::value_or_throw;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

/// start_time is a Monday, 2026-01-05T12:00:00Z.
constexpr auto example_qualify = R"({
  "score": [{"name": "demo", "when": {"event.type": "demo.requested"}, "add": 50},
            {"name": "form", "when": {"event.type": "form.submitted"}, "add": 20},
            {"name": "big", "when": {"lead.attributes.size": {"gte": 200}}, "add": 20, "group": "fit", "once": true}],
  "decay": {"group": "engagement", "half_life": "30d"},
  "temperature": [{"is": "hot", "when": {"lead.score": {"gte": 60}}}]})";
constexpr auto example_route = R"({
  "team": [{"name": "Charles", "email": "charles@example.com", "territory": ["GB"], "away": ["2026-01-12"]},
           {"name": "Mary", "email": "mary@example.com", "capacity": "2 per 1d"}],
  "working_hours": {"from": "09:00", "to": "18:00", "time_zone": "Europe/London"},
  "rules": [{"when": {"lead.temperature": "hot"}, "assign": "territory", "answer_within": "1h", "then": "reassign"}],
  "notify": {"via": "mail", "template": "hand-off"}})";

struct Funnel : ::testing::Test {
  test::Hub hub;
  std::unique_ptr<DueLeads> due;

  Funnel() { configure(example_qualify, example_route); }

  void configure(const char* qualify, const char* route) {
    hub.options.rules = config::qualify_of(nlohmann::json::parse(qualify), {});
    hub.options.routes = config::route_of(nlohmann::json::parse(route), {}, "Europe/London");
    hub.pipeline.reset();
    hub.run();
  }

  void happens(const std::string& type, const std::string& person, const std::string& members = "") {
    const auto document =
        R"({"version":1,"type":")" + type + R"(","person":{)" + person + "}" + members + "}";
    auto draft = test::entry({test::event(document)});
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }

  void does(const std::string& lead_id, const std::string& event) {
    hub.act(lead::RecordDeed{lead_id, event});
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

  [[nodiscard]] lead::LeadRecord ada() { return hub.lead_with("ada@example.com"); }
  [[nodiscard]] std::vector<std::string> owners() {
    std::vector<std::string> names;
    for (const auto& assignment : ada().assignments)
      names.push_back(assignment.owner + " " + std::string{to_string(assignment.state)});
    return names;
  }
  [[nodiscard]] std::vector<std::string> set_aside() {
    std::vector<std::string> reasons;
    for (const auto& event : value_or_throw(hub.reader()->quarantine(0, 100)))
      reasons.push_back(event.reason);
    return reasons;
  }
};

constexpr auto ada_gb = R"("email":"ada@example.com","country":"GB")";

TEST_F(Funnel, KeepsALedgerThatIsTheScore) {
  happens("demo.requested", ada_gb, R"(,"attributes":{"size":500})");
  happens("form.submitted", ada_gb);
  const auto record = ada();
  ASSERT_THAT(record.scores, SizeIs(3));
  std::int64_t sum = 0;
  for (const auto& entry : record.scores) sum += entry.points;
  EXPECT_EQ(record.lead.score_at(hub.clock.now()), sum);
  EXPECT_EQ(sum, 90);
}

TEST_F(Funnel, ScoresACorrectedEventAnew) {
  happens("demo.requested", ada_gb);
  hub.redrive(1, {R"({"version":1,"type":"form.submitted","person":{"email":"ada@example.com"}})"});
  hub.run();
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 20);
  EXPECT_THAT(ada().scores, SizeIs(1));
}

TEST_F(Funnel, ScoresAMergedLeadAsIfItHadBeenOne) {
  happens("demo.requested", R"("email":"ada@example.com")", R"(,"attributes":{"size":500})");
  happens("demo.requested", R"("email":"lovelace@example.com")", R"(,"attributes":{"size":900})");
  const auto into = ada().lead.id;
  const auto merged = hub.leads_with("lovelace@example.com").front();
  hub.act(lead::MergeLeads{into, merged});
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 120) << "the company is big once";
  EXPECT_THAT(ada().scores, SizeIs(3));
  hub.act(lead::UnmergeLead{merged});
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 70);
  EXPECT_THAT(ada().scores, SizeIs(2));
}

TEST_F(Funnel, ScoresAnewWhenASignalTurnsOutToBeAMachines) {
  configure(R"({"score": [{"name": "clicked", "when": {"event.type": "email.clicked", "event.trust": "human"},
                           "add": 10}]})",
            "{}");
  happens("email.clicked", ada_gb, R"(,"signal":{"trust":"human"})");
  const auto clicked = ada().timeline.front().reference;
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 10);
  hub.act(lead::JudgeSignal{clicked, lead::SignalTrust::scanner});
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 0);
  EXPECT_EQ(ada().timeline.front().trust, lead::SignalTrust::scanner);
  happens("form.submitted", ada_gb);
  hub.redrive(3, {R"({"version":1,"type":"page.viewed","person":{"email":"ada@example.com"}})"});
  hub.run();
  EXPECT_EQ(ada().lead.score_at(hub.clock.now()), 0) << "what was said of it holds";
}

TEST_F(Funnel, CoolsALeadInItsTime) {
  configure(example_qualify, "{}");
  happens("demo.requested", ada_gb);
  EXPECT_EQ(ada().lead.temperature_at(hub.clock.now()), Temperature::hot);
  pass(31 * 24h);
  EXPECT_EQ(ada().lead.temperature_at(hub.clock.now()), Temperature::cold);
  EXPECT_EQ(ada().lead.wake_at, std::nullopt);
}

TEST_F(Funnel, HandsAHotLeadToWhoeverHasItsCountry) {
  happens("demo.requested", ada_gb);
  const auto record = ada();
  ASSERT_THAT(record.assignments, SizeIs(1));
  EXPECT_EQ(record.lead.owner(), "Charles");
  EXPECT_EQ(record.assignments[0].answer_by, hub.clock.now() + 1h);
  EXPECT_EQ(record.assignments[0].rule, "lead.temperature is hot");
  EXPECT_EQ(record.assignments[0].method, "territory");
  ASSERT_THAT(record.messages, SizeIs(1));
  EXPECT_EQ(record.messages[0].kind, lead::MessageKind::hand_off);
  EXPECT_EQ(record.messages[0].address, "charles@example.com");
}

TEST_F(Funnel, HandsALeadOverOnceWhileItStaysHot) {
  for (int i = 0; i < 3; ++i) happens("demo.requested", ada_gb);
  EXPECT_THAT(owners(), ElementsAre("Charles open"));
  EXPECT_THAT(ada().messages, SizeIs(1));
}

TEST_F(Funnel, GivesALeadThatNobodyAnsweredToSomebodyElse) {
  happens("demo.requested", ada_gb);
  pass(90min);
  EXPECT_THAT(owners(), ElementsAre("Charles missed", "Mary open"));
  pass(1h);
  EXPECT_THAT(owners(), ElementsAre("Charles missed", "Mary missed")) << "nobody is left";
  EXPECT_THAT(ada().messages, SizeIs(4)) << "two hand-offs, and everybody is told";
}

TEST_F(Funnel, LeavesAnAnsweredLeadWhereItIs) {
  happens("demo.requested", ada_gb);
  does(ada().lead.id, R"({"version":1,"type":"x.leadhub.answered"})");
  pass(24h);
  EXPECT_THAT(owners(), ElementsAre("Charles answered"));
  EXPECT_EQ(ada().assignments[0].answered_at, test::start_time);
}

TEST_F(Funnel, CountsTheTimeToAnswerInWorkingHours) {
  hub.clock.advance(5h + 30min);  // 17:30
  happens("demo.requested", ada_gb);
  EXPECT_EQ(ada().assignments[0].answer_by, test::start_time + 21h + 30min)
      << "half past nine the next morning";
  pass(15h);
  EXPECT_THAT(owners(), ElementsAre("Charles open"));
}

TEST_F(Funnel, LetsLeadsWaitUntilSomebodyIsBack) {
  configure(example_qualify, R"({
    "team": [{"name": "Charles", "email": "c@example.com", "away": ["2026-01-05/2026-01-06"]}],
    "working_hours": {"from": "09:00", "to": "18:00", "time_zone": "Europe/London"},
    "rules": [{"when": {"lead.temperature": "hot"}, "assign": "territory", "answer_within": "1h"}]})");
  happens("demo.requested", ada_gb);
  EXPECT_EQ(ada().lead.owner(), "");
  pass(35h);
  EXPECT_EQ(ada().lead.owner(), "");
  pass(2h);
  EXPECT_EQ(ada().lead.owner(), "Charles");
  EXPECT_EQ(ada().assignments[0].assigned_at, test::start_time + 36h) << "at midnight";
}

TEST_F(Funnel, DrainsItsBacklogInTheOrderInWhichLeadsCame) {
  configure(example_qualify, R"({"team": [{"name": "Mary", "email": "m@example.com", "capacity": "2 per 1d"}],
    "rules": [{"when": {"lead.temperature": "hot"}, "assign": "round_robin"}]})");
  for (int i = 0; i < 5; ++i) {
    happens("demo.requested", R"("email":"p)" + std::to_string(i) + R"(@example.com")");
    pass(1min);
  }
  const auto owned = [&] {
    std::vector<int> numbers;
    for (int i = 0; i < 5; ++i)
      if (!hub.lead_with("p" + std::to_string(i) + "@example.com").lead.owner().empty()) numbers.push_back(i);
    return numbers;
  };
  EXPECT_THAT(owned(), ElementsAre(0, 1));
  pass(24h);
  EXPECT_THAT(owned(), ElementsAre(0, 1, 2, 3));
  pass(24h);
  EXPECT_THAT(owned(), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Funnel, RemembersWhoIsBusyOverARestart) {
  configure(example_qualify, R"({"team": [{"name": "Mary", "email": "m@example.com", "capacity": "1 per 1d"},
                                          {"name": "Grace", "email": "g@example.com"}],
    "rules": [{"when": {"lead.temperature": "hot"}, "assign": "round_robin"}]})");
  std::map<std::string, int> got;
  for (int i = 0; i < 6; ++i) {
    hub.open();
    const auto address = "p" + std::to_string(i) + "@example.com";
    happens("demo.requested", R"("email":")" + address + "\"");
    ++got[hub.lead_with(address).lead.owner()];
  }
  EXPECT_EQ(got, (std::map<std::string, int>{{"Grace", 5}, {"Mary", 1}}));
}

TEST_F(Funnel, WithoutATeamKeepsItsLeadsWaiting) {
  configure(example_qualify,
            R"({"team": [], "rules": [{"when": {"lead.temperature": "hot"}, "assign": "round_robin"}]})");
  happens("demo.requested", ada_gb);
  EXPECT_EQ(ada().lead.owner(), "");
  EXPECT_TRUE(ada().lead.routing.waiting);
}

TEST_F(Funnel, FreesWhoeverHadALeadThatIsMergedOrErased) {
  configure(example_qualify, R"({"team": [{"name": "Mary", "email": "m@example.com"},
                                          {"name": "Grace", "email": "g@example.com"}],
    "rules": [{"when": {"lead.temperature": "hot"}, "assign": "least_busy"}]})");
  happens("demo.requested", ada_gb);                            // Mary
  happens("demo.requested", R"("email":"byron@example.com")");  // Grace
  const auto byron = hub.leads_with("byron@example.com").front();
  hub.act(lead::MergeLeads{ada().lead.id, byron});
  EXPECT_EQ(ada().lead.owner(), "Mary");
  happens("demo.requested", R"("email":"alan@example.com")");
  EXPECT_EQ(hub.lead_with("alan@example.com").lead.owner(), "Grace") << "who has none any more";
  hub.act(lead::EraseLead{ada().lead.id});
  hub.open();
  happens("demo.requested", R"("email":"emmy@example.com")");
  EXPECT_EQ(hub.lead_with("emmy@example.com").lead.owner(), "Mary");
}

TEST_F(Funnel, CarriesAHandOffOverToTheLeadThatIsMergedInto) {
  happens("form.submitted", ada_gb);
  happens("demo.requested", R"("email":"byron@example.com","country":"GB")");
  hub.act(lead::MergeLeads{ada().lead.id, hub.leads_with("byron@example.com").front()});
  EXPECT_THAT(owners(), ElementsAre("Charles open"));
  does(ada().lead.id, R"({"version":1,"type":"x.leadhub.answered"})");
  EXPECT_THAT(owners(), ElementsAre("Charles answered"));
}

TEST_F(Funnel, TakesTheRecordsOfAnotherHubForWhatTheyAre) {
  happens("x.leadhub.tagged", ada_gb, R"(,"attributes":{"add":["vip"]})");
  happens("x.telegram.auto_reply", ada_gb, R"(,"attributes":{"state":"sent"})");
  EXPECT_THAT(ada().lead.attributes, IsEmpty());
  EXPECT_THAT(ada().lead.tags, IsEmpty());
  EXPECT_THAT(ada().timeline, SizeIs(2));
}

// --- What people do to leads

TEST_F(Funnel, TakesWhatPeopleDoIntoTheTimeline) {
  happens("form.submitted", ada_gb);
  const auto id = ada().lead.id;
  does(id, R"({"version":1,"type":"x.leadhub.tagged","attributes":{"add":["vip","fair"]}})");
  does(id, R"({"version":1,"type":"x.leadhub.tagged","attributes":{"add":["vip"],"remove":["fair"]}})");
  does(id, R"({"version":1,"type":"x.leadhub.noted","message":"Called, is interested."})");
  does(id, R"({"version":1,"type":"x.leadhub.assigned","attributes":{"owner":"Mary"}})");
  EXPECT_THAT(ada().lead.tags, ElementsAre("vip"));
  EXPECT_THAT(ada().timeline, SizeIs(5));
  EXPECT_THAT(owners(), ElementsAre("Mary open"));
  hub.redrive(1,
              {R"({"version":1,"type":"form.submitted","person":{"email":"ada@example.com","name":"Ada"}})"});
  hub.run();
  EXPECT_THAT(ada().lead.tags, ElementsAre("vip")) << "a correction takes none of it back";
  EXPECT_EQ(ada().lead.owner(), "Mary");
  EXPECT_THAT(set_aside(), IsEmpty());
}

TEST_F(Funnel, RecordsASaleOnce) {
  happens("form.submitted", ada_gb);
  const auto id = ada().lead.id;
  for (int i = 0; i < 2; ++i)
    does(id, R"({"version":1,"type":"purchase.completed","key":"order-1","value":1200,"currency":"EUR"})");
  EXPECT_EQ(ada().lead.stage, Stage::converted);
  EXPECT_THAT(ada().lead.value, ElementsAre(std::pair{std::string{"EUR"}, 1200.0}));
  does(id, R"({"version":1,"type":"purchase.completed","value":5,"currency":"EUR"})");
  EXPECT_THAT(set_aside(), ElementsAre(::testing::HasSubstr("--again")));
  does(id,
       R"({"version":1,"type":"purchase.completed","value":5,"currency":"EUR","attributes":{"again":true}})");
  EXPECT_EQ(ada().lead.stage, Stage::customer);
  EXPECT_THAT(ada().lead.value, ElementsAre(std::pair{std::string{"EUR"}, 1205.0}));
}

TEST_F(Funnel, RefusesWhatCannotBe) {
  happens("form.submitted", ada_gb);
  const auto id = ada().lead.id;
  does(id, R"({"version":1,"type":"purchase.completed","value":-5,"currency":"EUR"})");
  does(id, R"({"version":1,"type":"x.leadhub.recycled"})");
  does(id, R"({"version":1,"type":"x.leadhub.assigned","attributes":{"owner":"Nobody"}})");
  does(id, R"({"version":1,"type":"x.leadhub.answered"})");
  does("no-such-lead", R"({"version":1,"type":"x.leadhub.noted","message":"x"})");
  EXPECT_THAT(set_aside(), SizeIs(5));
  EXPECT_THAT(ada().timeline, SizeIs(1));
}

TEST_F(Funnel, LosesALeadAndStartsAnew) {
  happens("form.submitted", ada_gb);
  const auto id = ada().lead.id;
  does(id, R"({"version":1,"type":"x.leadhub.lost","attributes":{"reason":"no budget"}})");
  EXPECT_EQ(ada().lead.stage, Stage::lost);
  does(id, R"({"version":1,"type":"x.leadhub.recycled"})");
  EXPECT_EQ(ada().lead.stage, Stage::recycled);
}

TEST_F(Funnel, RaisesTheDatesOfAnAccount) {
  happens("purchase.completed", ada_gb, R"(,"value":10,"currency":"EUR")");
  does(ada().lead.id, R"({"version":1,"type":"x.leadhub.account",
                          "attributes":{"owner":"Mary","renews_at":"2026-02-01T00:00:00Z"}})");
  EXPECT_EQ(ada().lead.account.owner, "Mary");
  pass(60 * 24h);
  EXPECT_EQ(ada().timeline.back().type, lead::deed::renewal_due);
  EXPECT_EQ(ada().timeline.back().occurred_at, *parse_rfc3339("2026-02-01T00:00:00Z"));
  EXPECT_EQ(ada().lead.account.renews_at, std::nullopt);
}

TEST_F(Funnel, MovesAStageByTimeAloneAndAgainTheSameWhenFolded) {
  configure(R"({"stages": {"lost": {"when": {"not": {"lead.updated_at": {"within": "30d"}}}}}})", "{}");
  happens("form.submitted", ada_gb);
  pass(31 * 24h);
  EXPECT_EQ(ada().lead.stage, Stage::lost);
  EXPECT_EQ(ada().lead.entered(Stage::lost), test::start_time + 30 * 24h);
  hub.redrive(1,
              {R"({"version":1,"type":"form.submitted","person":{"email":"ada@example.com","name":"Ada"}})"});
  hub.run();
  EXPECT_THAT(ada().timeline, SizeIs(2));
}

}  // namespace
}  // namespace leadhub::pipeline
