#include "verify/verify.hpp"

#include <gmock/gmock.h>

#include <string>

namespace leadhub::verify {
namespace {

using lead::ContactKind;
using lead::ContactMarks;
using lead::NamedContact;
using lead::Verdict;

const EmailLists lists;

NamedContact address(const std::string& canonical, Verdict verdict = Verdict::valid,
                     const std::string& reason = "ok") {
  return {ContactKind::email, canonical, canonical, verdict, reason, {}};
}

NamedContact verified(NamedContact contact, const Policy& policy = {}) {
  verify_offline(contact, policy, lists);
  return contact;
}

constexpr Policy strict{ListPolicy::reject, ListPolicy::reject, ListPolicy::reject, PhonePolicy::possible};
constexpr Policy blind{ListPolicy::off, ListPolicy::off, ListPolicy::off, PhonePolicy::off};

void expect(const NamedContact& contact, Verdict verdict, const std::string& reason, ContactMarks marks) {
  EXPECT_EQ(contact.verdict, verdict) << contact.canonical;
  EXPECT_EQ(contact.reason, reason) << contact.canonical;
  EXPECT_EQ(to_string(contact.marks), to_string(marks)) << contact.canonical;
}

TEST(VerifyOffline, LeavesAnOrdinaryAddressAsItIs) {
  expect(verified(address("ada@example.com")), Verdict::valid, "ok", {});
  expect(verified(address("ada@example.com"), strict), Verdict::valid, "ok", {});
}

TEST(VerifyOffline, FlagsMakeRiskyButForFreeMailboxes) {
  expect(verified(address("ada@0-180.com")), Verdict::risky, "disposable_domain", {.disposable = true});
  expect(verified(address("info@example.com")), Verdict::risky, "role_address", {.role = true});
  expect(verified(address("ada@gmail.com")), Verdict::valid, "ok", {.free = true});
  expect(verified(address("info@0-180.com")), Verdict::risky, "disposable_domain",
         {.role = true, .disposable = true});
}

TEST(VerifyOffline, RejectsWithTheReason) {
  expect(verified(address("ada@0-180.com"), strict), Verdict::invalid, "disposable_domain",
         {.disposable = true});
  expect(verified(address("info@example.com"), strict), Verdict::invalid, "role_address", {.role = true});
  expect(verified(address("ada@gmail.com"), strict), Verdict::invalid, "free_mailbox", {.free = true});
  const Policy mixed{ListPolicy::flag, ListPolicy::reject, ListPolicy::off, PhonePolicy::possible};
  expect(verified(address("info@0-180.com"), mixed), Verdict::invalid, "role_address",
         {.role = true, .disposable = true});
}

TEST(VerifyOffline, DoesNotLookWhereItIsToldNotTo) {
  for (const auto* one : {"ada@0-180.com", "info@example.com", "ada@gmail.com"})
    expect(verified(address(one), blind), Verdict::valid, "ok", {});
}

TEST(VerifyOffline, NeverMakesAVerdictBetter) {
  expect(verified(address("ada@gmail.com", Verdict::invalid, "special_use_domain")), Verdict::invalid,
         "special_use_domain", {.free = true});
  expect(verified(address("info@example.com", Verdict::risky, "quoted_local")), Verdict::risky,
         "quoted_local", {.role = true});
  expect(verified(address("info@example.com", Verdict::invalid, "special_use_domain"), strict),
         Verdict::invalid, "special_use_domain", {.role = true});
  expect(verified(address("info@example.com", Verdict::risky, "quoted_local"), strict), Verdict::invalid,
         "role_address", {.role = true});
}

TEST(VerifyOffline, TakesPhonesAsNormalisedOrNotAtAll) {
  const NamedContact number{ContactKind::phone, "+442079460958", "", Verdict::risky, "possible_length", {}};
  expect(verified(number), Verdict::risky, "possible_length", {});
  expect(verified(number, blind), Verdict::unknown, "not_checked", {});
}

TEST(VerifyOffline, JudgesEveryContactPointOfAnEvent) {
  lead::NormalisedEvent event;
  event.contacts = {address("info@example.com"),
                    {ContactKind::phone, "+1", "", Verdict::valid, "ok", {}},
                    {ContactKind::external, "crm:7", "7", Verdict::unknown, "", {}},
                    address("ada@0-180.com")};
  verify_offline(event, strict, lists);
  expect(event.contacts[0], Verdict::invalid, "role_address", {.role = true});
  expect(event.contacts[1], Verdict::valid, "ok", {});
  expect(event.contacts[2], Verdict::unknown, "", {});
  expect(event.contacts[3], Verdict::invalid, "disposable_domain", {.disposable = true});
}

}  // namespace
}  // namespace leadhub::verify
