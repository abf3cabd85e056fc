#include <algorithm>
#include <utility>

#include "ops/uuid.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

lead::Message delivery(const deliver::Rule& rule, const lead::Lead& lead, TimePoint now,
                       lead::EventReference source) {
  lead::Message message;
  message.kind = lead::MessageKind::delivery;
  message.occurrence = "delivery/" + lead.id + "/" + rule.mark + "/" + lead::to_string(source);
  message.lead_id = lead.id;
  message.channel = rule.via;
  message.source = source;
  message.created_at = now;
  message.due_at = now;
  message.text = rule.name;
  return message;
}

}  // namespace

void Batch::send_on(lead::Lead& lead, const lead::Subject& subject, lead::EventReference source) {
  std::vector<std::string> holding;
  for (const auto& rule : options_.deliver.rules) {
    if ((rule.on_event && subject.event == nullptr) || !lead::holds(rule.when, subject)) continue;
    const bool held_before =
        std::find(lead.delivering.begin(), lead.delivering.end(), rule.mark) != lead.delivering.end();
    if (!rule.on_event) holding.push_back(rule.mark);
    // A look at the clock tells the other side nothing new about who is with them already.
    if (held_before && (rule.repeat == deliver::Repeat::once || subject.event == nullptr)) continue;
    auto message = delivery(rule, lead, subject.now, source);
    message.id = ops::make_uuid(subject.now, log_id_ + "/" + message.occurrence);
    changes_.messages.push_back(std::move(message));
  }
  lead.delivering = std::move(holding);
  looked_at_[lead.id] = subject.now;
}

Result<void> Batch::act(const lead::RedriveDeliveries& action, lead::EventReference) {
  changes_.redriven.push_back({action.channel, asked_at_});
  return {};
}

}  // namespace leadhub::pipeline
