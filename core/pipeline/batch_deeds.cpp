#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "lead/deed.hpp"
#include "normalise/normalise.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "pipeline/batch.hpp"
#include "verify/verify.hpp"

namespace leadhub::pipeline {
namespace {

/// The events of an entry come first.
constexpr auto first_deed_index = static_cast<std::int32_t>(limits::events_per_request_max);

/// A second sale of somebody who bought already is told from a slip by this attribute.
constexpr std::string_view again = "again";

bool has_bought(const lead::Lead& lead) {
  return lead.stage == lead::Stage::converted || lead.stage == lead::Stage::customer;
}

const lead::AttributeValue* attribute(const lead::NormalisedEvent& event, std::string_view name) {
  const auto found = std::ranges::find(event.event.attributes, name,
                                       [](const auto& one) -> std::string_view { return one.first; });
  return found == event.event.attributes.end() ? nullptr : &found->second;
}

/// Which hand-off is answered; nullopt: whichever it is.
std::optional<std::int64_t> round_of(const lead::NormalisedEvent& event) {
  const auto* value = attribute(event, "round");
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? std::nullopt : std::optional{*number};
}

std::string text_of(const lead::NormalisedEvent& event, std::string_view name) {
  const auto* value = attribute(event, name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string{} : *text;
}

/// Why a deed cannot be done to a lead.
Result<void> check(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  if (const auto to = lead::stage_of_deed(event); to && !lead::is_transition(lead.stage, *to))
    return fail(ErrorCode::conflict, "the lead is " + std::string{to_string(lead.stage)} +
                                         "; it cannot become " + std::string{to_string(*to)});
  if (event.event.type != "purchase.completed") return {};
  if (event.event.value && *event.event.value < 0)
    return fail(ErrorCode::invalid, "a sale is worth nothing or more; the value is negative");
  if (has_bought(lead) && attribute(event, again) == nullptr)
    return fail(ErrorCode::conflict, "the lead is " + std::string{to_string(lead.stage)} +
                                         " already; say that it is one more sale with --again");
  return {};
}

}  // namespace

Result<bool> Batch::is_done_already(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  if (event.event.key.empty()) return false;
  const auto lines = lines_of({lead.id});
  if (!lines) return std::unexpected(lines.error());
  return std::ranges::any_of(*lines, [&](const lead::TimelineEntry& line) {
    return line.channel == lead::hub_channel && line.key == event.event.key && line.type == event.event.type;
  });
}

Result<void> Batch::act(const lead::RecordDeed& action, lead::EventReference reference) {
  const auto found = load(action.lead_id);
  if (!found) return std::unexpected(found.error());
  auto& lead = **found;
  const auto event = lead::deed_event(reference, asked_at_, action.document);
  if (!event) return std::unexpected(event.error());
  const auto done = is_done_already(lead, *event);
  if (!done) return std::unexpected(done.error());
  if (*done) return {};
  if (auto fits = check(lead, *event); !fits) return fits;
  if (event->event.type == lead::deed::assigned)
    if (auto given = give_to(lead, text_of(*event, "owner"), asked_at_, reference); !given) return given;
  if (event->event.type == lead::deed::answered)
    if (auto answered = answer(lead, round_of(*event), asked_at_); !answered) return answered;
  return apply(lead, *event);
}

Result<void> Batch::apply_deed(lead::Lead& lead, std::string_view type, TimePoint now,
                               lead::EventReference reference) {
  return apply_own(lead, nlohmann::json{{"type", type}}.dump(), now, reference);
}

Result<void> Batch::apply_own(lead::Lead& lead, std::string_view document, TimePoint now,
                              lead::EventReference reference) {
  // One entry of the log may do several things to one lead, and to many leads, besides what its events say.
  reference.index = first_deed_index + deeds_++;
  auto event = lead::deed_event(reference, now, document);
  if (!event) return std::unexpected(event.error());
  return apply(lead, *event);
}

/// A lead that cannot be looked at keeps nobody else from it, and is not tried again at once.
Result<void> Batch::look_again_or_put_off(lead::Lead& lead, lead::EventReference reference) {
  const auto looked = [&]() -> Result<void> {
    try {
      return look_again(lead, asked_at_, reference);
    } catch (const std::exception& error) {
      return fail(ErrorCode::invalid, error.what());
    }
  }();
  if (looked || looked.error().code != ErrorCode::invalid) return looked;
  log::warning("pipeline", "lead " + lead.id +
                               " cannot be looked at again, which is tried once more in an hour: " +
                               looked.error().message);
  put_off_[lead.id] = asked_at_ + limits::look_again_after_failure;
  mark_changed(lead);
  return {};
}

Result<void> Batch::act(const lead::LookAgain& action, lead::EventReference reference) {
  for (const auto& id : action.lead_ids) {
    const auto lead = load(id);
    if (!lead && lead.error().code == ErrorCode::not_found) continue;  // erased meanwhile
    if (!lead) return std::unexpected(lead.error());
    if (auto looked = look_again_or_put_off(**lead, reference); !looked) return looked;
  }
  return {};
}

Result<void> Batch::act(const lead::RecordSignal& action, lead::EventReference reference) {
  const auto lead = load(action.lead_id);
  if (!lead && lead.error().code == ErrorCode::not_found) {
    // Erased meanwhile: what it says of the person goes, too.
    changes_.erasures.push_back({{}, {reference.seq}, reference.seq});
    return {};
  }
  if (!lead) return std::unexpected(lead.error());
  auto event =
      normalise::normalise({reference, action.channel, asked_at_, action.document}, options_.normalise);
  if (!event) return std::unexpected(event.error());
  verify::verify_offline(*event, options_.policy, *options_.lists);
  return apply(**lead, *event);
}

Result<void> Batch::act(const lead::JudgeSignal& action, lead::EventReference) {
  auto id = store_.lead_of_event(action.event);
  if (!id) return std::unexpected(id.error());
  const auto lead = load(*std::move(id));
  if (!lead) return std::unexpected(lead.error());
  changes_.signals.push_back({action.event, action.trust});
  if (auto noted = note_feedback_anew(**lead, action); !noted) return noted;
  if (auto judged = judge_anew(**lead, {}); !judged) return judged;
  mark_changed(**lead);
  return {};
}

}  // namespace leadhub::pipeline
