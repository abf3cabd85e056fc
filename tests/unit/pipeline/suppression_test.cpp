#include <gmock/gmock.h>

#include <fstream>

#include "lead/action.hpp"
#include "lead/consent.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using namespace std::chrono_literals;
using lead::SuppressionReason;
using test::entry;
using test::event;

constexpr auto ada = "ada@example.com";

std::string about_mail(const std::string& type, const std::string& signal = "{}") {
  return R"({"type":")" + type + R"(","person":{"email":"Ada@Example.com"},"signal":)" + signal + "}";
}

struct SuppressingHub : test::Hub {
  std::optional<SuppressionReason> suppressed(const std::string& address = ada) {
    pipeline.reset();
    const auto found =
        test::value_or_throw(test::value_or_throw(store::LeadStore::open(lead_file(), "main", clock))
                                 ->suppressions()
                                 .find(std::span{&address, 1}));
    return found.empty() ? std::nullopt : std::optional{found.begin()->second};
  }
  void hear(const std::string& document) {
    auto draft = entry({event(document)});
    draft.received_at = clock.now();
    append(std::move(draft));
  }
};

TEST(Suppressing, KnowsTheAddressInAnySpelling) {
  SuppressingHub hub;
  hub.hear(about_mail("email.bounced", R"({"bounce":"hard","status":"5.1.1"})"));
  hub.run();
  EXPECT_EQ(hub.suppressed(), SuppressionReason::hard_bounce);
  EXPECT_FALSE(hub.suppressed("byron@example.com"));
}

TEST(Suppressing, CountsSoftBouncesOverBatchesAndWithinOne) {
  SuppressingHub hub;
  const auto soft = about_mail("email.bounced", R"({"bounce":"soft"})");
  hub.hear(soft);
  hub.run();
  hub.clock.advance(1h);
  hub.hear(soft);
  hub.run();
  EXPECT_FALSE(hub.suppressed());
  hub.clock.advance(1h);
  hub.hear(about_mail("email.delivered"));
  hub.run();
  for (int i = 0; i < 2; ++i) {
    hub.clock.advance(1h);
    hub.hear(soft);
  }
  hub.run();
  EXPECT_FALSE(hub.suppressed()) << "one mail arrived in between";
  hub.clock.advance(1h);
  hub.hear(soft);
  hub.run();
  EXPECT_EQ(hub.suppressed(), SuppressionReason::soft_bounces);
}

TEST(Suppressing, IsUndoneByAnOperatorAlone) {
  SuppressingHub hub;
  hub.act(lead::SuppressAddress{ada, ada});
  EXPECT_EQ(hub.suppressed(), SuppressionReason::by_operator);
  hub.hear(about_mail("newsletter.subscribed"));
  hub.run();
  EXPECT_EQ(hub.suppressed(), SuppressionReason::by_operator);
  hub.act(lead::LiftSuppression{ada});
  EXPECT_FALSE(hub.suppressed());
}

TEST(Suppressing, OutlivesThePersonAsAHash) {
  SuppressingHub hub;
  hub.options.hash_address = [](std::string_view) { return "hash"; };
  hub.hear(about_mail("email.complained"));
  hub.run();
  hub.act(lead::EraseLead{hub.leads_with(ada).front()});
  EXPECT_EQ(hub.suppressed("hash"), SuppressionReason::complaint);
  hub.pipeline.reset();
  std::ifstream file{hub.lead_file(), std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_THAT(bytes, testing::Not(testing::HasSubstr(ada)));
}

TEST(Consent, IsWithdrawnForEverythingByWhoSaysNotWhatFrom) {
  SuppressingHub hub;
  hub.hear(
      R"({"type":"form.submitted","person":{"email":"ada@example.com"},"consent":[{"purpose":"news","state":"granted"}]})");
  hub.clock.advance(1h);
  hub.hear(about_mail("email.unsubscribed"));
  hub.run();
  const auto record = hub.lead_with(ada);
  EXPECT_FALSE(lead::permission(record.consents, "news", "email").allowed());
}

TEST(Withdrawals, AreForgottenADayAfterThePipelineReadThem) {
  SuppressingHub hub;
  auto draft = entry({event(about_mail("email.complained"))});
  draft.events.front().withdrawals = {{"hash", "*"}};
  hub.append(draft);
  const auto asked = [&] { return hub.inbox_reader()->withdrawn_after(0, "hash")->size(); };
  EXPECT_EQ(asked(), 1U);
  EXPECT_EQ(hub.inbox_reader()->withdrawn_after(1, "hash")->size(), 0U) << "the pipeline has read it";
  ASSERT_TRUE(hub.inbox->forget_withdrawals(hub.clock.now() + 1h, 0));
  EXPECT_EQ(asked(), 1U) << "not processed";
  ASSERT_TRUE(hub.inbox->forget_withdrawals(hub.clock.now(), 1));
  EXPECT_EQ(asked(), 1U) << "too young";
  ASSERT_TRUE(hub.inbox->forget_withdrawals(hub.clock.now() + 1h, 1));
  EXPECT_EQ(asked(), 0U);
}

TEST(Withdrawals, AreNotTakenFromWhatIsSetAsideOrKnown) {
  SuppressingHub hub;
  auto draft = entry({event(about_mail("email.complained"), "k1")});
  draft.events.front().withdrawals = {{"hash", "*"}};
  draft.state = store::EntryState::held;
  hub.append(draft);
  EXPECT_EQ(hub.inbox_reader()->withdrawn_after(0, "hash")->size(), 0U);
  draft.state = store::EntryState::accepted;
  hub.append(draft);  // its key is known
  EXPECT_EQ(hub.inbox_reader()->withdrawn_after(0, "hash")->size(), 0U);
}

}  // namespace
}  // namespace leadhub::pipeline
