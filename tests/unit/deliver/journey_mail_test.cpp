#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/nurture_section.hpp"
#include "deliver/journey_courier.hpp"
#include "deliver/sender.hpp"
#include "nurture/sending_hours.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::deliver {
namespace {

using lead::MessageState;
using test::value_or_throw;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr auto ada = "ada@example.com";

std::string hashed(std::string_view canonical) {
  return "hash of " + std::string{canonical};
}

/// Claims and settles as a transport that takes a batch does.
class BatchTransport final : public MailTransport {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  void deliver(std::span<const OutgoingMail> handed, Handover& handover) override {
    for (std::size_t i = 0; i < handed.size(); ++i) {
      if (before_claim) before_claim(i);
      if (!handover.claim(i)) {
        handover.settle(i, {Delivery::untried, {}, {}});
        continue;
      }
      mails.push_back(handed[i]);
      handover.settle(i, result);
    }
  }
  std::function<void(std::size_t index)> before_claim;
  std::vector<OutgoingMail> mails;
  DeliveryResult result{Delivery::sent, {}, {}};

 private:
  std::string name_ = "mail";
};

/// A hub on whose journey everybody is who subscribes; its templates lie in a folder of their own.
class JourneyMail : public testing::Test {
 protected:
  JourneyMail() {
    hub.options.hash_address = hashed;
    hub.options.nurture = config::nurture_of(nlohmann::json::parse(R"({"journeys": {"welcome": {
          "enter": {"event.type": "newsletter.subscribed"}, "goal": {"lead.temperature": "hot"},
          "steps": [{"send": {"template": "hello", "via": "mail"}}, {"wait": "3d"}]}}})"),
                                             {}, "UTC");
    write_template("Hello {{first_name|there}}, we write to you.");
  }

  void write_template(const std::string& body) {
    const auto folder = hub.folder / "templates";
    std::filesystem::create_directory(folder);
    std::ofstream{folder / "hello.md"} << "---\nsubject: Hello\n---\n" << body << "\n";
    std::vector<config::Diagnostic> diagnostics;
    templates = std::make_shared<const mail::TemplateSet>(mail::TemplateSet::load(folder, diagnostics));
  }

  void subscribes(const std::string& email) {
    hub.clock.advance(1ms);  // who comes first is written to first
    auto draft = test::entry({test::event(
        R"({"type":"newsletter.subscribed","person":{"email":")" + email +
        R"("},"consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}]})")});
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }

  void open() {
    hub.pipeline.reset();
    leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    courier = std::make_unique<JourneyCourier>(
        kind,
        JourneyCourier::Ports{hub.reader(),
                              {templates, [](const lead::Message& message) { return message.template_name; },
                               [] {
                                 return nlohmann::ordered_json{{"public_url", "http://localhost:8080"},
                                                               {"site", "localhost"},
                                                               {"postal_address", "12 St James's Square"}};
                               }},
                              [](const lead::Message& message) {
                                return MarketingLinks{"http://localhost:8080/u/" + message.lead_id,
                                                      "http://localhost:8080/p/" + message.lead_id};
                              },
                              "main"},
        transport, hub.clock);
    sender = std::make_unique<Sender>(
        Sender::Ports{[this](const Sender::StoreTask& task) { return task(*leads); }, hub.reader(),
                      hub.inbox_reader(), hashed,
                      [this](const lead::Message& message) { bounced.push_back(message.canonical); },
                      [this](const lead::Message& message, TimePoint now) {
                        return quiet ? nurture::after_quiet(*quiet, now, message.time_zone) : now;
                      }},
        *courier, hub.clock);
  }
  void subscribes_while_open(const std::string& email) {
    meanwhile([&] { subscribes(email); });
  }
  /// Lets the pipeline go on, while the sender's store is closed.
  void meanwhile(const std::function<void()>& happens) {
    sender.reset();
    courier.reset();
    leads.reset();
    happens();
    open();
  }

  std::pair<MessageState, std::string> mail_of(const std::string& email) {
    const auto message = hub.lead_with(email).messages.front();
    return {message.state, message.detail};
  }

  test::Hub hub;
  std::shared_ptr<const mail::TemplateSet> templates;
  BatchTransport transport;
  lead::MessageKind kind = lead::MessageKind::journey;
  std::unique_ptr<store::LeadStore> leads;
  std::unique_ptr<JourneyCourier> courier;
  std::unique_ptr<Sender> sender;
  std::optional<nurture::QuietHours> quiet;
  std::vector<std::string> bounced;
};

