#include "verify/verify.hpp"

#include <string_view>

namespace leadhub::verify {
namespace {

/// Lets a verdict become worse, never better.
void lower(lead::NamedContact& contact, lead::Verdict verdict, std::string_view reason) {
  const bool is_worse = verdict == lead::Verdict::invalid ? contact.verdict != lead::Verdict::invalid
                                                          : contact.verdict == lead::Verdict::valid ||
                                                                contact.verdict == lead::Verdict::unknown;
  if (!is_worse) return;
  contact.verdict = verdict;
  contact.reason = reason;
}

enum class Flagged { risky = 1, as_it_was };

/// What one list says; false where the address must not bear its mark.
bool marked(lead::NamedContact& contact, bool is_listed, ListPolicy policy, Flagged flagged,
            std::string_view reason) {
  if (!is_listed || policy == ListPolicy::off) return false;
  if (policy == ListPolicy::reject)
    lower(contact, lead::Verdict::invalid, reason);
  else if (flagged == Flagged::risky)
    lower(contact, lead::Verdict::risky, reason);
  return true;
}

void verify_email(lead::NamedContact& contact, const Policy& policy, const EmailLists& lists) {
  const std::string_view address = contact.canonical;
  const auto at = address.rfind('@');
  if (at == address.npos) return;
  const auto listed = lists.marks_of(address.substr(0, at), address.substr(at + 1));
  auto& marks = contact.marks;
  marks.disposable =
      marked(contact, listed.disposable, policy.disposable, Flagged::risky, "disposable_domain");
  marks.role = marked(contact, listed.role, policy.role, Flagged::risky, "role_address");
  marks.free = marked(contact, listed.free, policy.free, Flagged::as_it_was, "free_mailbox");
}

void verify_phone(lead::NamedContact& contact, const Policy& policy) {
  if (policy.phone == PhonePolicy::possible) return;
  contact.verdict = lead::Verdict::unknown;
  contact.reason = "not_checked";
}

}  // namespace

void verify_offline(lead::NamedContact& contact, const Policy& policy, const EmailLists& lists) {
  if (contact.kind == lead::ContactKind::email) verify_email(contact, policy, lists);
  if (contact.kind == lead::ContactKind::phone) verify_phone(contact, policy);
}

void verify_offline(lead::NormalisedEvent& event, const Policy& policy, const EmailLists& lists) {
  for (auto& contact : event.contacts) verify_offline(contact, policy, lists);
}

}  // namespace leadhub::verify
