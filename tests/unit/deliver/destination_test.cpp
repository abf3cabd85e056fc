#include <gmock/gmock.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "config/deliver_section.hpp"
#include "config/qualify_section.hpp"
#include "config/route_section.hpp"
#include "deliver/lead_courier.hpp"
#include "deliver/sender.hpp"
#include "ops/limits.hpp"
#include "pipeline/due_leads.hpp"
#include "pipeline/hub.hpp"
#include "store/message_reader.hpp"

namespace leadhub::deliver {
namespace {

using lead::MessageKind;
using lead::MessageState;
using nlohmann::json;
using test::value_or_throw;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

/// Notes what it is given, and answers what it is told, first of all "sent".
class FakeDestination final : public LeadTransport {
 public:
  explicit FakeDestination(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] DeliveryResult deliver(const std::string& key, const std::string& document) override {
    keys.push_back(key);
    documents.push_back(json::parse(document));
    return result;
  }
  std::vector<std::string> keys;
  std::vector<json> documents;
  DeliveryResult result{Delivery::sent, {}, {}};

 private:
  std::string name_;
};

constexpr auto hot_to_crm =
    R"({"rules": [{"name": "hot leads", "when": {"lead.temperature": "hot"}, "via": "crm"}]})";
constexpr auto current_in_crm =
    R"({"rules": [{"when": {"lead.temperature": "hot"}, "via": "crm", "keep_current": true}]})";

struct DestinationTest : testing::Test {
  test::Hub hub;
  FakeDestination crm{"crm"};
  std::unique_ptr<store::LeadStore> leads;
  bool is_being_erased = false;

  DestinationTest() { configure(hot_to_crm); }

  void configure(const char* deliver) {
    hub.options.deliver = config::deliver_of(json::parse(deliver), {});
    hub.pipeline.reset();
    hub.run();
  }

  void happens(const std::string& type, const std::string& email = "ada@example.com") {
    auto draft = test::entry(
        {test::event(R"({"version":1,"type":")" + type + R"(","person":{"email":")" + email + R"("}})")});
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }

  LeadCourier courier_for(FakeDestination& destination, MessageKind kind = MessageKind::delivery) {
    return {kind,
            {hub.reader(), [](const lead::Message&) { return std::string{"http://localhost/h/token"}; },
             [this](const lead::Lead&) { return Result<bool>{is_being_erased}; }},
            destination,
            hub.clock};
  }

  /// Gives out what is due now; how many messages that were.
  std::size_t send(FakeDestination& destination, MessageKind kind = MessageKind::delivery) {
    auto courier = courier_for(destination, kind);
    hub.pipeline.reset();
    leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    const auto hashed = [](std::string_view canonical) { return std::string{canonical}; };
    Sender sender{{[this](const Sender::StoreTask& task) { return task(*leads); }, hub.reader(),
                   hub.inbox_reader(), hashed},
                  courier,
                  hub.clock};
    std::size_t sent = 0;
    while (const auto taken = value_or_throw(sender.step())) sent += taken;
    leads.reset();
    return sent;
  }

