#include <gmock/gmock.h>

#include <set>
#include <utility>
#include <vector>

#include "deliver/sender.hpp"
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

class FakeChat final : public ChatTransport {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] DeliveryResult deliver(const OutgoingChat& reply) override {
    replies.push_back(reply);
    return result;
  }
  std::vector<OutgoingChat> replies;
  DeliveryResult result{Delivery::sent, {}, {}};

 private:
  std::string name_ = "telegram";
};

/// A hub in which ada has written by Telegram, and was answered.
class ChatReply : public testing::Test {
 protected:
  ChatReply() {
    hub.options.hash_address = hashed;
    hub.append(entry({event(
        R"({"type":"chat.message","message":"Hello","person":{"name":"Ada","external_ids":{"telegram":"7"}}})")}));
    hub.run();
    lead_id = test::value_or_throw(hub.reader()->list({}, hub.clock.now())).front().id;
    reply("Good morning.\nHow can we help?", "one");
    auto owned = std::make_unique<FakeChat>();
    chat = owned.get();
    transports.emplace("telegram", std::move(owned));
  }

  void reply(const std::string& text, const std::string& key, const std::string& channel = "telegram") {
    leads.reset();
    hub.clock.advance(std::chrono::seconds{1});
    hub.act(lead::ReplyInChat{lead_id, channel, {"telegram", "7"}, text, "Grace", key});
    hub.pipeline.reset();
    leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  }

  Sender sender() {
    return {{[this](const Sender::StoreTask& task) { return task(*leads); }, hub.reader(), hub.inbox_reader(),
             hashed},
            courier,
            hub.clock};
  }

  std::vector<lead::Message> messages() { return test::value_or_throw(hub.reader()->get(lead_id)).messages; }

  test::Hub hub;
  std::string lead_id;
  std::unique_ptr<store::LeadStore> leads;
  ChatTransports transports;
  FakeChat* chat = nullptr;
  ChatCourier courier{transports};
};

TEST_F(ChatReply, GoesOutByTheChannelThatThePersonWroteIn) {
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(sending.step(), 0U);
  ASSERT_THAT(chat->replies, SizeIs(1));
  EXPECT_EQ(chat->replies.front().conversation, (lead::ExternalId{"telegram", "7"}));
  EXPECT_EQ(chat->replies.front().text, "Good morning.\nHow can we help?");
  EXPECT_EQ(chat->replies.front().id, messages().front().id);
  EXPECT_EQ(messages().front().state, MessageState::sent);
  EXPECT_EQ(messages().front().author, "Grace");
}

TEST_F(ChatReply, IsTriedAgainWhereItIsKnownNotToHaveArrived) {
  chat->result = {Delivery::retry, "too many requests", std::chrono::minutes{5}};
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(messages().front().state, MessageState::queued);
  hub.clock.advance(std::chrono::minutes{5});
  chat->result = {Delivery::sent, {}, {}};
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(messages().front().state, MessageState::sent);
  EXPECT_EQ(chat->replies[0].id, chat->replies[1].id);
}

TEST_F(ChatReply, IsNotRepeatedWhereNobodyKnowsWhetherItArrived) {
  chat->result = {Delivery::unknown, "no answer came", {}};
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(messages().front().state, MessageState::unknown);
  EXPECT_EQ(messages().front().detail, "no answer came");
  EXPECT_EQ(sending.statistics().unknown, 1U);
  hub.clock.advance(std::chrono::hours{100});
  EXPECT_EQ(sending.step(), 0U);
  EXPECT_THAT(chat->replies, SizeIs(1));
}

