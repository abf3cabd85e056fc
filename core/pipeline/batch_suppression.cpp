#include <algorithm>

#include "lead/suppression.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

const lead::NamedContact* address_of(const lead::NormalisedEvent& event) {
  const auto found = std::ranges::find(event.contacts, lead::ContactKind::email, &lead::NamedContact::kind);
  return found == event.contacts.end() ? nullptr : &*found;
}

bool is_about_mail(std::string_view type) {
  return type.starts_with("email.") || type == "newsletter.subscribed";
}

}  // namespace

Result<std::vector<lead::MailSign>> Batch::mail_signs(const lead::Lead& lead, const std::string& canonical) {
  auto lines = store_.timeline_of(lead.id);
  if (!lines) return std::unexpected(lines.error());
  for (const auto& added : changes_.timeline)
    if (added.lead_id == lead.id) lines->push_back(added.row);
  std::vector<lead::MailSign> signs;
  for (const auto& line : *lines) {
    if (!is_about_mail(line.type)) continue;
    const auto event = normalised(line);
    if (!event) continue;  // an older version wrote it; it says nothing now
    const auto* address = address_of(*event);
    const auto sign = lead::mail_sign(event->event, event->occurred_at);
    if (sign && address != nullptr && address->canonical == canonical) signs.push_back(*sign);
  }
  return signs;
}

Result<void> Batch::suppress(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  const auto* address = address_of(event);
  if (address == nullptr || !event.event.type.starts_with("email.")) return {};
  std::vector<lead::MailSign> signs;
  if (event.event.bounce == lead::BounceKind::soft) {
    auto read = mail_signs(lead, address->canonical);
    if (!read) return std::unexpected(read.error());
    signs = std::move(*read);
  }
  const auto reason = lead::suppression_after(event.event, event.occurred_at, std::move(signs));
  if (reason)
    changes_.suppressions.push_back({options_.hash_address(address->canonical), address->canonical, *reason,
                                     event.reference, event.occurred_at});
  return {};
}

Result<void> Batch::act(const lead::SuppressAddress& action, lead::EventReference reference) {
  changes_.suppressions.push_back(
      {action.address_hash, action.canonical, lead::SuppressionReason::by_operator, reference, clock_.now()});
  return {};
}

Result<void> Batch::act(const lead::LiftSuppression& action, lead::EventReference) {
  changes_.lifted.push_back(action.address_hash);
  return {};
}

}  // namespace leadhub::pipeline