  std::vector<lead::Message> messages(const store::MessageFilter& filter = {}) {
    return value_or_throw(reader()->list(filter));
  }
  std::unique_ptr<store::MessageReader> reader() {
    return value_or_throw(store::MessageReader::open(hub.lead_file(), 1));
  }
};

TEST_F(DestinationTest, GetsALeadWhenARuleBeginsToHold) {
  happens("form.submitted");
  EXPECT_EQ(send(crm), 0U);
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  ASSERT_THAT(crm.documents, SizeIs(1));
  const auto& document = crm.documents.front();
  EXPECT_EQ(document["type"], "lead");
  EXPECT_EQ(document["id"], crm.keys.front());
  EXPECT_EQ(document["reason"], (json{{"what", "rule"}, {"name", "hot leads"}, {"event", "demo.requested"}}));
  EXPECT_EQ(document["lead"]["email"], "ada@example.com");
  EXPECT_EQ(document["lead"]["temperature"], "hot");
  EXPECT_EQ(document["lead"]["timeline"].size(), 2U);
}

TEST_F(DestinationTest, GetsItOnceWhileTheRuleHolds) {
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  happens("form.submitted");
  EXPECT_EQ(send(crm), 0U);
}

TEST_F(DestinationTest, GetsItAgainWhenTheRuleBeginsToHoldAnew) {
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  hub.clock.advance(24h * 31);
  happens("page.viewed");
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
}

TEST_F(DestinationTest, IsKeptCurrentWhereTheRuleSaysSo) {
  configure(current_in_crm);
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  happens("form.submitted");
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(crm.documents.back()["lead"]["timeline"].size(), 2U);
}

TEST_F(DestinationTest, GetsWhatTheLeadIsThenOnceForAllThatHappenedWhileItWaited) {
  configure(current_in_crm);
  happens("demo.requested");
  happens("form.submitted");
  happens("form.submitted");
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(crm.documents.front()["lead"]["timeline"].size(), 3U);
}

TEST_F(DestinationTest, HearsOfEachEventThatARuleAsksFor) {
  configure(R"({"rules": [{"when": {"event.type": "form.submitted"}, "via": "crm"}]})");
  happens("form.submitted");
  EXPECT_EQ(send(crm), 1U);
  happens("page.viewed");
  EXPECT_EQ(send(crm), 0U);
  happens("form.submitted");
  EXPECT_EQ(send(crm), 1U);
}

TEST_F(DestinationTest, HearsOfWhatTimeAloneChanges) {
  configure(R"({"rules": [{"name": "cooled down", "when": {"lead.temperature": "cold"}, "via": "crm"}]})");
  happens("demo.requested");
  EXPECT_EQ(send(crm), 0U);
  hub.clock.advance(24h * 31);
  hub.pipeline.reset();
  const auto id = hub.lead_with("ada@example.com").lead.id;
  hub.act(lead::LookAgain{{id}});
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(crm.documents.front()["reason"]["name"], "cooled down");
}

TEST_F(DestinationTest, IsNotAskedAnewWhereRulesOnlyChangePlaces) {
  configure(R"({"rules": [{"when": {"lead.temperature": "hot"}, "via": "crm"}]})");
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  configure(R"({"rules": [{"when": {"lead.country": "GB"}, "via": "slack"},
                          {"when": {"lead.temperature": "hot"}, "via": "crm"}]})");
  happens("form.submitted");
  EXPECT_EQ(send(crm), 0U);
}

TEST_F(DestinationTest, DoesNotWaitForAnother) {
  configure(R"({"rules": [{"when": {"lead.temperature": "hot"}, "via": "crm"},
                          {"when": {"lead.temperature": "hot"}, "via": "slack"}]})");
  FakeDestination slack{"slack"};
  happens("demo.requested");
  crm.result = {Delivery::retry, "down", {}};
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(send(slack), 1U);
  EXPECT_THAT(slack.keys, SizeIs(1));
  EXPECT_THAT(messages({.state = MessageState::queued}), SizeIs(1));
}

TEST_F(DestinationTest, IsTriedForThreeDaysWithTheSameKey) {
  crm.result = {Delivery::retry, "answered 500", {}};
  happens("demo.requested");
  const auto began = hub.clock.now();
  while (messages().front().state == MessageState::queued) {
    hub.clock.set(messages().front().due_at);
    ASSERT_EQ(send(crm), 1U);
  }
  EXPECT_EQ(messages().front().state, MessageState::failed);
  EXPECT_THAT(crm.keys, SizeIs(limits::destination_retries.size() + 1));
  EXPECT_THAT(crm.keys, testing::Each(crm.keys.front()));
  EXPECT_GT(hub.clock.now() - began, 24h * 3);
  EXPECT_LT(hub.clock.now() - began, 24h * 4);
}

