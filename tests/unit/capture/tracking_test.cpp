// Opens and clicks from the request to the lead, with real stores, a real log and the real pipeline.
#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "capture/inbox_writer.hpp"
#include "capture/signal_log.hpp"
#include "capture/tracking_pages.hpp"
#include "capture/tracking_token.hpp"
#include "config/nurture_section.hpp"
#include "config/qualify_section.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::capture {
namespace {

using lead::SignalTrust;
using test::value_or_throw;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

constexpr auto ada = "ada@example.com";
constexpr auto demo = "https://www.example.com/demo?a=1&b=2";
constexpr auto firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// Somebody was sent a mail an hour ago. A click of a person scores 10, an open 2.
struct Tracking : testing::Test {
  test::Hub hub;
  ops::KeyRing keys = ops::KeyRing::open(hub.folder / "keys").value();
  lead::Message message;
  std::unique_ptr<InboxWriter> writer;
  std::unique_ptr<SignalLog> signals;
  std::unique_ptr<TrackingPages> pages;

  Tracking() {
    hub.options.nurture = config::nurture_of(nlohmann::json::parse(R"({"journeys": {"welcome": {
        "enter": {"event.type": "newsletter.subscribed"},
        "steps": [{"send": {"template": "hello", "via": "mail"}}]}}})"),
                                             {}, "UTC");
    hub.options.rules = config::qualify_of(nlohmann::json::parse(R"({"score": [
        {"name": "clicked", "when": {"event.type": "email.clicked", "event.trust": "human"}, "add": 10},
        {"name": "opened", "when": {"event.type": "email.opened", "event.trust": "human"}, "add": 2}]})"),
                                           {});
    hub.append(test::entry(
        {test::event(R"({"type":"newsletter.subscribed","person":{"email":"Ada@Example.com"},)"
                     R"("consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}]})")}));
    hub.run();
    send();
    hub.clock.advance(1h);
    open();
  }

  void send() {
    hub.pipeline.reset();
    const auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    auto leased =
        value_or_throw(leads->outbox().lease({lead::MessageKind::journey, "mail"}, hub.clock.now(), 1));
    message = leased.at(0);
    message.state = lead::MessageState::sent;
    message.sent_at = hub.clock.now();
    EXPECT_TRUE(leads->outbox().settle(std::span{&message, 1}));
  }

  void open() {
    writer = std::make_unique<InboxWriter>(
        value_or_throw(store::InboxWriterStore::open(hub.inbox_file(), "main", hub.clock)),
        InboxWriter::Retention{}, hub.clock, [](std::int64_t) {}, [](const Error&) {});
    signals = std::make_unique<SignalLog>(value_or_throw(store::MessageReader::open(hub.lead_file(), 1)),
                                          *writer, keys, hub.clock);
    pages = std::make_unique<TrackingPages>(*signals, keys, "main");
  }
  enum class Pipeline { runs = 1, waits };
  /// Something happens while the hub is stopped, and the pipeline takes what is in the log or does not. A
  /// stop logs what is held.
  void closed(const std::function<void()>& happens, Pipeline pipeline = Pipeline::runs) {
    signals.reset();
    writer.reset();
    hub.open_inbox();
    happens();
    if (pipeline == Pipeline::runs) hub.run();
    open();
  }
  void restart() {
    closed([] {});
  }
  void settle() {
    hub.clock.advance(limits::signal_window);
    EXPECT_TRUE(signals->log_due());
    restart();
  }

  HttpResponse ask(const std::string& method, const std::string& path,
                   std::vector<HttpHeader> headers = {{"user-agent", firefox}}) {
    std::optional<HttpResponse> answer;
    pages->handle({method, path, "", std::move(headers), "", "192.0.2.1", hub.clock.now()},
                  [&](HttpResponse response) { answer = std::move(response); });
    return answer.value();
  }
  HttpResponse get(const std::string& path) { return ask("GET", path); }

  [[nodiscard]] std::string link(const std::string& url = demo) const {
    return "/r/" + click_token({message.id, url}, keys, "main");
  }
  [[nodiscard]] std::string picture() const { return "/o/" + open_token(message.id, keys, "main"); }

  /// The lines that opens and clicks have left in the timeline.
  [[nodiscard]] std::vector<lead::TimelineEntry> recorded() {
    auto lines = hub.lead_with(ada).timeline;
    std::erase_if(lines, [](const auto& line) { return !line.type.starts_with("email."); });
    return lines;
  }
  [[nodiscard]] std::int64_t score() { return hub.lead_with(ada).lead.score_at(hub.clock.now()); }
};

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& one : response.headers)
    if (one.name == name) return one.value;
  return "(none)";
}

auto line(const char* type, SignalTrust trust) {
  return AllOf(Field(&lead::TimelineEntry::type, type), Field(&lead::TimelineEntry::trust, trust));
}

