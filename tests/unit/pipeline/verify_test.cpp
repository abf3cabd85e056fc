#include <gmock/gmock.h>

#include "lead/action.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"
#include "verify/domain_checker.hpp"
#include "verify/verification_queue.hpp"

namespace leadhub::pipeline {
namespace {

using lead::ContactKind;
using lead::Verdict;
using test::Hub;
using testing::IsEmpty;
using testing::SizeIs;

lead::ContactPoint mailbox(Hub& hub, const std::string& email) {
  return *hub.lead_with(email).lead.primary(ContactKind::email);
}

TEST(Verification, KeepsARejectedMailboxAndSaysWhy) {
  Hub hub;
  hub.options.policy.disposable = verify::ListPolicy::reject;
  hub.append_form(R"("email":"ada@mailinator.com")");
  hub.run();
  const auto point = mailbox(hub, "ada@mailinator.com");
  EXPECT_EQ(point.verdict, Verdict::invalid);
  EXPECT_EQ(point.reason, "disposable_domain");
  EXPECT_TRUE(point.marks.disposable);
}

TEST(Verification, MarksFreeMailboxesWithoutJudgingThem) {
  Hub hub;
  hub.append_form(R"("email":"ada@gmail.com")");
  hub.run();
  EXPECT_EQ(mailbox(hub, "ada@gmail.com").verdict, Verdict::valid);
  EXPECT_TRUE(mailbox(hub, "ada@gmail.com").marks.free);
}

TEST(RoleAddress, DoesNotMeltPeopleWithOtherNamesTogether) {
  Hub hub;
  hub.append_form(R"("email":"info@engines.example.com","name":"Ada Lovelace","city":"London")");
  hub.append_form(R"("email":"info@engines.example.com","name":"Charles Babbage")");
  hub.append_form(R"("email":"info@engines.example.com","name":"ada lovelace","company":"Engines")");
  hub.append_form(R"("email":"info@engines.example.com","name":"Babbage")");
  hub.run();
  const auto ids = hub.leads_with("info@engines.example.com");
  ASSERT_THAT(ids, SizeIs(2));
  for (const auto& id : ids) {
    const auto person = *hub.reader()->get(id);
    const bool is_ada = person.lead.field(lead::Field::company) == "Engines";
    EXPECT_EQ(person.lead.field(lead::Field::city), is_ada ? "London" : "");
    EXPECT_THAT(person.timeline, SizeIs(2)) << "a part of the name is enough";
  }
  EXPECT_THAT(*hub.reader()->proposals(10), IsEmpty());
}

TEST(RoleAddress, IsOnePersonWhereTheConfigurationSaysSo) {
  Hub hub;
  hub.options.role_addresses = identify::RoleAddresses::one_person;
  hub.append_form(R"("email":"info@engines.example.com","name":"Ada Lovelace")");
  hub.append_form(R"("email":"info@engines.example.com","name":"Charles Babbage")");
  hub.run();
  EXPECT_THAT(hub.leads_with("info@engines.example.com"), SizeIs(1));
}

TEST(RoleAddress, OfVeryManyTellsNobodyApartAndIsStillVerifiedForAll) {
  Hub hub;
  const auto people = static_cast<int>(limits::sharing_leads_max) + 4;
  for (int i = 0; i < people; ++i) {
    hub.append_form("\"email\":\"info@engines.example.com\",\"name\":\"Person" + std::to_string(i) + "\"");
    hub.run();
  }
  ASSERT_THAT(hub.leads_with("info@engines.example.com"), SizeIs(people));
  hub.append_form(R"("email":"info@engines.example.com","name":"Person0")");
  hub.act(lead::VerifyContacts{
      {{ContactKind::email, "info@engines.example.com", Verdict::invalid, "null_mx", {}}}});
  const auto ids = hub.leads_with("info@engines.example.com");
  EXPECT_THAT(ids, SizeIs(people + 1)) << "whoever comes then is somebody new";
  for (const auto& id : ids)
    EXPECT_EQ(hub.reader()->get(id)->lead.primary(ContactKind::email)->reason, "null_mx");
}

TEST(DnsVerification, NeverMakesAnAddressBetterAndLeavesAConfirmedOneAlone) {
  Hub hub;
  hub.append_form(R"("email":"info@engines.example.com")");
  hub.append(test::entry({test::event(
      R"({"type":"newsletter.subscribed","person":{"email":"ada@engines.example.com"},"consent":[{"purpose":"news",)"
      R"("state":"granted","confirms":"9.0"}]})")}));
  hub.act(lead::VerifyContacts{
      {{ContactKind::email, "info@engines.example.com", Verdict::valid, "mx", {}},
       {ContactKind::email, "ada@engines.example.com", Verdict::invalid, "no_such_domain", {}}}});
  EXPECT_EQ(mailbox(hub, "info@engines.example.com").reason, "role_address");
  EXPECT_EQ(mailbox(hub, "ada@engines.example.com").reason, "confirmed");
}

/// A hub that asks a name server which is not there: whatever is asked comes to nothing.
struct AskingHub : Hub {
  AskingHub() { options.ask_dns = true; }

