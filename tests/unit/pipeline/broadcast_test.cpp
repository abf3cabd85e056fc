#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/conditions.hpp"
#include "config/nurture_section.hpp"
#include "ops/limits.hpp"
#include "pipeline/broadcast_walk.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using lead::MessageState;
using test::value_or_throw;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr auto ada = "ada@example.com";
constexpr auto grace = "grace@example.com";

/// start_time is 2026-01-05T12:00:00Z.
struct Broadcasts : ::testing::Test {
  Broadcasts() {
    segments = config::segments_of(nlohmann::json::parse(R"({"british": {"lead.country": "GB"}})"));
  }

  void configure(const std::string& nurture) {
    hub.options.nurture = config::nurture_of(nlohmann::json::parse(nurture), {}, "Europe/London");
    hub.pipeline.reset();
    hub.run();
  }
  void subscribes(const std::string& email, const std::string& country = "GB") {
    auto draft = test::entry({test::event(
        R"({"type":"newsletter.subscribed","person":{"email":")" + email + R"(","country":")" + country +
        R"("},"consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}]})")});
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }

  lead::Broadcast spring() const {
    lead::Broadcast broadcast{"spring", "spring", "mail", "british", "marketing_email"};
    broadcast.at = hub.clock.now();
    return broadcast;
  }
  void start(const lead::Broadcast& broadcast) { hub.act(lead::StartBroadcast{broadcast}); }

  std::unique_ptr<BroadcastWalk> walk() {
    return std::make_unique<BroadcastWalk>(
        BroadcastWalk::Ports{hub.reader(),
                             [this](const lead::Action& action) -> Result<bool> {
                               hub.act(action);
                               return true;
                             },
                             [this](const std::string& name) -> std::optional<lead::Condition> {
                               const auto found = segments.find(name);
                               return found == segments.end() ? std::nullopt : std::optional{found->second};
                             }},
        hub.clock);
  }
  std::size_t sweep() { return value_or_throw(walk()->sweep()); }

  std::vector<lead::Message> mails(const std::string& email) { return hub.lead_with(email).messages; }
  lead::BroadcastProgress progress(const std::string& name = "spring") {
    return value_or_throw(hub.reader()->broadcasts().find(name)).value().progress;
  }

  test::Hub hub;
  config::Segments segments;
};

TEST_F(Broadcasts, WriteOneMailToEachLeadOfTheSegment) {
  subscribes(ada);
  subscribes(grace, "US");
  start(spring());
  EXPECT_THAT(mails(ada), IsEmpty()) << "nobody has been asked yet";
  EXPECT_EQ(sweep(), 1U);
  ASSERT_THAT(mails(ada), SizeIs(1));
  const auto mail = mails(ada).front();
  EXPECT_EQ(mail.kind, lead::MessageKind::broadcast);
  EXPECT_EQ(mail.journey, "spring");
  EXPECT_EQ(mail.template_name, "spring");
  EXPECT_EQ(mail.channel, "mail");
  EXPECT_EQ(mail.address, ada);
  EXPECT_EQ(mail.purpose, "marketing_email");
  EXPECT_EQ(mail.state, MessageState::queued);
  EXPECT_EQ(mail.due_at, hub.clock.now());
  EXPECT_THAT(mails(grace), IsEmpty());
  EXPECT_EQ(progress().state, lead::BroadcastState::reached);
  EXPECT_EQ(progress().asked, 2);
}

TEST_F(Broadcasts, AskNobodyTwice) {
  subscribes(ada);
  start(spring());
  sweep();
  EXPECT_EQ(sweep(), 0U);
  subscribes(grace);
  EXPECT_EQ(sweep(), 0U) << "who comes later has missed it";
  EXPECT_THAT(mails(ada), SizeIs(1));
}

