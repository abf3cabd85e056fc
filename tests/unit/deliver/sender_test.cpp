#include "deliver/sender.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::deliver {
namespace {

using lead::MessageState;
using test::entry;
using test::event;
using testing::HasSubstr;
using testing::SizeIs;

std::string hashed(std::string_view canonical) {
  return "hash of " + std::string{canonical};
}

class FakeTransport final : public MailTransport {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  void deliver(std::span<const OutgoingMail> handed, Handover& handover) override {
    for (std::size_t i = 0; i < handed.size(); ++i) {
      mails.push_back(handed[i]);
      if (before_answer) before_answer();
      handover.settle(i, result);
    }
  }
  std::function<void()> before_answer;
  std::vector<OutgoingMail> mails;
  DeliveryResult result{Delivery::sent, {}, {}};

 private:
  std::string name_ = "mail";
};

/// A hub whose pipeline has just been asked for a newsletter by ada.
class SenderTest : public testing::Test {
 protected:
  SenderTest() {
    hub.options.hash_address = hashed;
    hub.options.opt_in_resend_after.emplace("website", std::chrono::hours{1});
    ask("ada@example.com");
    hub.pipeline.reset();
    leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    courier = std::make_unique<OptInCourier>(courier_ports(), transport);
  }

  void ask(const std::string& email) {
    hub.append(
        entry({event(R"({"type":"newsletter.requested","person":{"email":")" + email +
                     R"("},"consent":[{"purpose":"news","state":"granted","text":"Send me news."}]})")}));
    hub.run();
  }

  /// What an action of entry `seq` does.
  void take(lead::SendingSwitch::To to, std::int64_t seq, const lead::PauseScope& scope = {}) {
    store::LeadChanges changes;
    changes.cursor = {hub.inbox->log_id(), seq};
    changes.sending = {to, scope, "operator", seq, hub.clock.now()};
    EXPECT_TRUE(leads->save(changes));
  }

  Sender sender() {
    return {{[this](const Sender::StoreTask& task) -> Result<void> {
               if (store_fails) return fail(ErrorCode::unavailable, "the disk is full");
               return task(*leads);
             },
             hub.reader(), hub.inbox_reader(), hashed},
            *courier,
            hub.clock};
  }

  OptInCourier::Ports courier_ports() {
    return {hub.reader(),
            [](const lead::Message& message) {
              return std::pair{"http://localhost:8080/c/token", message.created_at + std::chrono::hours{48}};
            },
            {std::make_shared<const mail::TemplateSet>(mail::TemplateSet::built_in()),
             [](const lead::Message&) { return std::string{"confirm"}; },
             [] {
               return nlohmann::ordered_json{{"public_url", "http://localhost:8080"}, {"site", "localhost"}};
             }}};
  }

  /// And another one begins.
  void process_ends() {
    leads.reset();
    leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  }

  lead::Message message() {
    const auto leads_listed = test::value_or_throw(hub.reader()->list({}, hub.clock.now()));
    return test::value_or_throw(hub.reader()->get(leads_listed.front().id)).messages.back();
  }

