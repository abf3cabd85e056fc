#pragma once

#include <span>
#include <string_view>

#include "lead/profile.hpp"

namespace leadhub::identify {

enum class MatchReason {
  email = 1,    ///< the same canonical e-mail address
  external_id,  ///< the same id in the same system
  phone,        ///< the same phone number, and no e-mail address contradicts
  visitor,      ///< the same visitor, not known by anything stronger
  nobody,       ///< a new person
};

struct Match {
  const lead::Lead* lead = nullptr;  ///< null: a new person
  MatchReason reason = MatchReason::nobody;
};

/// Whether two people who write from one address of a function (info@) are told apart by their names.
enum class RoleAddresses {
  by_name = 1,  ///< names that differ are different people
  one_person,   ///< the address is the person, as any other
};

/// Whether two names can be one person's: the words of one, without case, are all in the other's, or one of
/// them is empty.
[[nodiscard]] bool names_agree(std::string_view one, std::string_view other);

/// Nobody knows more of this one than visits.
[[nodiscard]] bool is_visitor(const lead::Lead& lead);
/// Whether the event names its person by more than a visit.
[[nodiscard]] bool names_person(const lead::NormalisedEvent& event);

/// Decides whose event it is. `candidates`: every lead that has one of the event's contact points (but for
/// points that more than limits::sharing_leads_max leads share), in any order; the decision does not depend
/// on the order.
///
/// 1. The same canonical e-mail is the same person; of several leads with it, the oldest (the least id). At
/// an address of a function, whose mark verification has set, only where the names agree; there a lead of the
/// very same name goes before one that merely does not contradict.
///
/// 2. An external id, then a phone, then a visitor id joins a lead whose e-mail addresses do not contradict:
/// the event has no e-mail, or the lead has none yet.
///
/// 3. Where several leads fit equally, the one without any e-mail address is taken if there is exactly one
/// such, else the only one; else nobody: nothing here merges leads.
[[nodiscard]] Match match(const lead::NormalisedEvent& event, std::span<const lead::Lead* const> candidates,
                          RoleAddresses role_addresses = RoleAddresses::by_name);

}  // namespace leadhub::identify