TEST_F(ChatReply, IsUnknownWhereTheProcessEndedWhileItWentOut) {
  reply("And another one.", "two");
  ASSERT_THAT(test::value_or_throw(leads->outbox().lease({lead::MessageKind::chat_reply}, hub.clock.now(),
                                                         limits::reply_lease_max)),
              SizeIs(1));
  leads.reset();
  leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
  ASSERT_TRUE(leads->outbox().recover({lead::MessageKind::opt_in}));
  EXPECT_EQ(messages()[0].state, MessageState::attempting) << "the sender of mails leaves it alone";
  ASSERT_TRUE(leads->outbox().recover({lead::MessageKind::chat_reply}));
  EXPECT_EQ(messages()[0].state, MessageState::unknown);
  EXPECT_THAT(messages()[0].detail, HasSubstr("ended"));
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  ASSERT_THAT(chat->replies, SizeIs(1));
  EXPECT_EQ(chat->replies.front().text, "And another one.") << "which nobody had touched";
}

TEST_F(ChatReply, FailsWhereItsChannelIsGone) {
  reply("Hello?", "two", "whatsapp");
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_EQ(messages()[1].state, MessageState::failed);
  EXPECT_THAT(messages()[1].detail, HasSubstr("whatsapp"));
}

TEST_F(ChatReply, IsWithheldOnceAnErasureIsLogged) {
  auto erased = entry({event(lead::to_json(lead::EraseLead{lead_id}))});
  erased.kind = store::EntryKind::action;
  erased.events.front().withdrawals = {{hashed("telegram:7"), "*"}};
  hub.append(std::move(erased));  // and the pipeline sleeps
  auto sending = sender();
  EXPECT_EQ(sending.step(), 1U);
  EXPECT_THAT(chat->replies, SizeIs(0));
  EXPECT_EQ(messages().front().state, MessageState::withheld);
}

TEST_F(ChatReply, IsOneMessageHoweverOftenItsKeyComes) {
  reply("Good morning.\nHow can we help?", "one");
  EXPECT_THAT(messages(), SizeIs(1));
  reply("Good evening.", "two");
  EXPECT_THAT(messages(), SizeIs(2));
}

TEST_F(ChatReply, FollowsItsConversationThroughMergeAndPart) {
  leads.reset();
  hub.append(entry({event(R"({"type":"form.submitted","person":{"email":"ada@example.com"}})")}));
  hub.run();
  const auto other = hub.leads_with("ada@example.com").front();
  hub.act(lead::MergeLeads{other, lead_id});
  EXPECT_THAT(test::value_or_throw(hub.reader()->get(other)).messages, SizeIs(1));
  hub.act(lead::ReplyInChat{other, "telegram", {"telegram", "7"}, "While they were one.", "", "two"});
  EXPECT_THAT(test::value_or_throw(hub.reader()->get(other)).messages, SizeIs(2));
  hub.act(lead::UnmergeLead{lead_id});
  EXPECT_THAT(test::value_or_throw(hub.reader()->get(other)).messages, SizeIs(0));
  EXPECT_THAT(messages(), SizeIs(2));
}

TEST_F(ChatReply, GoesWithThePersonWhoIsErased) {
  leads.reset();
  hub.act(lead::EraseLead{lead_id});
  const auto erased = test::value_or_throw(hub.reader()->erased_after(0));
  std::set<std::int64_t> entries;
  for (const auto& each : erased) entries.insert(each.seq);
  EXPECT_THAT(entries, testing::ElementsAre(1, 2)) << "what they wrote, and what they were answered";
  hub.act(lead::ReplyInChat{lead_id, "telegram", {"telegram", "7"}, "Are you there?", "", "two"});
  EXPECT_THAT(test::value_or_throw(hub.reader()->quarantined_entries(0, 10)), SizeIs(1));
}

TEST_F(ChatReply, NeedsAConversationOfThatLead) {
  leads.reset();
  hub.act(lead::ReplyInChat{lead_id, "telegram", {"telegram", "8"}, "Hello", "", "two"});
  EXPECT_THAT(messages(), SizeIs(1));
  EXPECT_THAT(test::value_or_throw(hub.reader()->quarantined_entries(0, 10)), SizeIs(1));
}

}  // namespace
}  // namespace leadhub::deliver
