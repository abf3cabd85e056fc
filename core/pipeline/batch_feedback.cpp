#include <algorithm>
#include <optional>
#include <string>

#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

using What = lead::MailFeedback::What;

std::optional<What> what_of(std::string_view type) {
  if (type == "email.opened") return What::opened;
  if (type == "email.clicked") return What::clicked;
  if (type == "email.bounced") return What::bounced;
  if (type == "email.complained") return What::complained;
  return std::nullopt;
}

/// Whether a person did it, and not a machine in their place.
bool is_of_people(What what) {
  return what == What::opened || what == What::clicked;
}

/// Of "<id@site>", as our mails have it; empty: it is none of ours.
std::string own_id(std::string_view message_id) {
  if (message_id.starts_with('<')) message_id.remove_prefix(1);
  const auto id = message_id.substr(0, message_id.find_first_of("@>"));
  return ops::is_uuid(id) ? std::string{id} : std::string{};
}

std::string address_of(const lead::NormalisedEvent& event) {
  const auto found = std::ranges::find(event.contacts, lead::ContactKind::email, &lead::NamedContact::kind);
  return found == event.contacts.end() ? std::string{} : found->canonical;
}

}  // namespace

void Batch::note_feedback(const lead::NormalisedEvent& event) {
  const auto what = what_of(event.event.type);
  if (!what || (is_of_people(*what) && event.event.trust != lead::SignalTrust::human)) return;
  lead::MailFeedback feedback{*what, own_id(event.event.message_id), address_of(event), event.occurred_at};
  if (what == What::bounced && event.event.bounce == lead::BounceKind::soft) return;  // it may still arrive
  // Which mail was opened cannot be told by the address.
  if (feedback.message_id.empty() && (is_of_people(*what) || feedback.canonical.empty())) return;
  changes_.feedback.push_back(std::move(feedback));
}

Result<void> Batch::note_feedback_anew(const lead::Lead& lead, const lead::JudgeSignal& action) {
  const auto lines = lines_of({lead.id});
  if (!lines) return std::unexpected(lines.error());
  const auto judged = std::ranges::find(*lines, action.event, &lead::TimelineEntry::reference);
  if (judged == lines->end()) return {};
  const auto what = what_of(judged->type);
  if (!what || !is_of_people(*what)) return {};
  const auto id_of = [this](const lead::TimelineEntry& line) {
    const auto event = normalised(line);
    return event ? own_id(event->event.message_id) : std::string{};
  };
  lead::MailFeedback feedback{*what, id_of(*judged), {}, std::nullopt};
  if (feedback.message_id.empty()) return {};
  for (const auto& line : *lines) {
    const auto trust = line.reference == action.event ? action.trust : line.trust;
    if (line.type != judged->type || trust != lead::SignalTrust::human || id_of(line) != feedback.message_id)
      continue;
    if (!feedback.at || line.occurred_at < *feedback.at) feedback.at = line.occurred_at;
  }
  changes_.feedback.push_back({feedback.what, feedback.message_id, {}, std::nullopt});
  if (feedback.at) changes_.feedback.push_back(std::move(feedback));
  return {};
}

}  // namespace leadhub::pipeline
