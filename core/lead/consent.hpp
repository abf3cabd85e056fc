#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lead/event.hpp"
#include "lead/lead.hpp"

namespace leadhub::lead {

struct Permission {
  enum class Verdict {
    allowed = 1,
    unconfirmed,  ///< asked for, and never confirmed
    withdrawn,
    never_given,
  };
  Verdict verdict = Verdict::never_given;
  const ConsentEntry* because = nullptr;  ///< the line of the ledger that decides; null: there is none

  [[nodiscard]] bool allowed() const { return verdict == Verdict::allowed; }
};
[[nodiscard]] std::string_view to_string(Permission::Verdict verdict);

/// The purpose of a line that is about all purposes.
inline constexpr std::string_view every_purpose = "*";

/// What an event says about consent. Whoever unsubscribes without a word on what from, unsubscribes from
/// everything.
[[nodiscard]] std::vector<ConsentStatement> with_implied_withdrawal(const LeadEvent& event);

/// Whether a lead may be contacted for a purpose over a channel ("email", "phone", "sms", "chat"): the one
/// place that decides it, which every sender asks.
///
/// Of the lines for that purpose or for every purpose, and for that channel or for any, the latest by the
/// time at which the person said it counts; at the same time a withdrawal wins, whatever arrived first. A
/// request that waits for its confirmation neither allows nor takes back anything.
[[nodiscard]] Permission permission(std::span<const ConsentEntry> ledger, std::string_view purpose,
                                    std::string_view channel);

/// Why a mail of that purpose may not go to the lead, as far as the lead itself tells; empty: it may.
[[nodiscard]] std::string why_no_mail(const Lead& lead, std::span<const ConsentEntry> ledger,
                                      std::string_view purpose);

}  // namespace leadhub::lead
