#include "app/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/test_story.hpp"
#include "config_file.hpp"
#include "lead/action.hpp"
#include "lead/deed.hpp"
#include "lead/lead_json.hpp"
#include "store/lead_copy.hpp"

namespace leadhub::app {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

/// A Monday, 12:00 in London.
constexpr TimePoint beginning = std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h;
constexpr auto ada = "ada@example.com";

constexpr auto hub = R"(
workspace: story
normalise: {default_country: GB}
time_zone: Europe/London
channels:
  website: {plugin: webform, config: {provider: html, fields: {email: {to: email}}}}
  mail: {plugin: email, config: {transport: maildir, from: ada@example.com, postal_address: "12 St James's Square"}}
)";

constexpr auto journeys = R"(
nurture:
  templates: templates
  quiet_hours: {from: "21:00", to: "08:00"}
  cap: {mails: 2, per: 7d}
  journeys:
    welcome:
      enter: {event.type: newsletter.subscribed}
      goal: {lead.stage: [converted, customer]}
      steps:
        - send: {template: welcome, via: mail}
        - wait: 35h
        - send: {template: tips, via: mail}
        - send: {template: offer, via: mail}
        - split:
            left: {share: 50, steps: [{tag: left}]}
            right: {share: 50, steps: [{tag: right}]}
        - set: {attributes.phase: two}
)";

/// The clock of a command that is run at a moment.
class Simulated : public testing::Test {
 protected:
  Simulated() : file_(std::string{hub} + journeys) {
    std::filesystem::create_directory(file_.folder() / "templates");
    write_template("welcome", "Welcome, {{name|friend}}");
    write_template("tips", "Tips");
    write_template("offer", "An offer");
    loaded_ = file_.loaded();
    if (!loaded_.config) throw std::runtime_error("the configuration has errors");
    auto begun = Story::begin(loaded_, beginning);
    if (!begun) throw std::runtime_error(begun.error().message);
    story_ = *std::move(begun);
  }

  void write_template(const std::string& name, const std::string& subject) const {
    std::ofstream{file_.folder() / "templates" / (name + ".md")}
        << "---\nsubject: \"" << subject << "\"\n---\nHello {{name|you}}, this is " << name << ".\n";
  }

  /// Ada subscribes; what becomes due at once has happened.
  void subscribe(const std::string& more = "") {
    tell(
        R"({"channel": "website", "event": {"type": "newsletter.subscribed", "person": {"email": "ada@example.com",
      "name": "Ada"}, "consent": [{"purpose": "marketing_email", "channel": "email", "state": "granted",
      "text": "Yes."}])" +
        more + "}}");
  }

  void tell(const std::string& line) {
    const auto told = story_->tell(Json::parse(line));
    ASSERT_TRUE(told) << told.error().message;
  }
  void act(const lead::Action& action) {
    const auto acted = story_->act(action);
    ASSERT_TRUE(acted) << acted.error().message;
  }

  [[nodiscard]] Json lead() { return story_->lead(ada).value().value(); }

  Result<Simulation> try_out(const SimulationRequest& request) {
    return simulate(loaded_, story_->hub().files(), request, story_->clock());
  }
  Simulation simulated(std::chrono::milliseconds until, std::vector<SimulatedEvent> events = {}) {
    auto done = try_out({ada, until, std::move(events)});
    EXPECT_TRUE(done) << done.error().message;
    return done ? *std::move(done) : Simulation{};
  }

  /// Another configuration than that by which the lead came here.
  void change(const std::string& from, const std::string& to) {
    auto text = std::string{hub} + journeys;
    text.replace(text.find(from), from.size(), to);
    changed_ = std::make_unique<test::ConfigFile>(text);
    std::filesystem::copy(file_.folder() / "templates", changed_->folder() / "templates");
    loaded_changed_ = changed_->loaded();
  }

  static std::vector<std::string> lines(const Simulation& simulation) {
    std::vector<std::string> lines;
    for (const auto& step : simulation.steps)
      lines.push_back(local_words(step.at, simulation.time_zone) + " " + step.kind + " " + step.words +
                      (step.why.empty() ? "" : ": " + step.why));
    return lines;
  }
  static std::vector<std::string> of(const Simulation& simulation, const std::string& kind) {
    std::vector<std::string> lines;
    for (const auto& step : simulation.steps)
      if (step.kind == kind) lines.push_back(step.words + (step.why.empty() ? "" : ": " + step.why));
    return lines;
  }

  test::ConfigFile file_;
  LoadedConfig loaded_;
  std::unique_ptr<test::ConfigFile> changed_;
  LoadedConfig loaded_changed_;
  std::unique_ptr<Story> story_;
};

