#include <algorithm>
#include <string>

#include "lead/message.hpp"
#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {

Result<void> Batch::act(const lead::ReplyInChat& action, lead::EventReference reference) {
  const auto lead = load(action.lead_id);
  if (!lead) return std::unexpected(lead.error());
  const auto canonical = lead::external_contact(action.conversation.system, action.conversation.id);
  const auto& points = (*lead)->contact_points;
  const auto point = std::ranges::find_if(points, [&](const lead::ContactPoint& candidate) {
    return candidate.kind == lead::ContactKind::external && candidate.canonical == canonical;
  });
  if (point == points.end())
    return fail(ErrorCode::not_found, "the lead no longer has the conversation that was to be answered");

  lead::Message message;
  message.occurrence = lead::reply_occurrence(action.key);
  message.id = ops::make_uuid(asked_at_, log_id_ + "/" + message.occurrence);
  message.lead_id = (*lead)->id;
  message.home = point->home;
  message.kind = lead::MessageKind::chat_reply;
  message.channel = action.channel;
  message.address = action.conversation.id;
  message.canonical = canonical;
  message.source = reference;
  message.created_at = asked_at_;
  message.due_at = asked_at_;
  message.system = action.conversation.system;
  message.text = action.text;
  message.author = action.author;
  changes_.messages.push_back(std::move(message));
  return {};
}

}  // namespace leadhub::pipeline