TEST_F(DestinationTest, SpreadsTheTriesOfDifferentMessages) {
  auto courier = courier_for(crm);
  std::set<std::chrono::milliseconds> waits;
  for (int i = 0; i < 50; ++i) {
    lead::Message message;
    message.id = "message " + std::to_string(i);
    message.attempts = 3;
    waits.insert(*courier.retry_delay(message));
  }
  EXPECT_GT(waits.size(), 40U);
  EXPECT_GE(*waits.begin(), limits::destination_retries[2]);
  EXPECT_LE(*waits.rbegin(), limits::destination_retries[2] * 12 / 10);
}

TEST_F(DestinationTest, IsAskedNoEarlierThanItSays) {
  crm.result = {Delivery::retry, "answered 429", 2h};
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(messages().front().due_at, hub.clock.now() + 2h);
}

TEST_F(DestinationTest, GetsNothingAfterItHasSaidThatItIsGoneUntilItIsRedriven) {
  crm.result = {Delivery::gone, "answered 410", {}};
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  happens("demo.requested", "alan@example.com");
  hub.clock.advance(24h);
  EXPECT_EQ(send(crm), 0U) << "what comes later waits, too";
  const auto state = value_or_throw(reader()->destination("crm"));
  ASSERT_TRUE(state.disabled);
  EXPECT_EQ(state.disabled->reason, "answered 410");
  EXPECT_EQ(state.waiting, 2);

  crm.result = {Delivery::sent, {}, {}};
  hub.act(lead::RedriveDeliveries{"crm"});
  EXPECT_EQ(send(crm), 2U);
  EXPECT_FALSE(value_or_throw(reader()->destination("crm")).disabled);
  EXPECT_THAT(messages({.state = MessageState::sent}), SizeIs(2));
}

TEST_F(DestinationTest, GetsWhatItRefusedAgainWhereItIsRedriven) {
  crm.result = {Delivery::rejected, "answered 422", {}};
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(messages().front().state, MessageState::failed);
  crm.result = {Delivery::sent, {}, {}};
  hub.act(lead::RedriveDeliveries{"crm"});
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(messages().front().state, MessageState::sent);
}

TEST_F(DestinationTest, DoesNotGetTwiceWhatPeopleWouldReadTwice) {
  crm.result = {Delivery::unknown, "the connection was cut", {}};
  happens("demo.requested");
  EXPECT_EQ(send(crm), 1U);
  EXPECT_EQ(messages().front().state, MessageState::unknown);
  hub.clock.advance(24h);
  EXPECT_EQ(send(crm), 0U);
}

TEST_F(DestinationTest, KeepsWhatItsBacklogHasNoRoomForAsFailed) {
  hub.pipeline.reset();
  leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  store::LeadChanges changes;
  changes.cursor = {hub.inbox->log_id(), 1};
  for (std::int64_t i = 0; i < limits::destination_backlog_max + 2; ++i) {
    lead::Message message;
    message.kind = MessageKind::delivery;
    message.channel = "crm";
    message.id = message.occurrence = message.lead_id = "m" + std::to_string(i);
    changes.messages.push_back(std::move(message));
  }
  ASSERT_TRUE(leads->save(changes));
  leads.reset();
  const auto state = value_or_throw(reader()->destination("crm"));
  EXPECT_EQ(state.waiting, limits::destination_backlog_max);
  EXPECT_EQ(state.failed, 2);
  EXPECT_THAT(messages({.state = MessageState::failed}).front().detail, HasSubstr("too many"));
}

TEST_F(DestinationTest, GetsHandOffsWithTheirOwnerAndWhereToAnswer) {
  hub.options.routes = config::route_of(json::parse(R"({
      "team": [{"name": "Charles", "email": "charles@example.com"}],
      "rules": [{"when": {"lead.temperature": "hot"}, "assign": "territory", "answer_within": "1h"}],
      "notify": {"via": "crm", "template": "hand-off"}})"),
                                        {}, "UTC");
  configure("{}");
  happens("demo.requested");
  EXPECT_EQ(send(crm, MessageKind::hand_off), 1U);
  const auto& document = crm.documents.front();
  EXPECT_EQ(document["reason"]["what"], "hand-off");
  EXPECT_EQ(document["reason"]["owner"], (json{{"name", "Charles"}, {"email", "charles@example.com"}}));
  EXPECT_EQ(document["reason"]["answer_by"], format_rfc3339(hub.clock.now() + 1h));
  EXPECT_EQ(document["links"]["acknowledge"], "http://localhost/h/token");
}