  [[nodiscard]] verify::VerificationQueue queue(verify::DomainChecker& checker,
                                                verify::MailboxProbe* probe = nullptr) {
    return {{reader(),
             [this](const lead::Action& action) -> Result<bool> {
               act(action);
               return true;
             }},
            checker,
            probe,
            clock};
  }
  [[nodiscard]] std::vector<store::DueVerification> due() {
    return test::value_or_throw(reader()->due_verifications(clock.now(), 100));
  }
};

TEST(DnsVerification, AsksOncePerNewAddressAndNotAboutInvalidOnes) {
  AskingHub hub;
  hub.options.policy.disposable = verify::ListPolicy::reject;
  hub.append_form(R"("email":"ada@engines.example.com")");
  hub.append_form(R"("email":"ada@engines.example.com")");
  hub.append_form(R"("email":"ada@mailinator.com")");
  hub.run();
  ASSERT_THAT(hub.due(), SizeIs(1));
  EXPECT_EQ(hub.due().front().canonical, "ada@engines.example.com");
}

TEST(DnsVerification, ComesToUnknownInAnOutageAndAsksAgainLater) {
  AskingHub hub;
  hub.append_form(R"("email":"ada@engines.example.com")");
  hub.run();
  const auto resolver =
      test::value_or_throw(verify::DnsResolver::start({{"127.0.0.1:1"}, std::chrono::milliseconds{300}}));
  verify::DomainChecker checker{*resolver, hub.clock};
  auto queue = hub.queue(checker);
  EXPECT_EQ(queue.step(), 1U);
  EXPECT_NE(mailbox(hub, "ada@engines.example.com").verdict, Verdict::invalid);
  EXPECT_THAT(hub.due(), IsEmpty()) << "not at once";
  EXPECT_EQ(queue.step(), 0U);
  hub.clock.advance(std::chrono::hours{6});
  ASSERT_THAT(hub.due(), SizeIs(1));
  EXPECT_EQ(hub.due().front().attempts, 1);
}

TEST(DnsVerification, LetsTheVerdictReachTheLead) {
  AskingHub hub;
  hub.append_form(R"("email":"ada@engines.example.com")");
  hub.run();
  hub.act(lead::VerifyContacts{
      {{ContactKind::email, "ada@engines.example.com", Verdict::invalid, "null_mx", {}}}});
  EXPECT_EQ(mailbox(hub, "ada@engines.example.com").verdict, Verdict::invalid);
  EXPECT_EQ(mailbox(hub, "ada@engines.example.com").reason, "null_mx");
  EXPECT_THAT(hub.due(), IsEmpty());
}

TEST(VerificationRetry, DoublesAndEnds) {
  using std::chrono::seconds;
  EXPECT_EQ(verify::verification_retry(0, seconds{60}), seconds{60});
  EXPECT_EQ(verify::verification_retry(1, seconds{60}), seconds{120});
  EXPECT_EQ(verify::verification_retry(9, seconds{3'600}), limits::verification_retry_max);
  EXPECT_EQ(verify::verification_retry(limits::verification_attempts_max, seconds{60}), std::nullopt);
}

}  // namespace
}  // namespace leadhub::pipeline
