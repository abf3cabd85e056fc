#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lead/profile.hpp"
#include "lead/qualification.hpp"
#include "qualify/rules.hpp"

namespace leadhub::qualify {

/// A lead enters a stage.
struct Transition {
  lead::Stage from = lead::Stage::captured;
  lead::Stage to = lead::Stage::captured;
  std::string rule;
};

/// What the rules made of one event, besides what they changed in the lead.
struct Judgement {
  std::vector<lead::ScoreEntry> scores;  ///< the new lines of the ledger
  std::optional<Transition> transition;
};

/// Judges an event that has just been applied to its lead, at the moment at which it was received, in this
/// order: score, temperature, stage. Each looks at what the one before has made; the conditions of one list
/// do not see each other's effects. Changes the lead's qualification, stage and wake_at. Pure: the same
/// events in the same order give the same.
///
/// Stage rules are looked at in their order, at most one takes effect an event, and only a transition that
/// lead::is_transition defines does.
[[nodiscard]] Judgement judge(const Rules& rules, lead::Lead& lead, const lead::NormalisedEvent& event);

/// Looks at a lead again though nothing has happened to it: temperature, and those stage rules that ask for
/// no event. `wake_at` lies behind `now` afterwards, or is empty. `source` is named as the reason of a
/// transition.
[[nodiscard]] std::optional<Transition> reconsider(const Rules& rules, lead::Lead& lead, TimePoint now,
                                                   lead::EventReference source);

/// Whether its points were summed up under another decay than the rules'; reckon() mends that.
[[nodiscard]] bool is_reckoned_otherwise(const Rules& rules, const lead::Lead& lead);

/// Sums the ledger up anew.
void reckon(const Rules& rules, lead::Lead& lead, const std::vector<lead::ScoreEntry>& ledger);

}  // namespace leadhub::qualify
