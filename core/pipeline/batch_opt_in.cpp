#include <algorithm>
#include <string>

#include "lead/consent.hpp"
#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

const lead::NamedContact* mailbox_of(const lead::NormalisedEvent& event) {
  const auto found =
      std::find_if(event.contacts.begin(), event.contacts.end(), [](const lead::NamedContact& contact) {
        return contact.kind == lead::ContactKind::email && contact.verdict != lead::Verdict::invalid;
      });
  return found == event.contacts.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<lead::ConsentEntry>> Batch::consents_of(const lead::Lead& lead) {
  auto ledger = store_.consents_of(lead.id);
  if (!ledger) return ledger;
  for (const auto& added : changes_.consents)
    if (added.lead_id == lead.id) ledger->push_back(added.row);
  return ledger;
}

Result<bool> Batch::is_confirmed(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  const auto ledger = consents_of(lead);
  if (!ledger) return std::unexpected(ledger.error());
  const auto& asked = event.event.consent;
  return !asked.empty() &&
         std::all_of(asked.begin(), asked.end(), [&](const lead::ConsentStatement& statement) {
           return lead::permission(*ledger, statement.purpose, statement.channel).allowed();
         });
}

Result<bool> Batch::was_just_asked(const lead::NormalisedEvent& event, const std::string& canonical) {
  auto last = store_.outbox().last(canonical, lead::MessageKind::opt_in, event.channel);
  if (!last) return std::unexpected(last.error());
  for (const auto& message : changes_.messages)
    if (message.canonical == canonical && message.channel == event.channel)
      last = std::max(*last, std::optional{message.created_at});
  const auto gap = options_.opt_in_resend_after.find(event.channel)->second;
  return *last && event.received_at < **last + gap;
}

Result<void> Batch::ask_to_confirm(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  if (event.event.type != "newsletter.requested" || !options_.opt_in_resend_after.contains(event.channel))
    return {};
  const auto* mailbox = mailbox_of(event);
  if (mailbox == nullptr) return {};
  const auto confirmed = is_confirmed(lead, event);
  if (!confirmed) return std::unexpected(confirmed.error());
  const auto asked = was_just_asked(event, mailbox->canonical);
  if (!asked) return std::unexpected(asked.error());
  if (*confirmed || *asked) return {};

  lead::Message message;
  message.occurrence = "opt-in/" + lead::to_string(event.reference);
  message.id = ops::make_uuid(event.received_at, log_id_ + "/" + message.occurrence);
  message.lead_id = lead.id;
  message.channel = event.channel;
  message.address = mailbox->as_given;
  message.canonical = mailbox->canonical;
  message.source = event.reference;
  message.created_at = event.received_at;
  message.due_at = event.received_at;
  changes_.messages.push_back(std::move(message));
  return {};
}

}  // namespace leadhub::pipeline