TEST_F(JourneyMail, GoesOutInBatchesWithEverythingThatAMarketingMailNeeds) {
  for (int i = 0; i < 20; ++i) subscribes("lead" + std::to_string(i) + "@example.com");
  open();
  EXPECT_EQ(sender->step(), limits::outbox_lease_first);
  while (value_or_throw(sender->step()) > 0) continue;
  ASSERT_THAT(transport.mails, SizeIs(20));
  const auto& mail = transport.mails.front();
  EXPECT_THAT(mail.text, HasSubstr("12 St James's Square"));
  EXPECT_THAT(mail.text, HasSubstr("http://localhost:8080/u/"));
  EXPECT_THAT(mail.headers, ElementsAre(Pair("List-Unsubscribe", HasSubstr("<http://localhost:8080/u/")),
                                        Pair("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                                        Pair("Feedback-ID", "hello:welcome:journey:main")));
}

TEST_F(JourneyMail, StaysWhereConsentIsTakenBackWhileItsBatchIsLeaving) {
  subscribes(ada);
  subscribes("grace@example.com");
  open();
  transport.before_claim = [this](std::size_t index) {
    if (index != 0) return;
    auto draft = test::event(R"({"type":"newsletter.unsubscribed"})");
    draft.withdrawals.push_back({hashed("grace@example.com"), "marketing_email"});
    hub.append(test::entry({draft}));
  };
  EXPECT_EQ(sender->step(), 2U);
  ASSERT_THAT(transport.mails, SizeIs(1));
  EXPECT_EQ(transport.mails.front().to, ada);
  EXPECT_EQ(mail_of("grace@example.com").first, MessageState::withheld);
}

TEST_F(JourneyMail, StaysWhereItsLeadIsErasedWhileItsBatchIsLeaving) {
  subscribes(ada);
  subscribes("grace@example.com");
  open();
  transport.before_claim = [this](std::size_t index) {
    if (index != 0) return;
    auto draft = test::event(lead::to_json(lead::EraseLead{hub.lead_with("grace@example.com").lead.id}));
    draft.withdrawals.push_back({hashed("grace@example.com"), "*"});
    auto erasure = test::entry({draft});
    erasure.kind = store::EntryKind::action;
    hub.append(std::move(erasure));
  };
  EXPECT_EQ(sender->step(), 2U);
  ASSERT_THAT(transport.mails, SizeIs(1));
  EXPECT_EQ(transport.mails.front().to, ada);
  meanwhile([this] { hub.run(); });
  EXPECT_THAT(hub.leads_with("grace@example.com"), IsEmpty());
  transport.before_claim = nullptr;
  EXPECT_EQ(sender->step(), 0U) << "its mail is gone with it";
}

TEST_F(JourneyMail, LeavesOnceWhereTheClockJumpsAnHourForthAndBack) {
  subscribes(ada);
  open();
  hub.clock.advance(1h);
  EXPECT_EQ(sender->step(), 1U);
  hub.clock.set(test::start_time - 1h);
  EXPECT_EQ(sender->step(), 0U);
  subscribes_while_open("grace@example.com");
  EXPECT_EQ(sender->step(), 1U) << "what comes then is due then";
  hub.clock.set(test::start_time + 1h);
  EXPECT_EQ(sender->step(), 0U);
  EXPECT_THAT(transport.mails, SizeIs(2));
}

TEST_F(JourneyMail, IsNotTriedAgainOnceItsJourneyIsOver) {
  subscribes(ada);
  open();
  transport.result = {Delivery::retry, "greylisted", {}};
  EXPECT_EQ(sender->step(), 1U);
  transport.before_claim = [](std::size_t) { FAIL() << "the lead has arrived"; };
  meanwhile([this] {
    hub.append(
        test::entry({test::event(R"({"type":"demo.requested","person":{"email":"ada@example.com"}})")}));
    hub.run();
  });
  hub.clock.advance(24h);
  EXPECT_EQ(sender->step(), 0U);
  EXPECT_EQ(mail_of(ada).first, MessageState::withheld);
}

TEST_F(JourneyMail, ThatCameBackWhileItsJourneyEndedIsHeldByTheNextLook) {
  subscribes(ada);
  open();
  auto leased =
      value_or_throw(leads->outbox().lease({lead::MessageKind::journey, "mail"}, hub.clock.now(), 1));
  meanwhile([this] {
    hub.append(
        test::entry({test::event(R"({"type":"demo.requested","person":{"email":"ada@example.com"}})")}));
    hub.run();
  });
  ASSERT_EQ(hub.lead_with(ada).messages.front().state, MessageState::attempting) << "it is on its way";
  leased.front().state = MessageState::queued;
  ASSERT_EQ(leads->outbox().settle(leased), 0U);
  EXPECT_EQ(sender->step(), 1U);
  EXPECT_THAT(transport.mails, IsEmpty());
  EXPECT_EQ(mail_of(ada),
            (std::pair{MessageState::withheld, std::string{"the lead is not on the journey any more"}}));
}

TEST_F(JourneyMail, WaitsForTheEndOfTheQuietHoursThatHaveBegunMeanwhile) {
  subscribes(ada);
  open();
  quiet = nurture::QuietHours{11h, 14h};
  EXPECT_EQ(sender->step(), 1U);
  EXPECT_THAT(transport.mails, IsEmpty());
  const auto held = hub.lead_with(ada).messages.front();
  EXPECT_EQ(held.state, MessageState::queued);
  EXPECT_EQ(held.attempts, 0);
  EXPECT_EQ(format_rfc3339(held.due_at), "2026-01-05T14:00:00.000Z");
  hub.clock.advance(2h);
  EXPECT_EQ(sender->step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(1));
}

TEST_F(JourneyMail, ThatCannotBeFilledInWaitsForSomebodyToMendIt) {
  templates = std::make_shared<const mail::TemplateSet>(mail::TemplateSet::built_in());
  subscribes(ada);
  open();
  EXPECT_EQ(sender->step(), 1U);
  EXPECT_EQ(sender->step(), 0U) << "not at once again";
  EXPECT_THAT(mail_of(ada), Pair(MessageState::queued, HasSubstr("there is no template \"hello\"")));
  EXPECT_EQ(hub.lead_with(ada).messages.front().attempts, 0);
  hub.clock.advance(limits::unrendered_wait);
  EXPECT_EQ(sender->step(), 1U);
}

TEST_F(JourneyMail, ToAMailboxThatDoesNotExistBouncesForGood) {
  transport.result = {Delivery::gone, "5.1.1", {}};
  subscribes(ada);
  open();
  EXPECT_EQ(sender->step(), 1U);
  EXPECT_EQ(mail_of(ada).first, MessageState::failed);
  EXPECT_THAT(bounced, ElementsAre(ada));
}

TEST_F(JourneyMail, ThatMayHaveArrivedIsNotSentAgain) {
  transport.result = {Delivery::unknown, "cut off after the final dot", {}};
  subscribes(ada);
  open();
  EXPECT_EQ(sender->step(), 1U);
  hub.clock.advance(100h);
  EXPECT_EQ(sender->step(), 0U);
  EXPECT_EQ(mail_of(ada).first, MessageState::unknown);
  EXPECT_THAT(transport.mails, SizeIs(1));
}

TEST_F(JourneyMail, ToAnAddressThatIsNotItsLeadsAnyMoreDoesNotLeave) {
  subscribes(ada);
  open();
  auto stray = hub.lead_with(ada).messages.front();
  stray.id = "01980b6e-7a5c-7c3f-9d4e-0123456789ab";
  stray.occurrence = "another";
  stray.address = stray.canonical = "lovelace@example.com";
  store::LeadChanges changes;
  changes.cursor = value_or_throw(leads->cursor());
  changes.messages = {stray};
  ASSERT_TRUE(leads->save(changes));
  EXPECT_EQ(sender->step(), 2U);
  ASSERT_THAT(transport.mails, SizeIs(1));
  EXPECT_EQ(transport.mails.front().to, ada);
}

/// A broadcast to Ada and Grace.
class BroadcastMail : public JourneyMail {
 protected:
  BroadcastMail() {
    kind = lead::MessageKind::broadcast;
    subscribes(ada);
    subscribes("grace@example.com");
    hub.act(lead::StartBroadcast{{"spring", "hello", "mail", "", "marketing_email", hub.clock.now()}});
    std::vector<std::string> ids{hub.lead_with(ada).lead.id, hub.lead_with("grace@example.com").lead.id};
    const auto last = std::max(ids[0], ids[1]);
    hub.act(lead::ReachLeads{"spring", ids, last, 2, true});
    open();
  }
};

TEST_F(BroadcastMail, GoesOutLikeThoseOfJourneys) {
  EXPECT_EQ(sender->step(), 2U);
  ASSERT_THAT(transport.mails, SizeIs(2));
  EXPECT_THAT(transport.mails.front().headers,
              testing::Contains(Pair("Feedback-ID", "hello:spring:broadcast:main")));
  EXPECT_THAT(transport.mails.front().text, HasSubstr("12 St James's Square"));
}

TEST_F(BroadcastMail, StaysWhereItsBroadcastIsCancelledWhileItsBatchIsLeaving) {
  transport.before_claim = [this](std::size_t index) {
    if (index != 1) return;
    store::LeadChanges changes;
    changes.cursor = value_or_throw(leads->cursor());
    changes.broadcasts.emplace_back(lead::CancelBroadcast{"spring"}, hub.clock.now());
    ASSERT_TRUE(leads->save(changes));
  };
  EXPECT_EQ(sender->step(), 2U);
  ASSERT_THAT(transport.mails, SizeIs(1));
  const auto other = transport.mails.front().to == ada ? "grace@example.com" : ada;
  // The other mail of theirs is of the journey.
  const auto mails = hub.lead_with(other).messages;
  const auto held = std::ranges::find(mails, lead::MessageKind::broadcast, &lead::Message::kind);
  ASSERT_NE(held, mails.end());
  EXPECT_EQ(held->state, MessageState::withheld);
  EXPECT_EQ(held->detail, "the broadcast was cancelled");
}

TEST_F(BroadcastMail, StaysWhileItsBroadcastIsPaused) {
  store::LeadChanges changes;
  changes.cursor = value_or_throw(leads->cursor());
  const lead::PauseScope scope{lead::PauseScope::Of::broadcast, "spring"};
  changes.sending = {lead::SendingSwitch::To::paused, scope, "operator", changes.cursor.seq, hub.clock.now()};
  ASSERT_TRUE(leads->save(changes));
  EXPECT_EQ(sender->step(), 0U);
  EXPECT_THAT(transport.mails, IsEmpty());
}

}  // namespace
}  // namespace leadhub::deliver