  test::Hub hub;
  std::unique_ptr<store::LeadStore> leads;
  bool store_fails = false;
  FakeTransport transport;
  std::unique_ptr<OptInCourier> courier;
};

TEST_F(SenderTest, SendsWhatIsDueOnce) {
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(sending.step(), 0U);
  ASSERT_THAT(transport.mails, SizeIs(1));
  const auto& mail = transport.mails.front();
  EXPECT_EQ(mail.to, "ada@example.com");
  EXPECT_THAT(mail.text, HasSubstr("http://localhost:8080/c/token"));
  EXPECT_THAT(mail.text, HasSubstr("Send me news."));
  EXPECT_THAT(mail.html, HasSubstr("href=\"http://localhost:8080/c/token\""));
  EXPECT_EQ(message().state, MessageState::sent);
  EXPECT_EQ(mail.message_id, message().id + "@localhost");
  EXPECT_TRUE(message().sent_at);
}

TEST_F(SenderTest, TriesAgainLaterAndLaterWhatTheOtherSideMayTakeLater) {
  transport.result = {Delivery::retry, "greylisted", {}};
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(sending.step(), 0U) << "not at once";
  EXPECT_EQ(message().state, MessageState::queued);
  EXPECT_EQ(message().detail, "greylisted");
  hub.clock.advance(limits::delivery_retry_first * 12 / 10);
  EXPECT_EQ(sending.step(), 1U);
  hub.clock.advance(limits::delivery_retry_first * 12 / 10);
  EXPECT_EQ(sending.step(), 0U) << "the second wait is longer";
  hub.clock.advance(limits::delivery_retry_first * 12 / 10);
  transport.result = {Delivery::sent, {}, {}};
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(message().state, MessageState::sent);
  EXPECT_EQ(message().attempts, 3);
}

TEST_F(SenderTest, WaitsAsLongAsTheOtherSideAsksFor) {
  transport.result = {Delivery::retry, "busy", std::chrono::hours{3}};
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  hub.clock.advance(std::chrono::hours{2});
  EXPECT_EQ(sending.step(), 0U);
  hub.clock.advance(std::chrono::hours{1});
  EXPECT_EQ(sending.step(), 1U);
}

TEST_F(SenderTest, GivesUpWhatIsRefusedForGood) {
  transport.result = {Delivery::rejected, "no such mailbox", {}};
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(message().state, MessageState::failed);
  hub.clock.advance(std::chrono::hours{100});
  EXPECT_EQ(sending.step(), 0U);
}

TEST_F(SenderTest, GivesUpAfterManyTries) {
  transport.result = {Delivery::retry, "busy", {}};
  auto sending = sender();
  for (int i = 0; i < limits::delivery_attempts_max; ++i) {
    EXPECT_EQ(sending.step(), 1U) << i;
    hub.clock.advance(limits::delivery_retry_max * 12 / 10);
  }
  EXPECT_EQ(sending.step(), 0U);
  EXPECT_EQ(message().state, MessageState::failed);
  EXPECT_EQ(sending.statistics().failed, 1U);
}

TEST_F(SenderTest, WhatWasNotTriedWaitsForItsTurnAndIsNoAttempt) {
  transport.result = {Delivery::untried, "the day is full", std::chrono::hours{3}};
  auto sending = sender();
  for (int i = 0; i < limits::delivery_attempts_max + 1; ++i) {
    EXPECT_EQ(sending.step(), 1U) << i;
    EXPECT_EQ(message().state, MessageState::queued);
    EXPECT_EQ(message().attempts, 0);
    EXPECT_EQ(message().due_at, hub.clock.now() + std::chrono::hours{3});
    EXPECT_EQ(sending.step(), 0U) << "not before";
    hub.clock.advance(std::chrono::hours{3});
  }
  transport.result = {Delivery::untried, "no time", {}};
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(sending.step(), 0U) << "not over and over";
}

TEST_F(SenderTest, GivesUpAtOnceWhereThereIsNoSuchRecipient) {
  transport.result = {Delivery::gone, "no such mailbox", {}};
  EXPECT_EQ(sender().step(), 1U);
  EXPECT_EQ(message().state, MessageState::failed);
}

TEST_F(SenderTest, RepeatsUnderTheSameIdWhatAnEarlierProcessMayHaveSent) {
  transport.result = {Delivery::sent, {}, {}};
  ASSERT_EQ(leads->outbox().lease({lead::MessageKind::opt_in}, hub.clock.now(), 10)->size(), 1U);
  auto sending = sender();
  EXPECT_EQ(sending.step(), 0U);
  process_ends();
  ASSERT_TRUE(leads->outbox().recover({lead::MessageKind::opt_in}));
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(transport.mails.front().message_id, message().id + "@localhost");
}

TEST_F(SenderTest, TakesNothingBackThatAnotherSenderOfTheSameProcessHas) {
  auto leased = test::value_or_throw(leads->outbox().lease({lead::MessageKind::opt_in}, hub.clock.now(), 10));
  ASSERT_THAT(leased, SizeIs(1));
  ASSERT_TRUE(leads->outbox().recover({lead::MessageKind::opt_in}));
  EXPECT_EQ(sender().step(), 0U);
  EXPECT_EQ(message().state, MessageState::attempting);
  leased.front().state = MessageState::sent;
  EXPECT_EQ(leads->outbox().settle(leased), 0U);
  EXPECT_EQ(message().state, MessageState::sent);
}

TEST_F(SenderTest, SaysThatALeaseIsOverAndWritesNothingOverWhatCameAfterIt) {
  auto leased = test::value_or_throw(leads->outbox().lease({lead::MessageKind::opt_in}, hub.clock.now(), 10));
  ASSERT_THAT(leased, SizeIs(1));
  process_ends();
  ASSERT_TRUE(leads->outbox().recover({lead::MessageKind::opt_in}));
  const auto again =
      test::value_or_throw(leads->outbox().lease({lead::MessageKind::opt_in}, hub.clock.now(), 10));
  ASSERT_THAT(again, SizeIs(1)) << "the other process has it";
  leased.front().state = MessageState::failed;
  EXPECT_EQ(leads->outbox().settle(leased), 1U);
  EXPECT_EQ(message().state, MessageState::attempting);
}

TEST_F(SenderTest, SharesItsMessagesWithAnotherSenderSoThatEachGoesOnce) {
  for (int i = 0; i < 30; ++i) {
    leads.reset();
    ask("lead" + std::to_string(i) + "@example.com");
    hub.pipeline.reset();
  }
  leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  auto one = sender();
  auto other = sender();
  // While the one hands its mails over, the other takes and settles a batch of its own.
  transport.before_answer = [&, is_inside = false]() mutable {
    if (std::exchange(is_inside, true)) return;
    EXPECT_TRUE(other.step());
    is_inside = false;
  };
  while (test::value_or_throw(one.step()) > 0) continue;
  std::set<std::string> ids;
  for (const auto& mail : transport.mails) ids.insert(mail.message_id);
  EXPECT_THAT(transport.mails, SizeIs(31));
  EXPECT_THAT(ids, SizeIs(31));
  EXPECT_EQ(one.statistics().sent + other.statistics().sent, 31U);
}

TEST_F(SenderTest, RemembersWhatItSentWhileTheStoreTakesNothing) {
  struct FailsAfterwards final : MailTransport {
    explicit FailsAfterwards(bool& flag) : fails(flag) {}
    [[nodiscard]] const std::string& name() const override { return id; }
    void deliver(std::span<const OutgoingMail> mails, Handover& handover) override {
      ++count;
      fails = true;
      for (std::size_t i = 0; i < mails.size(); ++i) handover.settle(i, {Delivery::sent, {}, {}});
    }
    bool& fails;
    int count = 0;
    std::string id = "mail";
  } failing{store_fails};
  OptInCourier failing_courier{courier_ports(), failing};
  Sender other{{[this](const Sender::StoreTask& task) -> Result<void> {
                  if (store_fails) return fail(ErrorCode::unavailable, "the disk is full");
                  return task(*leads);
                },
                hub.reader(), hub.inbox_reader(), hashed},
               failing_courier,
               hub.clock};
  EXPECT_FALSE(other.step());
  EXPECT_EQ(message().state, MessageState::attempting);
  store_fails = false;
  EXPECT_EQ(other.step(), 0U);
  EXPECT_EQ(message().state, MessageState::sent);
  EXPECT_EQ(failing.count, 1) << "sent once";
}

TEST_F(SenderTest, SendsNothingWhileSendingIsPaused) {
  auto sending = sender();
  take(lead::SendingSwitch::To::paused, 10);
  EXPECT_EQ(sending.step(), 0U);
  EXPECT_EQ(message().state, MessageState::queued);
  EXPECT_EQ(test::value_or_throw(hub.reader()->pauses()).front().reason, "operator");
  take(lead::SendingSwitch::To::on, 9);
  EXPECT_EQ(sending.step(), 0U) << "an earlier entry of the log lifts nothing";
  take(lead::SendingSwitch::To::on, 11);
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(1));
}

