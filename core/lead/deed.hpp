#pragma once

#include <optional>
#include <string_view>

#include "lead/lead.hpp"
#include "lead/profile.hpp"
#include "ops/error.hpp"

namespace leadhub::lead {

/// The channel of what the hub and its people do to a lead: lines of its timeline like any other, so that
/// correcting, merging and parting keep them. No channel of hub.yaml has this name.
inline constexpr std::string_view hub_channel = "leadhub";

/// Deeds, as event types. Besides these, purchase.completed is one when it is the hub's.
namespace deed {
inline constexpr std::string_view tagged = "x.leadhub.tagged";      ///< attributes: add, remove (lists)
inline constexpr std::string_view set = "x.leadhub.set";            ///< attributes: those of the lead
inline constexpr std::string_view noted = "x.leadhub.noted";        ///< message
inline constexpr std::string_view lost = "x.leadhub.lost";          ///< attributes: reason
inline constexpr std::string_view recycled = "x.leadhub.recycled";  ///< a new start
inline constexpr std::string_view assigned = "x.leadhub.assigned";  ///< attributes: owner
inline constexpr std::string_view answered =
    "x.leadhub.answered";  ///< the owner has taken it up; attributes: round, of which hand-off
inline constexpr std::string_view account =
    "x.leadhub.account";  ///< attributes: owner, renews_at, follow_up_at
inline constexpr std::string_view time_passed = "x.leadhub.time_passed";  ///< by which it came to a stage
inline constexpr std::string_view renewal_due = "x.leadhub.renewal_due";  ///< account.renews_at has come
inline constexpr std::string_view follow_up_due =
    "x.leadhub.follow_up_due";  ///< account.follow_up_at has come
}  // namespace deed

[[nodiscard]] bool is_deed(const NormalisedEvent& event);
/// Whether it is time's, and nobody's: no sign of the lead.
[[nodiscard]] bool is_of_time(const NormalisedEvent& event);

/// Whether the attributes of an event are about itself and not about the lead: the hub's own records,
/// wherever they come from (an import brings those of another hub), and what an auto_reply said.
[[nodiscard]] bool is_about_itself(const NormalisedEvent& event);

/// A deed from its document, which is a lead event. Error: `invalid` where it is none.
[[nodiscard]] Result<NormalisedEvent> deed_event(EventReference reference, TimePoint at,
                                                 std::string_view document);

/// What it changes in the lead besides its stage: tags, account.
void apply_deed(Lead& lead, const NormalisedEvent& event);

/// The stage into which a deed puts a lead; nullopt: none.
[[nodiscard]] std::optional<Stage> stage_of_deed(const NormalisedEvent& event);

}  // namespace leadhub::lead
