#include "deliver/courier.hpp"

#include "deliver/hand_off_mail.hpp"
#include "deliver/opt_in_mail.hpp"
#include "lead/event.hpp"
#include "ops/back_off.hpp"
#include "ops/limits.hpp"

namespace leadhub::deliver {

std::optional<std::chrono::milliseconds> Courier::retry_delay(const lead::Message& message) const {
  if (message.attempts >= limits::delivery_attempts_max) return std::nullopt;
  return ops::back_off(limits::delivery_retry_first, limits::delivery_retry_max, message.attempts);
}

DeliveryResult OptInCourier::deliver(const lead::Message& message) {
  const auto mail = render(message);
  if (mail) return transport_.deliver(*mail);
  const bool is_gone = mail.error().code == ErrorCode::not_found;
  return {is_gone ? Delivery::rejected : Delivery::retry, mail.error().message, {}};
}

Result<OutgoingMail> OptInCourier::render(const lead::Message& message) {
  const auto asked = ports_.leads->event(message.source);
  if (!asked) return std::unexpected(asked.error());
  const auto event = lead::parse_event(asked->second.document);
  if (!event) return std::unexpected(event.error());
  auto [link, expires] = ports_.opt_in_link(message);
  OptInFacts facts{std::move(link), ports_.public_url, {}, expires};
  if (!event->consent.empty()) facts.text = event->consent.front().text;
  return opt_in_mail(message, facts);
}

DeliveryResult HandOffCourier::deliver(const lead::Message& message) {
  const auto record = ports_.leads->get(message.lead_id);
  if (record)
    return transport_.deliver(
        hand_off_mail(message, *record, ports_.public_url, ports_.answer_link(message)));
  const bool is_gone = record.error().code == ErrorCode::not_found;
  return {is_gone ? Delivery::rejected : Delivery::retry, record.error().message, {}};
}

DeliveryResult ChatCourier::deliver(const lead::Message& message) {
  const auto transport = transports_.find(message.channel);
  if (transport == transports_.end())
    return {Delivery::rejected,
            "the channel " + message.channel + " does not answer chats any more; see `leadhub validate`",
            {}};
  return transport->second->deliver(
      {message.id, {message.system, message.address}, message.text, message.created_at});
}

}  // namespace leadhub::deliver