TEST_F(SenderTest, SendsNothingByAChannelThatIsPaused) {
  auto sending = sender();
  const lead::PauseScope other{lead::PauseScope::Of::channel, "another"};
  const lead::PauseScope channel{lead::PauseScope::Of::channel, transport.name()};
  take(lead::SendingSwitch::To::paused, 10, channel);
  EXPECT_EQ(sending.step(), 0U);
  take(lead::SendingSwitch::To::paused, 11, other);
  take(lead::SendingSwitch::To::on, 12, channel);
  EXPECT_EQ(sending.step(), 1U) << "another channel's pause is none of its own";
}

TEST_F(SenderTest, StopsBetweenTwoMailsWhenSendingIsPaused) {
  leads.reset();
  ask("grace@example.com");
  hub.pipeline.reset();
  leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  transport.before_answer = [this] { take(lead::SendingSwitch::To::paused, 10); };
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(1));
  std::map<MessageState, std::int64_t> attempts;
  for (const auto& listed : test::value_or_throw(hub.reader()->list({}, hub.clock.now())))
    for (const auto& each : test::value_or_throw(hub.reader()->get(listed.id)).messages)
      attempts[each.state] = each.attempts;
  EXPECT_EQ(attempts,
            (std::map<MessageState, std::int64_t>{{MessageState::queued, 0}, {MessageState::sent, 1}}));

  transport.before_answer = nullptr;
  take(lead::SendingSwitch::To::on, 11);
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(2));
}