TEST_F(Broadcasts, TakeAPageThatIsLoggedTwiceOnce) {
  subscribes(ada);
  start(spring());
  const auto id = hub.lead_with(ada).lead.id;
  const lead::ReachLeads page{"spring", {id}, id, 1, false};
  hub.act(page);
  hub.act(page);
  EXPECT_THAT(mails(ada), SizeIs(1));
  EXPECT_EQ(progress().asked, 1);
  EXPECT_THAT(value_or_throw(hub.reader()->quarantine(0, 10)), IsEmpty());
}

TEST_F(Broadcasts, BeginNoEarlierThanTheyAreToAndLeaveThen) {
  subscribes(ada);
  auto broadcast = spring();
  broadcast.at += 24h;
  start(broadcast);
  EXPECT_EQ(sweep(), 0U);
  hub.clock.advance(24h);
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(mails(ada).front().due_at, broadcast.at);
}

TEST_F(Broadcasts, LeaveAtEachLeadsOwnTime) {
  subscribes(ada, "JP");
  auto broadcast = spring();
  broadcast.segment.clear();
  broadcast.clock = lead::BroadcastClock::each_own;
  broadcast.at = parse_rfc3339("2026-01-06T09:00:00Z").value();
  start(broadcast);
  EXPECT_EQ(sweep(), 0U);
  hub.clock.set(parse_rfc3339("2026-01-05T19:00:00Z").value());
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(format_rfc3339(mails(ada).front().due_at).substr(0, 16), "2026-01-06T00:00") << "nine in Tokyo";
}

TEST_F(Broadcasts, SayWhyALeadDoesNotGetTheMail) {
  hub.append_form(R"("email":"ada@example.com","country":"GB")");
  hub.run();
  start(spring());
  sweep();
  ASSERT_THAT(mails(ada), SizeIs(1));
  EXPECT_EQ(mails(ada).front().state, MessageState::withheld);
  EXPECT_THAT(mails(ada).front().detail, HasSubstr("no consent to marketing_email"));
  const auto reasons = value_or_throw(hub.reader()->broadcasts().reasons("spring"));
  ASSERT_THAT(reasons, SizeIs(1));
  EXPECT_EQ(reasons.front().second, 1);
}

TEST_F(Broadcasts, KeepToTheCapOfAllMarketingMailsAndCountForIt) {
  configure(R"({"cap": {"mails": 1, "per": "7d"}})");
  subscribes(ada);
  start(spring());
  sweep();
  hub.clock.advance(1min);
  auto second = spring();
  second.name = "summer";
  start(second);
  sweep();
  ASSERT_THAT(mails(ada), SizeIs(2));
  EXPECT_EQ(mails(ada).front().state, MessageState::queued);
  EXPECT_EQ(mails(ada).back().state, MessageState::withheld);
  EXPECT_EQ(mails(ada).back().detail, "the lead has got as many mails as the cap allows");
}

TEST_F(Broadcasts, SendOneMailToTwoLeadsOfOneMailbox) {
  subscribes("info@example.com", R"(GB","name":"Ada Lovelace)");
  subscribes("info@example.com", R"(GB","name":"Grace Hopper)");
  ASSERT_THAT(hub.leads_with("info@example.com"), SizeIs(2));
  start(spring());
  sweep();
  EXPECT_EQ(value_or_throw(hub.reader()->broadcasts().mails("spring")),
            (std::map<MessageState, std::int64_t>{{MessageState::queued, 1}}));
}

TEST_F(Broadcasts, TakeAMailFromNobodyForALeadOfTheSameMailboxWhoDoesNotGetIt) {
  hub.append_form(R"("email":"info@example.com","country":"GB","name":"Ada Lovelace")");
  subscribes("info@example.com", R"(GB","name":"Grace Hopper)");
  ASSERT_THAT(hub.leads_with("info@example.com"), SizeIs(2));
  start(spring());
  sweep();
  EXPECT_EQ(value_or_throw(hub.reader()->broadcasts().mails("spring")),
            (std::map<MessageState, std::int64_t>{{MessageState::queued, 1}, {MessageState::withheld, 1}}));
}

