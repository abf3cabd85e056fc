#include "deliver/lead_courier.hpp"

#include <functional>
#include <nlohmann/json.hpp>

#include "lead/lead_json.hpp"
#include "ops/limits.hpp"

namespace leadhub::deliver {
namespace {

using nlohmann::ordered_json;

ordered_json reason_of(const lead::Message& message, const lead::LeadRecord& record) {
  if (message.kind != lead::MessageKind::hand_off) {
    ordered_json reason{{"what", "rule"}, {"name", message.text}};
    for (const auto& line : record.timeline)
      if (line.reference == message.source) reason["event"] = line.type;
    return reason;
  }
  ordered_json reason{{"what", message.text}};
  const auto& assignment = record.lead.routing.assignment;
  if (assignment) reason["name"] = assignment->rule;
  reason["owner"] = {{"name", message.author}, {"email", message.address}};
  if (assignment && assignment->answer_by) reason["answer_by"] = format_rfc3339(*assignment->answer_by);
  return reason;
}

}  // namespace

std::string lead_delivery(const lead::Message& message, const lead::LeadRecord& record,
                          const std::string& answer_link, TimePoint now) {
  auto lead = lead::lead_document(record, now);
  lead.erase("messages");
  if (auto& timeline = lead["timeline"]; timeline.size() > limits::delivery_events_max)
    timeline.erase(timeline.begin(),
                   timeline.end() - static_cast<std::ptrdiff_t>(limits::delivery_events_max));
  ordered_json document{{"type", "lead"},
                        {"id", message.id},
                        {"at", format_rfc3339(message.created_at)},
                        {"reason", reason_of(message, record)}};
  if (!answer_link.empty()) document["links"] = {{"acknowledge", answer_link}};
  document["lead"] = std::move(lead);
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

store::MessagesOf LeadCourier::messages() const {
  // Hand-offs that were to leave by another channel before hub.yaml changed leave by this one.
  if (kind_ == lead::MessageKind::hand_off) return {kind_, {}, transport_.name()};
  return {kind_, transport_.name(), transport_.name()};
}

DeliveryResult LeadCourier::deliver(const lead::Message& message) {
  const auto record = ports_.leads->get(message.lead_id);
  if (!record) {
    const bool is_gone = record.error().code == ErrorCode::not_found;
    return {is_gone ? Delivery::rejected : Delivery::retry, record.error().message, {}};
  }
  const auto erased = ports_.is_being_erased(record->lead);
  if (!erased) return {Delivery::retry, erased.error().message, {}};
  if (*erased) return {Delivery::retry, "the person is being erased", {}};
  return transport_.deliver(message.id,
                            lead_delivery(message, *record, ports_.answer_link(message), clock_.now()));
}

std::optional<std::chrono::milliseconds> LeadCourier::retry_delay(const lead::Message& message) const {
  const auto& waits = limits::destination_retries;
  const auto failures = static_cast<std::size_t>(message.attempts);
  if (failures > waits.size()) return std::nullopt;
  return jittered(waits.at(failures == 0 ? 0 : failures - 1), message);
}

}  // namespace leadhub::deliver
