#include <algorithm>

#include "ops/limits.hpp"
#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

Error unknown(const std::string& name) {
  return {ErrorCode::not_found, "there is no broadcast \"" + name + "\""};
}

}  // namespace

Result<void> Batch::act(const lead::StartBroadcast& action, lead::EventReference) {
  const auto known = store_.broadcasts().find(action.broadcast.name);
  if (!known) return std::unexpected(known.error());
  if (*known)
    return fail(ErrorCode::conflict, "there is a broadcast \"" + action.broadcast.name + "\" already");
  changes_.broadcasts.emplace_back(action, asked_at_);
  return {};
}

Result<void> Batch::act(const lead::CancelBroadcast& action, lead::EventReference) {
  const auto known = store_.broadcasts().find(action.name);
  if (!known) return std::unexpected(known.error());
  if (!*known) return std::unexpected(unknown(action.name));
  changes_.broadcasts.emplace_back(action, asked_at_);
  return {};
}

Result<void> Batch::act(const lead::DecideBroadcast& action, lead::EventReference) {
  changes_.broadcasts.emplace_back(action, asked_at_);
  return {};
}

Result<void> Batch::act(const lead::ReachLeads& action, lead::EventReference reference) {
  const auto known = store_.broadcasts().find(action.name);
  if (!known) return std::unexpected(known.error());
  if (!*known) return std::unexpected(unknown(action.name));
  const auto& [broadcast, progress] = **known;
  // It was cancelled meanwhile, or somebody asked for the same leads twice.
  const bool is_new = action.up_to > progress.up_to || (action.is_last && action.lead_ids.empty());
  if (progress.state != lead::BroadcastState::reaching || !is_new) return {};
  for (const auto& id : action.lead_ids) {
    const auto lead = load(id);
    if (!lead && lead.error().code == ErrorCode::not_found) continue;  // erased meanwhile
    if (!lead) return std::unexpected(lead.error());
    if (auto posted = post(**lead, broadcast, reference); !posted) return posted;
  }
  changes_.broadcasts.emplace_back(action, asked_at_);
  return {};
}

Result<void> Batch::post(lead::Lead& lead, const lead::Broadcast& broadcast, lead::EventReference source) {
  const auto& rules = options_.nurture;
  const auto subject = lead::subject_of(broadcast, lead.id);
  lead::Message message;
  message.kind = lead::MessageKind::broadcast;
  message.lead_id = lead.id;
  message.channel = broadcast.via;
  message.template_name = broadcast.template_name;
  message.journey = broadcast.name;
  if (broadcast.test) message.step = subject ? lead::subject_name(*subject) : std::string{lead::best_subject};
  message.purpose = broadcast.purpose;
  message.time_zone = nurture::time_zone_of(rules, lead);
  message.source = source;
  message.created_at = asked_at_;
  message.due_at = std::max(asked_at_, lead::leaves_at(broadcast, message.time_zone));
  if (broadcast.test && !subject)
    message.due_at = std::max(message.due_at, *lead::decided_at(broadcast) + limits::broadcast_decision);
  auto why = why_no_mail(lead, broadcast.purpose);
  if (!why) return std::unexpected(why.error());
  if (why->empty() && nurture::is_capped(rules, lead.development, asked_at_)) *why = nurture::capped_words;
  // Two leads of one mailbox get one mail; one that does not get it takes it from nobody.
  auto who = lead.id;
  if (const auto* mailbox = lead.primary(lead::ContactKind::email)) {
    message.address = mailbox->as_given;
    message.canonical = mailbox->canonical;
    message.home = mailbox->home;
    if (why->empty()) who = options_.hash_address(mailbox->canonical);
  }
  message.occurrence = "broadcast/" + broadcast.name + "/" + who;
  message.id = ops::make_uuid(message.created_at, log_id_ + "/" + message.occurrence);
  if (why->empty()) {
    nurture::note_mail(rules, lead.development, asked_at_);
    if (rules.cap) mark_changed(lead);
  } else {
    message.state = lead::MessageState::withheld;
    message.detail = *why;
  }
  changes_.messages.push_back(std::move(message));
  return {};
}

}  // namespace leadhub::pipeline