TEST_F(Broadcasts, GiveTheMailBackToTheLeadWhoseAddressItIsWhenLeadsAreParted) {
  subscribes(ada);
  const auto own = hub.lead_with(ada).lead.id;
  const auto seq = hub.append_form(R"("phone":"+442079460958","country":"GB")");
  hub.run();
  const auto other = value_or_throw(hub.reader()->fates(seq, seq)).front().lead_id;
  hub.act(lead::MergeLeads{other, own});
  start(spring());
  sweep();
  ASSERT_THAT(mails(ada), SizeIs(1));
  ASSERT_EQ(hub.lead_with(ada).lead.id, other);
  hub.act(lead::UnmergeLead{own});
  ASSERT_EQ(hub.lead_with(ada).lead.id, own);
  EXPECT_THAT(mails(ada), SizeIs(1));
  EXPECT_THAT(value_or_throw(hub.reader()->get(other)).messages, IsEmpty());
}

TEST_F(Broadcasts, StayWholeInTheLogWhenOneOfTheirLeadsIsErased) {
  subscribes(ada);
  subscribes(grace);
  start(spring());
  sweep();
  const auto page = hub.inbox->head();
  hub.act(lead::EraseLead{hub.lead_with(ada).lead.id});
  const auto erased = value_or_throw(hub.reader()->erased_after(0));
  EXPECT_FALSE(erased.empty());
  for (const auto& event : erased) EXPECT_NE(event.seq, page) << "it names leads by their ids alone";
}

TEST_F(Broadcasts, WaitWhileTheyArePaused) {
  subscribes(ada);
  start(spring());
  const lead::PauseScope scope{lead::PauseScope::Of::broadcast, "spring"};
  hub.act(lead::PauseSending{scope});
  EXPECT_EQ(sweep(), 0U);
  hub.act(lead::ResumeSending{scope});
  EXPECT_EQ(sweep(), 1U);
}

TEST_F(Broadcasts, ThatAreCancelledSendNothingMore) {
  subscribes(ada);
  start(spring());
  sweep();
  hub.act(lead::CancelBroadcast{"spring"});
  EXPECT_EQ(mails(ada).front().state, MessageState::withheld);
  EXPECT_EQ(mails(ada).front().detail, "the broadcast was cancelled");
  EXPECT_EQ(progress().state, lead::BroadcastState::cancelled);
}

TEST_F(Broadcasts, ThatAreCancelledAskNobody) {
  subscribes(ada);
  auto broadcast = spring();
  broadcast.at += 1h;
  start(broadcast);
  hub.act(lead::CancelBroadcast{"spring"});
  hub.clock.advance(2h);
  EXPECT_EQ(sweep(), 0U);
  EXPECT_THAT(mails(ada), IsEmpty());
}

TEST_F(Broadcasts, HaveTheirNamesForEver) {
  subscribes(ada);
  start(spring());
  sweep();
  start(spring());
  EXPECT_THAT(value_or_throw(hub.reader()->quarantine(0, 10)), SizeIs(1));
  EXPECT_EQ(sweep(), 0U);
  EXPECT_THAT(mails(ada), SizeIs(1));
}

TEST_F(Broadcasts, WaitForASegmentThatIsGone) {
  subscribes(ada);
  start(spring());
  const auto kept = std::exchange(segments, {});
  EXPECT_EQ(sweep(), 0U);
  segments = kept;
  EXPECT_EQ(sweep(), 1U);
}