TEST_F(Simulated, GoesThroughWaitsQuietHoursAndTheCapInOrder) {
  subscribe();
  const auto simulation = simulated(std::chrono::days{14});
  EXPECT_THAT(
      lines(simulation),
      ElementsAre(
          "Tue 2026-01-06 23:00 wait welcome at \"tips\" until Wed 2026-01-07 08:00: it is in the lead's "
          "quiet hours",
          "Wed 2026-01-07 08:00 mail tips \"Tips\" to ada@example.com",
          "Wed 2026-01-07 08:00 wait welcome at \"offer\" until Mon 2026-01-12 12:00: the lead has got as "
          "many mails as the cap allows",
          "Mon 2026-01-12 12:00 mail offer \"An offer\" to ada@example.com", "Mon 2026-01-12 12:00 tag right",
          "Mon 2026-01-12 12:00 attribute phase = two",
          "Mon 2026-01-12 12:00 journey welcome completed: every step was taken"));
}

TEST_F(Simulated, LeavesTheHubAsItIs) {
  subscribe();
  const auto before = lead();
  std::ignore = simulated(std::chrono::days{14});
  EXPECT_EQ(lead(), before);
  EXPECT_EQ(story_->now(), beginning);
}

TEST_F(Simulated, BeginsWithTheLeadAsItIs) {
  subscribe();
  tell(R"({"after": "2h", "channel": "website", "event": {"type": "form.submitted", "person":
    {"email": "ada@example.com", "phone": "020 7946 0958"}, "attributes": {"size": 12.5}}})");
  tell(
      R"({"channel": "website", "event": {"type": "form.submitted", "person": {"email": "ada@example.org"}}})");
  const auto id = lead().at("id").get<std::string>();
  const auto other = story_->lead("ada@example.org").value().value().at("id").get<std::string>();
  act(lead::MergeLeads{id, other});
  act(lead::RecordDeed{id, R"({"version": 1, "type": "x.leadhub.tagged", "attributes": {"add": ["vip"]}})"});
  const auto& hub_of_story = story_->hub();
  auto folder = ScratchFolder::make(ScratchFolder::Place::memory).value();
  auto copier = store::LeadCopier::open(hub_of_story.files().leads, "story").value();
  const store::LeadCopyTarget target{folder.path() / "leads.db", folder.path() / "inbox.db", "copy"};
  const auto copied = copier->copy(id, {}, target, story_->clock());
  ASSERT_TRUE(copied) << copied.error().message;
  auto copy = store::LeadReader::open(target.leads, 1).value();
  const auto real = lead();
  EXPECT_THAT(real.at("tags").dump(), HasSubstr("vip"));
  EXPECT_THAT(real.at("aliases").dump(), HasSubstr(other));
  EXPECT_EQ(lead::lead_document(copy->get(id).value(), story_->now()), real);
  EXPECT_EQ(copy->cursor().value().seq, hub_of_story.lead_reader().value()->cursor().value().seq);
}

TEST_F(Simulated, FollowsAMergedLeadByAnyOfItsNames) {
  subscribe();
  tell(
      R"({"channel": "website", "event": {"type": "form.submitted", "person": {"email": "ada@example.org"}}})");
  const auto id = lead().at("id").get<std::string>();
  const auto other = story_->lead("ada@example.org").value().value().at("id").get<std::string>();
  act(lead::MergeLeads{id, other});
  for (const auto& name : {id, other, std::string{"ada@example.org"}}) {
    const auto simulation = try_out({name, 1h});
    ASSERT_TRUE(simulation) << simulation.error().message;
    EXPECT_EQ(simulation->lead_id, id);
  }
}

TEST_F(Simulated, TriesAChangedJourneyOnALeadThatIsOnTheOldOne) {
  subscribe();
  change("wait: 35h", "wait: 2h");
  const auto simulation =
      simulate(loaded_changed_, story_->hub().files(), {ada, std::chrono::hours{3}}, story_->clock());
  ASSERT_TRUE(simulation) << simulation.error().message;
  EXPECT_THAT(lines(*simulation), Contains("Mon 2026-01-05 14:00 mail tips \"Tips\" to ada@example.com"));
}

TEST_F(Simulated, ShowsWhatComesOfAnEventFromOutside) {
  subscribe();
  const auto simulation = simulated(
      std::chrono::days{3}, {{24h, R"({"type": "purchase.completed", "value": 10, "currency": "EUR"})"}});
  EXPECT_THAT(of(simulation, "event"), ElementsAre("purchase.completed"));
  EXPECT_THAT(of(simulation, "stage"), ElementsAre(HasSubstr("captured -> converted")));
  EXPECT_THAT(of(simulation, "journey"), ElementsAre(HasSubstr("welcome arrived")));
  EXPECT_THAT(of(simulation, "mail"), IsEmpty());
}

TEST_F(Simulated, ShowsTemperatureAndScoreFade) {
  tell(
      R"({"channel": "website", "event": {"type": "demo.requested", "person": {"email": "ada@example.com"}}})");
  const auto simulation = simulated(std::chrono::days{90});
  EXPECT_THAT(of(simulation, "temperature"), Contains(HasSubstr("-> cold")));
  EXPECT_EQ(simulation.now.temperature, "hot");
  EXPECT_EQ(simulation.then.temperature, "cold");
}

