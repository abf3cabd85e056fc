#include "lead/consent.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace leadhub::lead {
namespace {

using Verdict = Permission::Verdict;

ConsentEntry line(std::int64_t seq, int second, ConsentState state, const std::string& channel = "email",
                  const std::string& purpose = "marketing_email") {
  ConsentEntry entry;
  entry.reference = {seq, 0};
  entry.statement.purpose = purpose;
  entry.statement.channel = channel;
  entry.statement.state = state;
  entry.occurred_at = TimePoint{std::chrono::seconds{second}};
  return entry;
}

Verdict verdict(const std::vector<ConsentEntry>& ledger, const std::string& channel = "email") {
  return permission(ledger, "marketing_email", channel).verdict;
}

TEST(Permission, IsNeverGivenByNobody) {
  EXPECT_EQ(verdict({}), Verdict::never_given);
  EXPECT_EQ(verdict({line(1, 1, ConsentState::granted, "email", "invoices")}), Verdict::never_given);
  EXPECT_EQ(verdict({line(1, 1, ConsentState::granted, "phone")}), Verdict::never_given);
}

TEST(Permission, IsWhatThePersonSaidLast) {
  const auto yes = line(1, 1, ConsentState::granted);
  const auto no = line(2, 2, ConsentState::withdrawn);
  const auto yes_again = line(3, 3, ConsentState::granted);
  EXPECT_EQ(verdict({yes}), Verdict::allowed);
  EXPECT_EQ(verdict({yes, no}), Verdict::withdrawn);
  EXPECT_EQ(verdict({yes, no, yes_again}), Verdict::allowed);
  EXPECT_EQ(verdict({no, yes}), Verdict::withdrawn) << "by when it was said, not by when it arrived";
}

TEST(Permission, IsGoneWhereAWithdrawalComesAtTheSameTime) {
  EXPECT_EQ(verdict({line(1, 1, ConsentState::withdrawn), line(2, 1, ConsentState::granted)}),
            Verdict::withdrawn);
}

TEST(Permission, WaitsForTheConfirmation) {
  EXPECT_EQ(verdict({line(1, 1, ConsentState::requested)}), Verdict::unconfirmed);
  EXPECT_EQ(verdict({line(1, 1, ConsentState::requested), line(2, 2, ConsentState::granted)}),
            Verdict::allowed);
}

TEST(Permission, IsNotTakenBackByAnotherRequest) {
  EXPECT_EQ(verdict({line(1, 1, ConsentState::granted), line(2, 2, ConsentState::requested)}),
            Verdict::allowed);
  EXPECT_EQ(verdict({line(1, 1, ConsentState::withdrawn), line(2, 2, ConsentState::requested)}),
            Verdict::withdrawn);
}

TEST(Permission, CoversEveryChannelWhereItWasGivenForAny) {
  EXPECT_EQ(verdict({line(1, 1, ConsentState::granted, "any")}, "sms"), Verdict::allowed);
  EXPECT_EQ(verdict({line(1, 1, ConsentState::granted), line(2, 2, ConsentState::withdrawn, "any")}),
            Verdict::withdrawn);
}

TEST(Permission, SaysWhichLineDecides) {
  const std::vector ledger{line(1, 1, ConsentState::granted), line(2, 2, ConsentState::withdrawn)};
  const auto found = permission(ledger, "marketing_email", "email");
  ASSERT_NE(found.because, nullptr);
  EXPECT_EQ(found.because->reference.seq, 2);
  EXPECT_EQ(to_string(found.verdict), "withdrawn");
}

RC_GTEST_PROP(Permission, DoesNotDependOnTheOrderOfTheLedger, ()) {
  std::vector<ConsentEntry> ledger;
  const auto count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i)
    ledger.push_back(
        line(i, *rc::gen::inRange(0, 5),
             *rc::gen::element(ConsentState::granted, ConsentState::withdrawn, ConsentState::requested),
             *rc::gen::element(std::string{"email"}, std::string{"any"}, std::string{"phone"})));
  auto shuffled = ledger;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937{*rc::gen::arbitrary<std::uint32_t>()});
  RC_ASSERT(verdict(ledger) == verdict(shuffled));
}

}  // namespace
}  // namespace leadhub::lead