class OneCourier final : public Courier {
 public:
  [[nodiscard]] store::MessagesOf messages() const override { return {lead::MessageKind::opt_in}; }
  [[nodiscard]] DeliveryResult deliver(const lead::Message&) override { return {Delivery::sent, "", {}}; }
};

TEST(RetryDelay, DoublesUpToItsBound) {
  OneCourier courier;
  const auto delay = [&](std::int64_t attempts) {
    lead::Message message;
    message.attempts = attempts;
    return courier.retry_delay(message);
  };
  const auto is_about = [](std::chrono::milliseconds wait) {
    const auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(wait * (1 + limits::retry_jitter));
    return testing::Optional(testing::AllOf(testing::Ge(wait), testing::Le(longest)));
  };
  EXPECT_THAT(delay(1), is_about(limits::delivery_retry_first));
  EXPECT_THAT(delay(2), is_about(2 * limits::delivery_retry_first));
  EXPECT_THAT(delay(limits::delivery_attempts_max - 1), is_about(limits::delivery_retry_max));
  EXPECT_EQ(delay(limits::delivery_attempts_max), std::nullopt) << "it is given up";
}

TEST(RetryDelay, IsTheSameForOneMessageAndAnotherForEach) {
  OneCourier courier;
  std::set<std::chrono::milliseconds> delays;
  for (int i = 0; i < 100; ++i) {
    lead::Message message;
    message.id = std::to_string(i);
    message.attempts = 3;
    EXPECT_EQ(courier.retry_delay(message), courier.retry_delay(message));
    delays.insert(*courier.retry_delay(message));
  }
  EXPECT_GT(delays.size(), 50U) << "a crowd of retries comes apart";
}

TEST_F(SenderTest, WithholdsWhatIsForASuppressedAddress) {
  store::LeadChanges changes;
  changes.cursor = {hub.inbox->log_id(), 1};
  changes.suppressions = {{hashed("ada@example.com"),
                           "ada@example.com",
                           lead::SuppressionReason::complaint,
                           {1, 0},
                           hub.clock.now()}};
  ASSERT_TRUE(leads->save(changes));
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(0));
  EXPECT_EQ(message().state, MessageState::withheld);
  EXPECT_EQ(message().detail, "the address is suppressed: complaint");
  EXPECT_EQ(message().attempts, 0);
  EXPECT_EQ(sending.statistics().withheld, 1U);
  EXPECT_EQ(sending.step(), 0U) << "it does not come back";
}

TEST_F(SenderTest, WithholdsWhatTheLogHasTakenBackHoweverFarThePipelineLags) {
  auto complaint = entry({event(R"({"type":"email.complained","person":{"email":"ada@example.com"}})")});
  complaint.events.front().withdrawals = {{hashed("ada@example.com"), "*"}};
  hub.append(std::move(complaint));  // and the pipeline sleeps
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(0));
  EXPECT_EQ(message().state, MessageState::withheld);
}

TEST_F(SenderTest, SendsAConfirmationAlthoughAnotherPurposeWasWithdrawn) {
  auto unsubscribed = entry({event(R"({"type":"email.unsubscribed","person":{"email":"ada@example.com"}})")});
  unsubscribed.events.front().withdrawals = {{hashed("ada@example.com"), "offers"}};
  hub.append(std::move(unsubscribed));
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(1));
}

TEST_F(SenderTest, SendsAgainOnceASuppressionIsLifted) {
  store::LeadChanges changes;
  changes.cursor = {hub.inbox->log_id(), 1};
  changes.suppressions = {{hashed("ada@example.com"),
                           "ada@example.com",
                           lead::SuppressionReason::by_operator,
                           {1, 0},
                           hub.clock.now()}};
  changes.lifted = {hashed("ada@example.com")};
  ASSERT_TRUE(leads->save(changes));
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(transport.mails, SizeIs(1));
}

}  // namespace
}  // namespace leadhub::deliver