TEST_F(DestinationTest, HearsNothingOfALeadWhoseErasureIsLogged) {
  happens("demo.requested");
  is_being_erased = true;
  EXPECT_EQ(send(crm), 1U);
  EXPECT_THAT(crm.documents, IsEmpty());
  EXPECT_EQ(messages().front().state, MessageState::queued);
}

TEST_F(DestinationTest, GetsHandOffsThatWereToGoByAnotherChannelBefore) {
  hub.options.routes = config::route_of(json::parse(R"({
      "team": [{"name": "Charles", "email": "charles@example.com"}],
      "rules": [{"when": {"lead.temperature": "hot"}, "assign": "territory"}],
      "notify": {"via": "mail", "template": "hand-off"}})"),
                                        {}, "UTC");
  configure("{}");
  happens("demo.requested");
  EXPECT_EQ(send(crm, MessageKind::hand_off), 1U);
}

TEST_F(DestinationTest, HearsOfWhatTimeChangedWhileThePipelineLagged) {
  configure(R"({"rules": [{"name": "cooled down", "when": {"lead.temperature": "cold"}, "via": "crm"}]})");
  auto draft = test::entry(
      {test::event(R"({"version":1,"type":"demo.requested","person":{"email":"ada@example.com"}})")});
  draft.received_at = hub.clock.now();
  hub.append(std::move(draft));
  hub.clock.advance(24h * 31);
  hub.run();
  EXPECT_EQ(send(crm), 0U);
  const auto lead = hub.lead_with("ada@example.com").lead;
  ASSERT_TRUE(lead.wake_at);
  EXPECT_LE(*lead.wake_at, hub.clock.now()) << "it is due already";
  hub.act(lead::LookAgain{{lead.id}});
  EXPECT_EQ(send(crm), 1U);
}

TEST_F(DestinationTest, KeepsALeadThatItsBacklogHasNoRoomForOnce) {
  configure(current_in_crm);
  happens("demo.requested");
  hub.pipeline.reset();
  leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  store::LeadChanges changes;
  changes.cursor = {hub.inbox->log_id(), 2};
  auto refused = messages().front();
  for (int i = 0; i < 3; ++i) {
    refused.id = refused.occurrence = "m" + std::to_string(i);
    refused.lead_id = "another";
    refused.state = MessageState::failed;
    changes.messages.push_back(refused);
  }
  ASSERT_TRUE(leads->save(changes));
  leads.reset();
  EXPECT_THAT(messages({.state = MessageState::failed}), SizeIs(1));
}

TEST_F(DestinationTest, HearsNothingOfALeadThatIsErasedMeanwhile) {
  happens("demo.requested");
  hub.act(lead::EraseLead{hub.lead_with("ada@example.com").lead.id});
  EXPECT_EQ(send(crm), 0U);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(DestinationTest, ListsMessagesNewestFirst) {
  happens("demo.requested");
  hub.clock.advance(1s);
  happens("demo.requested", "alan@example.com");
  const auto all = messages();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_LT(all[1].created_at, all[0].created_at);
  EXPECT_THAT(messages({.before = all[0].id}), SizeIs(1));
  EXPECT_THAT(messages({.channel = "slack"}), IsEmpty());
  EXPECT_EQ(value_or_throw(reader()->get(all[1].id)).lead_id, all[1].lead_id);
  EXPECT_FALSE(reader()->get("nobody's"));
}

}  // namespace
}  // namespace leadhub::deliver