TEST_F(Tracking, LeadsAClickToWhereTheLinkWasMeantToLead) {
  const auto answer = get(link());
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(header(answer, "location"), demo);
  EXPECT_EQ(header(answer, "cache-control"), "no-store");
  EXPECT_EQ(header(answer, "referrer-policy"), "no-referrer");
}

TEST_F(Tracking, AnswersAnOpenByAPictureThatIsNotKept) {
  const auto answer = get(picture());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "content-type"), "image/gif");
  EXPECT_EQ(header(answer, "cache-control"), "no-store");
  EXPECT_THAT(answer.body, AllOf(SizeIs(43), testing::StartsWith("GIF89a")));
}

TEST_F(Tracking, RecordsAClickWithItsJudgementAtTheLeadThatGotTheMail) {
  get(link());
  const auto at = hub.clock.now();
  settle();
  ASSERT_THAT(recorded(), ElementsAre(line("email.clicked", SignalTrust::human)));
  const auto click = recorded().front();
  EXPECT_EQ(click.channel, "mail");
  EXPECT_EQ(click.occurred_at, at);
  EXPECT_EQ(nlohmann::json::parse(click.document).at("signal"),
            nlohmann::json({{"trust", "human"},
                            {"reason", "followed in a browser, when people read"},
                            {"message_id", message.id},
                            {"user_agent", firefox},
                            {"url", demo}}));
}

TEST_F(Tracking, ScoresWhatPeopleDo) {
  get(picture());
  get(link());
  settle();
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(score(), 12);
}

TEST_F(Tracking, ScoresNothingThatAScannerDoes) {
  ask("HEAD", link());
  ask("HEAD", picture());
  settle();
  EXPECT_THAT(recorded(), UnorderedElementsAre(line("email.opened", SignalTrust::scanner),
                                               line("email.clicked", SignalTrust::scanner)));
  EXPECT_EQ(score(), 0);
}

TEST_F(Tracking, ScoresNothingOfWhichNobodyKnowsWhoDidIt) {
  ask("GET", link(), {{"user-agent", "SomeMailProgram 3"}});
  settle();
  EXPECT_THAT(recorded(), ElementsAre(line("email.clicked", SignalTrust::unknown)));
  EXPECT_EQ(score(), 0);
}

TEST_F(Tracking, KnowsAScannerThatFollowsAllLinksAtOnce) {
  for (const auto* url : {"https://one.example", "https://two.example", "https://three.example"}) {
    get(link(url));
    hub.clock.advance(1s);
  }
  settle();
  EXPECT_THAT(recorded(), AllOf(SizeIs(3), testing::Each(line("email.clicked", SignalTrust::scanner))));
  EXPECT_THAT(recorded().front().document, HasSubstr("3 links of the mail were followed within 10 s"));
}

TEST_F(Tracking, TakesLinksForFollowedAtOnceThatWereSoHoweverLongTheyAreHeld) {
  for (const auto* url : {"https://one.example", "https://two.example", "https://three.example"}) {
    get(link(url));
    hub.clock.advance(1min);  // and the log takes nothing meanwhile
  }
  settle();
  EXPECT_THAT(recorded(), AllOf(SizeIs(3), testing::Each(line("email.clicked", SignalTrust::human))));
}

TEST_F(Tracking, KnowsWhatABrowserFetchesAhead) {
  ask("GET", link(), {{"user-agent", firefox}, {"sec-purpose", "prefetch;prerender"}});
  settle();
  EXPECT_THAT(recorded(), ElementsAre(line("email.clicked", SignalTrust::scanner)));
}

TEST_F(Tracking, TakesAPersonForASignOfLifeAndNoScanner) {
  const auto before = hub.lead_with(ada).lead.updated_at;
  ask("HEAD", link());
  settle();
  ASSERT_THAT(recorded(), SizeIs(1));
  EXPECT_EQ(hub.lead_with(ada).lead.updated_at, before);
  get(link());
  settle();
  EXPECT_GT(hub.lead_with(ada).lead.updated_at, before);
}

TEST_F(Tracking, CountsAPersonBehindAScannerOnTheSameDay) {
  ask("HEAD", link());
  settle();
  get(link());
  settle();
  EXPECT_EQ(score(), 10);
}

TEST_F(Tracking, RecordsALinkOnceADayHoweverOftenItIsFollowed) {
  for (int i = 0; i < 3; ++i) {
    get(link());
    settle();
  }
  EXPECT_THAT(recorded(), SizeIs(1));
  hub.clock.advance(24h);
  get(link());
  settle();
  EXPECT_THAT(recorded(), SizeIs(2));
}

TEST_F(Tracking, WaitsForWhatComesWithASignal) {
  get(link());
  hub.clock.advance(limits::signal_window - 1ms);
  ASSERT_TRUE(signals->log_due());
  EXPECT_EQ(signals->statistics().held, 1U);
  hub.clock.advance(1ms);
  ASSERT_TRUE(signals->log_due());
  EXPECT_EQ(signals->statistics().held, 0U);
  EXPECT_EQ(signals->statistics().human, 1U);
}

