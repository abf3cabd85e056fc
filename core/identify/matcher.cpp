#include "identify/matcher.hpp"

#include <algorithm>
#include <vector>

namespace leadhub::identify {
namespace {

using lead::ContactKind;

bool has_point(const lead::Lead& lead, const lead::NamedContact& contact) {
  return std::any_of(lead.contact_points.begin(), lead.contact_points.end(),
                     [&](const lead::ContactPoint& point) {
                       return point.kind == contact.kind && point.canonical == contact.canonical;
                     });
}

bool shares(const lead::Lead& lead, const lead::NormalisedEvent& event, ContactKind kind) {
  return std::any_of(event.contacts.begin(), event.contacts.end(), [&](const lead::NamedContact& contact) {
    return contact.kind == kind && has_point(lead, contact);
  });
}

bool has_email(const lead::Lead& lead) {
  return lead.primary(ContactKind::email) != nullptr;
}

/// The one lead that all of this points to, if there is one.
const lead::Lead* only_one(const std::vector<const lead::Lead*>& fitting) {
  if (fitting.size() == 1) return fitting.front();
  std::vector<const lead::Lead*> without_email;
  std::copy_if(fitting.begin(), fitting.end(), std::back_inserter(without_email),
               [](const lead::Lead* lead) { return !has_email(*lead); });
  return without_email.size() == 1 ? without_email.front() : nullptr;
}

}  // namespace

bool is_visitor(const lead::Lead& lead) {
  return !lead.contact_points.empty() &&
         std::all_of(lead.contact_points.begin(), lead.contact_points.end(),
                     [](const lead::ContactPoint& point) { return point.kind == ContactKind::anonymous; });
}

bool names_person(const lead::NormalisedEvent& event) {
  return std::any_of(event.contacts.begin(), event.contacts.end(), [](const lead::NamedContact& contact) {
    return contact.kind != ContactKind::anonymous;
  });
}

Match match(const lead::NormalisedEvent& event, std::span<const lead::Lead* const> candidates) {
  const lead::Lead* same_email = nullptr;
  for (const auto* candidate : candidates)
    if (shares(*candidate, event, ContactKind::email) &&
        (same_email == nullptr || candidate->id < same_email->id))
      same_email = candidate;
  if (same_email != nullptr) return {same_email, MatchReason::email};

  const bool event_has_email =
      std::any_of(event.contacts.begin(), event.contacts.end(),
                  [](const auto& contact) { return contact.kind == ContactKind::email; });
  constexpr std::pair<ContactKind, MatchReason> weaker[]{{ContactKind::external, MatchReason::external_id},
                                                         {ContactKind::phone, MatchReason::phone},
                                                         {ContactKind::anonymous, MatchReason::visitor}};
  for (const auto& [kind, reason] : weaker) {
    std::vector<const lead::Lead*> fitting;
    for (const auto* candidate : candidates)
      if (!(event_has_email && has_email(*candidate)) && shares(*candidate, event, kind))
        fitting.push_back(candidate);
    if (const auto* one = only_one(fitting)) return {one, reason};
  }
  return {};
}

}  // namespace leadhub::identify
