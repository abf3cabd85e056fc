#include <gmock/gmock.h>
#include <leadhub/sdk/transport.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "ops/limits.hpp"
#include "plugin/in_process_transport.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::OutgoingMail;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<OutgoingMail> mails(const std::vector<std::string>& subjects) {
  std::vector<OutgoingMail> made;
  for (const auto& subject : subjects) {
    OutgoingMail mail;
    mail.message_id = std::to_string(made.size()) + "@engines.example";
    mail.to = "ada@example.com";
    mail.subject = subject;
    mail.text = "Dear Ada\n";
    made.push_back(std::move(mail));
  }
  return made;
}

/// What the sender of a batch sees.
class RecordingHandover final : public deliver::Handover {
 public:
  explicit RecordingHandover(std::size_t count) : results(count), settled(count, 0) {}
  bool claim(std::size_t index) override {
    claimed.push_back(index);
    return !objects || !objects(index);
  }
  void settle(std::size_t index, deliver::DeliveryResult result) override {
    results.at(index) = std::move(result);
    ++settled.at(index);
  }
  [[nodiscard]] std::vector<Delivery> outcomes() const {
    std::vector<Delivery> all;
    for (const auto& result : results) all.push_back(result.outcome);
    return all;
  }
  std::function<bool(std::size_t)> objects;
  std::vector<std::size_t> claimed;
  std::vector<deliver::DeliveryResult> results;
  std::vector<int> settled;
};

class MailBatch : public ::testing::Test {
 protected:
  static HostServices in_folder(HostServices services, const std::filesystem::path& folder) {
    services.folder = folder;
    return services;
  }
  std::unique_ptr<RecordingHandover> deliver(const std::vector<std::string>& subjects) {
    return deliver_with({}, subjects);
  }
  std::unique_ptr<RecordingHandover> deliver_with(std::function<bool(std::size_t)> objects,
                                                  const std::vector<std::string>& subjects) {
    const auto batch = mails(subjects);
    auto handover = std::make_unique<RecordingHandover>(batch.size());
    handover->objects = std::move(objects);
    transport_->deliver(batch, *handover);
    EXPECT_THAT(handover->settled, Each(1)) << "each exactly once";
    return handover;
  }
  [[nodiscard]] std::string left() const {
    const auto file = folder_.path() / "mailbag.json";
    return std::filesystem::exists(file) ? test::read_file(file) : std::string{};
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  const test::TemporaryFolder folder_;
  test::TestServices test_;
  const HostServices services_ = in_folder(test_.services, folder_.path());
  PluginHost host_{registry_, services_};
  std::unique_ptr<deliver::MailTransport> transport_ =
      *host_.make_transport({"mail", "mailcoach", R"({"password": "open-sesame"})"});
};

TEST_F(MailBatch, EachIsClaimedBeforeItLeaves) {
  const auto handover = deliver({"one", "two", "three"});
  EXPECT_THAT(handover->claimed, ElementsAre(0, 1, 2));
  EXPECT_THAT(handover->outcomes(), Each(Delivery::sent));
  EXPECT_THAT(left(), AllOf(HasSubstr("one"), HasSubstr("two"), HasSubstr("three")));
}

TEST_F(MailBatch, WhatMayNotLeaveAnyMoreDoesNot) {
  const auto handover = deliver_with([](std::size_t index) { return index == 1; }, {"one", "two", "three"});
  EXPECT_THAT(handover->outcomes(), ElementsAre(Delivery::sent, Delivery::untried, Delivery::sent));
  EXPECT_THAT(left(), Not(HasSubstr("two")));
}

TEST_F(MailBatch, AFaultyMailKeepsItsPlace) {
  const auto handover = deliver({"one", "line\nbreak", "three"});
  EXPECT_THAT(handover->outcomes(), ElementsAre(Delivery::sent, Delivery::rejected, Delivery::sent));
  EXPECT_THAT(handover->claimed, ElementsAre(0, 2));
}

TEST_F(MailBatch, WhatMustWaitSaysUntilWhen) {
  const auto handover = deliver({"next week"});
  EXPECT_THAT(handover->outcomes(), ElementsAre(Delivery::untried));
  EXPECT_EQ(handover->results[0].retry_after, std::chrono::seconds{7});
  EXPECT_EQ(handover->results[0].detail, "channel \"mail\" (plugin mailcoach): the day is full");
  EXPECT_THAT(handover->claimed, IsEmpty());
}

TEST_F(MailBatch, WhatWasForgottenIsUnknownOnlyWhereItWasClaimed) {
  const auto handover = deliver({"one", "forgotten", "passed over"});
  EXPECT_THAT(handover->outcomes(), ElementsAre(Delivery::sent, Delivery::unknown, Delivery::untried));
}

TEST_F(MailBatch, AnExceptionLeavesOnlyTheClaimedOneInDoubt) {
  const auto handover = deliver({"one", "crashes", "three"});
  EXPECT_THAT(handover->outcomes(), ElementsAre(Delivery::sent, Delivery::unknown, Delivery::untried));
  EXPECT_THAT(handover->results[1].detail, EndsWith("into the ditch"));
}

TEST_F(MailBatch, AnErrorForAllIsTheFailureOfWhatHasNotLeft) {
  const auto handover = deliver({"one", "forgotten", "breaks down", "four"});
  EXPECT_THAT(handover->outcomes(),
              ElementsAre(Delivery::sent, Delivery::unknown, Delivery::retry, Delivery::retry));
  EXPECT_THAT(handover->results[3].detail, EndsWith("a wheel is off"));
}

TEST_F(MailBatch, HasABound) {
  const auto handover = deliver(std::vector<std::string>(limits::mail_batch_max + 2, "one"));
  EXPECT_EQ(std::ranges::count(handover->outcomes(), Delivery::sent), limits::mail_batch_max);
  EXPECT_EQ(std::ranges::count(handover->outcomes(), Delivery::untried), 2);
}

TEST_F(MailBatch, OneMailIsABatchOfOne) {
  EXPECT_EQ(transport_->deliver(mails({"one"}).front()).outcome, Delivery::sent);
}

TEST(Deliveries, AnOlderHostThatKnowsNoClaimRefusesNone) {
  leadhub_delivery_sink sink{};
  sink.size = offsetof(leadhub_delivery_sink, claim);
  sink.claim = [](const leadhub_delivery_sink*, std::uint32_t) -> std::int32_t {
    ADD_FAILURE() << "beyond the size of this sink";
    return 0;
  };
  int results = 0;
  sink.context = &results;
  sink.result = [](const leadhub_delivery_sink* self, std::uint32_t, leadhub_delivery_state state,
                   leadhub_string, const leadhub_error*) {
    EXPECT_EQ(state, LEADHUB_DELIVERY_DONE);
    ++*static_cast<int*>(self->context);
  };
  const leadhub_delivery item{};
  sdk::Deliveries batch{&item, 1, &sink};
  EXPECT_TRUE(batch.claim(0));
  batch.settle(0, sdk::Outcome::done());
  EXPECT_EQ(results, 1);
  EXPECT_THROW((void)batch.claim(0), std::logic_error);
  EXPECT_THROW(batch.settle(0, sdk::Outcome::done()), std::logic_error);
}

}  // namespace
}  // namespace leadhub::plugin