TEST_F(Tracking, LogsWhatIsHeldWhenTheHubStops) {
  get(link());
  restart();
  EXPECT_THAT(recorded(), ElementsAre(line("email.clicked", SignalTrust::human)));
}

TEST_F(Tracking, HoldsOnWhatTheLogDoesNotTake) {
  get(link());
  hub.clock.advance(limits::signal_window);
  writer->stop();
  EXPECT_FALSE(signals->log_due());
  EXPECT_EQ(signals->statistics().held, 1U);
  signals->stop();
  EXPECT_EQ(signals->statistics().dropped, 1U);
}

TEST_F(Tracking, GoesWithTheLeadIntoAnother) {
  const auto merged = hub.lead_with(ada).lead.id;
  closed([&] {
    hub.append_form(R"("email":"lovelace@example.com")");
    hub.run();
    hub.act(lead::MergeLeads{hub.leads_with("lovelace@example.com").front(), merged});
  });
  get(link());
  settle();
  EXPECT_THAT(recorded(), SizeIs(1));
  EXPECT_EQ(hub.lead_with(ada).lead.id, hub.lead_with("lovelace@example.com").lead.id);
}

TEST_F(Tracking, LeadsOnAfterTheLeadIsErasedAndRecordsNothing) {
  closed([&] { hub.act(lead::EraseLead{hub.lead_with(ada).lead.id}); });
  EXPECT_EQ(header(get(link()), "location"), demo);
  settle();
  EXPECT_THAT(hub.leads_with(ada), IsEmpty());
}

TEST_F(Tracking, BringsNobodyBackWhoWasErasedBeforeItInTheLog) {
  const auto id = hub.lead_with(ada).lead.id;
  get(link());
  closed([&] { hub.log(lead::EraseLead{id}); }, Pipeline::waits);
  get(link("https://www.example.com/other"));
  settle();
  EXPECT_THAT(hub.leads_with(ada), IsEmpty());
  EXPECT_EQ(hub.pipeline->statistics().quarantined_events, 0U);
  signals.reset();
  writer.reset();
  hub.open_inbox();
  const auto reader = hub.reader();
  for (std::int64_t after = 0; after < hub.inbox->head();) {
    const auto erased = value_or_throw(reader->erased_after(after));
    if (erased.empty()) break;
    ASSERT_TRUE(hub.inbox->scrub(erased));
    after = erased.front().erased_by;
  }
  const auto inbox = hub.inbox_reader();
  for (std::int64_t seq = 1; seq <= hub.inbox->head(); ++seq)
    EXPECT_THAT(value_or_throw(inbox->get(seq)).entry.events, testing::Not(HasSubstr("@"))) << seq;
}

TEST_F(Tracking, LeadsNowhereWithoutASignature) {
  for (const auto& path : {std::string{"/r/"}, std::string{"/r/https://evil.example"}, link() + "x",
                           link().substr(0, link().size() - 1), "/r/" + picture().substr(3),
                           "/r/" + click_token({message.id, demo}, keys, "other"), "/o/" + link().substr(3),
                           "/o/" + std::string(64 * limits::kibibyte, 'A')}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.status, 404) << path.substr(0, 100);
    EXPECT_EQ(header(answer, "location"), "(none)");
  }
  EXPECT_EQ(signals->statistics().held, 0U);
}

TEST_F(Tracking, TakesNoPost) {
  EXPECT_EQ(ask("POST", link()).status, 405);
  EXPECT_EQ(signals->statistics().held, 0U);
}

TEST_F(Tracking, HoldsSoMuchOfOneMailAndInAllAtMost) {
  for (std::size_t i = 0; i < limits::signals_per_message_max + 10; ++i)
    get(link("https://www.example.com/" + std::to_string(i)));
  EXPECT_EQ(signals->statistics().held, limits::signals_per_message_max);
  for (std::size_t i = 0; i < limits::signals_held_max; ++i)
    signals->take(
        {SignalKind::open, "message " + std::to_string(i), {}, "GET", firefox, false, hub.clock.now()});
  EXPECT_EQ(signals->statistics().held, limits::signals_held_max);
  EXPECT_EQ(signals->statistics().dropped, limits::signals_per_message_max);
}

TEST_F(Tracking, KeepsWhatAProgramCallsItselfShortAndPlain) {
  ask("GET", link(), {{"user-agent", std::string(1'000, '\xFF')}});
  settle();
  ASSERT_THAT(recorded(), SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(recorded().front().document).at("signal").at("user_agent"),
            std::string(limits::signal_agent_bytes_max, '?'));
}

}  // namespace
}  // namespace leadhub::capture