TEST_F(Simulated, SaysWhyAMailDoesNotGo) {
  tell(
      R"({"channel": "website", "event": {"type": "newsletter.subscribed", "person": {"email": "ada@example.com"}}})");
  tell(
      R"({"channel": "website", "event": {"type": "newsletter.subscribed", "person": {"email": "ada@example.com"}}})");
  const auto simulation = simulated(std::chrono::days{3});
  EXPECT_THAT(of(simulation, "no_mail"), Contains(HasSubstr("tips: ")));
}

TEST_F(Simulated, KnowsWhichAddressesAreSuppressed) {
  subscribe();
  tell(R"({"after": "1h", "channel": "website", "event": {"type": "email.bounced", "person": {"email":
    "ada@example.com"}, "signal": {"bounce": "hard"}}})");
  EXPECT_THAT(of(simulated(std::chrono::days{3}), "no_mail"), Contains(HasSubstr("tips: ")));
}

TEST_F(Simulated, ShowsThatAPauseHoldsAJourney) {
  subscribe();
  const lead::PauseScope scope{lead::PauseScope::Of::journey, "welcome"};
  act(lead::PauseSending{scope});
  const auto simulation = simulated(std::chrono::days{14});
  EXPECT_THAT(of(simulation, "pause"), ElementsAre("sending is paused (journey/welcome)"));
  EXPECT_THAT(of(simulation, "mail"), IsEmpty());
}

TEST_F(Simulated, PrintsATableWithTheLeadsOwnClock) {
  tell(
      R"({"channel": "website", "event": {"type": "newsletter.subscribed", "person": {"email": "ada@example.com",
    "name": "Ada", "country": "FR"}, "consent": [{"purpose": "marketing_email", "channel": "email",
    "state": "granted", "text": "Yes."}]}})");
  const auto simulation = simulated(48h);
  testing::internal::CaptureStdout();
  print_simulation(simulation, SimulationText::steps);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            R"(Ada <ada@example.com>, if nothing else comes from outside
now:  captured, cold, score 0; on welcome at "wait" until Wed 2026-01-07 00:00

UTC               Europe/Paris          WHAT                                                 WHY
2026-01-06 23:00  Wed 2026-01-07 00:00  wait  welcome at "tips" until Wed 2026-01-07 08:00   it is in the lead's quiet hours
2026-01-07 07:00  Wed 2026-01-07 08:00  mail  tips "Tips" to ada@example.com
2026-01-07 07:00  Wed 2026-01-07 08:00  wait  welcome at "offer" until Mon 2026-01-12 13:00  the lead has got as many mails as the cap allows

then: captured, cold, score 0; on welcome at "offer" until Mon 2026-01-12 13:00
)");
}

TEST_F(Simulated, PrintsWhatTheMailsSayWhereAsked) {
  subscribe();
  const auto simulation = simulated(48h);
  testing::internal::CaptureStdout();
  print_simulation(simulation, SimulationText::with_mails);
  EXPECT_THAT(
      testing::internal::GetCapturedStdout(),
      AllOf(HasSubstr("--- 2026-01-07 08:00 tips \"Tips\" to ada@example.com\n\nHello Ada, this is tips."),
            Not(HasSubstr("Welcome, Ada"))));
}

TEST_F(Simulated, IsJsonForPrograms) {
  subscribe();
  const auto document = simulation_as_json(simulated(std::chrono::days{3}));
  EXPECT_EQ(document.at("now").at("stage"), "captured");
  EXPECT_EQ(document.at("steps").at(1).at("template"), "tips");
  EXPECT_EQ(document.at("steps").at(1).at("at"), "2026-01-07T08:00:00.000Z");
  EXPECT_THAT(document.at("steps").at(1).at("text").get<std::string>(), HasSubstr("this is tips"));
}

TEST_F(Simulated, RefusesWhatItCannotDo) {
  subscribe();
  EXPECT_THAT(try_out({"bob@example.com", 1h}).error().message, HasSubstr("there is no such lead"));
  EXPECT_THAT(try_out({ada, std::chrono::days{2000}}).error().message, HasSubstr("give at most 1096d"));
  EXPECT_THAT(try_out({ada, 1h, {{2h, "{}"}}}).error().message, HasSubstr("give a longer --until"));
  EXPECT_THAT(try_out({ada, 1h, {{1min, "[]"}}}).error().message, HasSubstr("no JSON object"));
  auto elsewhere = story_->hub().files();
  elsewhere.leads = file_.folder() / "nowhere.db";
  EXPECT_THAT(simulate(loaded_, elsewhere, {ada, 1h}, story_->clock()).error().message,
              HasSubstr("there is no such store; `leadhub serve` makes it"));
}

}  // namespace
}  // namespace leadhub::app