TEST_F(Broadcasts, WalkThroughManyLeadsPageByPageAndGoOnAfterAStop) {
  const auto count = static_cast<std::size_t>(limits::broadcast_page_leads) + 1;
  std::vector<std::string> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(R"({"type":"form.submitted","person":{"email":"lead)" + std::to_string(i) +
                     R"(@example.com","country":"GB"}})");
    if (events.size() < limits::events_per_request_max && i + 1 < count) continue;
    std::vector<store::DraftEvent> drafts;
    for (const auto& event : events) drafts.push_back(test::event(event));
    hub.append(test::entry(std::move(drafts)));
    events.clear();
  }
  hub.run();
  start(spring());
  std::stop_source stop;
  BroadcastWalk first{
      BroadcastWalk::Ports{hub.reader(),
                           [&](const lead::Action& action) -> Result<bool> {
                             hub.act(action);
                             stop.request_stop();
                             return true;
                           },
                           [this](const std::string& name) { return std::optional{segments.at(name)}; }},
      hub.clock};
  EXPECT_EQ(value_or_throw(first.sweep(stop.get_token())), 1U);
  EXPECT_EQ(progress().asked, limits::broadcast_page_leads);
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(progress().asked, static_cast<std::int64_t>(count));
  EXPECT_EQ(value_or_throw(hub.reader()->broadcasts().mails("spring"))[MessageState::withheld],
            static_cast<std::int64_t>(count));
}

struct SubjectTests : Broadcasts {
  lead::Broadcast tested() const {
    auto broadcast = spring();
    broadcast.test = lead::SubjectTest{{"One", "Two"}, 50, 4h, lead::SubjectMeasure::opens};
    return broadcast;
  }
  /// Leads of whom each gets a mail; by how the mail names its subject. Which lead gets which is chance,
  /// since their ids are; of 80 there are some for each but once in a billion times.
  std::map<std::string, std::vector<std::string>> subscribers(int count) {
    for (int i = 0; i < count; ++i) subscribes("lead" + std::to_string(i) + "@example.com");
    start(tested());
    sweep();
    std::map<std::string, std::vector<std::string>> by_subject;
    for (int i = 0; i < count; ++i) {
      const auto email = "lead" + std::to_string(i) + "@example.com";
      by_subject[mails(email).at(0).step].push_back(email);
    }
    return by_subject;
  }
};

TEST_F(SubjectTests, HoldTheRestBackUntilTheBestIsKnown) {
  const auto by_subject = subscribers(80);
  ASSERT_EQ(by_subject.size(), 3U);
  for (const auto& [subject, emails] : by_subject) {
    const auto expected =
        subject == "best" ? hub.clock.now() + 4h + limits::broadcast_decision : hub.clock.now();
    for (const auto& email : emails) EXPECT_EQ(mails(email).front().due_at, expected) << subject;
  }
}

TEST_F(SubjectTests, WaitForTheirSampleAndDecideWithoutItInTheEnd) {
  subscribers(80);  // and nothing leaves
  hub.clock.advance(4h);
  sweep();
  EXPECT_EQ(progress().winner, std::nullopt);
  hub.clock.advance(4h);
  sweep();
  EXPECT_EQ(progress().winner, 0U);
}

TEST_F(SubjectTests, GoOnWithTheSubjectThatIsOpenedMost) {
  const auto by_subject = subscribers(80);
  {
    hub.pipeline.reset();
    auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    auto leased =
        value_or_throw(leads->outbox().lease({lead::MessageKind::broadcast, "mail"}, hub.clock.now(), 100));
    for (auto& message : leased) {
      message.state = MessageState::sent;
      message.sent_at = hub.clock.now();
    }
    ASSERT_TRUE(leads->outbox().settle(leased));
  }
  const auto reader = by_subject.at("b").front();
  auto draft = test::entry(
      {test::event(R"({"type":"email.opened","person":{"email":")" + reader +
                   R"("},"signal":{"trust":"human","message_id":")" + mails(reader).front().id + R"("}})")});
  hub.append(std::move(draft));
  hub.run();
  sweep();
  EXPECT_EQ(progress().winner, std::nullopt) << "it is too early to tell";
  hub.clock.advance(4h);
  sweep();
  EXPECT_EQ(progress().winner, 1U);
}

}  // namespace
}  // namespace leadhub::pipeline
