#pragma once

#include "lead/profile.hpp"
#include "verify/email_lists.hpp"

namespace leadhub::verify {

/// What becomes of an address that a list names.
enum class ListPolicy {
  off = 1,  ///< that list is not looked at
  flag,     ///< the mark is set, and of throw-away and role mailboxes the verdict is at most `risky`
  reject,   ///< the verdict is `invalid`: the contact point is kept, nothing is sent to it
};

enum class PhonePolicy {
  off = 1,   ///< numbers are taken as they are: `unknown`
  possible,  ///< `valid` in its numbering plan, `risky` where only the length is possible
};

/// hub.yaml's `verify`; the members are what holds where it says nothing.
struct Policy {
  ListPolicy disposable = ListPolicy::flag;
  ListPolicy role = ListPolicy::flag;
  ListPolicy free = ListPolicy::flag;
  PhonePolicy phone = PhonePolicy::possible;
};

/// The offline half of verification: sets verdict, reason and marks of each contact point that the event
/// names. Starts from what normalisation said of the syntax, and never makes that better: of several reasons
/// the one that decided the verdict stays. Pure, thread-safe, asks nobody.
void verify_offline(lead::NormalisedEvent& event, const Policy& policy, const EmailLists& lists);

/// The same for one contact point.
void verify_offline(lead::NamedContact& contact, const Policy& policy, const EmailLists& lists);

}  // namespace leadhub::verify
