#include "identify/matcher.hpp"

#include <algorithm>
#include <string>
#include <utility>
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

std::string name_of(const lead::NormalisedEvent& event) {
  const auto& person = event.event.person;
  return person.name.empty() ? person.first_name + " " + person.last_name : person.name;
}

bool has_role_address(const lead::NormalisedEvent& event) {
  return std::any_of(event.contacts.begin(), event.contacts.end(),
                     [](const lead::NamedContact& contact) { return contact.marks.role; });
}

/// The words of a name, sorted, without case (ASCII): names are clean lines already.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const char c : name) {
    if (c == ' ' || c == '.' || c == ',')
      end_word();
    else
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  end_word();
  std::sort(words.begin(), words.end());
  return words;
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

bool names_agree(std::string_view one, std::string_view other) {
  const auto left = words_of(one);
  const auto right = words_of(other);
  return std::includes(left.begin(), left.end(), right.begin(), right.end()) ||
         std::includes(right.begin(), right.end(), left.begin(), left.end());
}

Match match(const lead::NormalisedEvent& event, std::span<const lead::Lead* const> candidates,
            RoleAddresses role_addresses) {
  const lead::Lead* same_email = nullptr;
  const auto name = name_of(event);
  const bool by_name = role_addresses == RoleAddresses::by_name && has_role_address(event);
  const auto rank = [&](const lead::Lead& lead) {
    const bool other_name = by_name && words_of(name) != words_of(lead.field(lead::Field::name));
    return std::pair<bool, std::string_view>{other_name, lead.id};
  };
  for (const auto* candidate : candidates)
    if (shares(*candidate, event, ContactKind::email) &&
        (!by_name || names_agree(name, candidate->field(lead::Field::name))) &&
        (same_email == nullptr || rank(*candidate) < rank(*same_email)))
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
