#include "deliver/courier.hpp"

#include <functional>
#include <nlohmann/json.hpp>

#include "deliver/hand_off_mail.hpp"
#include "deliver/opt_in_mail.hpp"
#include "lead/event.hpp"
#include "ops/back_off.hpp"
#include "ops/limits.hpp"

namespace leadhub::deliver {
namespace {

const mail::Template& template_for(const MailWords& words, const lead::Message& message,
                                   std::string_view built_in) {
  const auto* named = words.templates->find(words.template_of(message));
  return named != nullptr ? *named : *words.templates->find(built_in);
}

/// A mail whose lead is gone, or whose template cannot say it, never leaves; the store may answer later.
DeliveryResult handed_over(const Result<OutgoingMail>& mail, MailTransport& transport) {
  if (mail) return transport.deliver(*mail);
  const auto code = mail.error().code;
  const bool is_final = code == ErrorCode::not_found || code == ErrorCode::invalid;
  return {is_final ? Delivery::rejected : Delivery::retry, mail.error().message, {}};
}

}  // namespace

std::optional<std::chrono::milliseconds> Courier::retry_delay(const lead::Message& message) const {
  if (message.attempts >= limits::delivery_attempts_max) return std::nullopt;
  return jittered(ops::back_off(limits::delivery_retry_first, limits::delivery_retry_max, message.attempts),
                  message);
}

std::chrono::milliseconds jittered(std::chrono::milliseconds wait, const lead::Message& message) {
  constexpr std::size_t steps = 1'000;
  const auto number = std::hash<std::string>{}(message.id + "/" + std::to_string(message.attempts)) % steps;
  const auto share = static_cast<double>(number) / steps;
  return wait + std::chrono::duration_cast<std::chrono::milliseconds>(wait * (limits::retry_jitter * share));
}

void Courier::deliver_all(std::span<const lead::Message> messages, Handover& handover) {
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (handover.claim(i)) handover.settle(i, deliver(messages[i]));
}

DeliveryResult OptInCourier::deliver(const lead::Message& message) {
  return handed_over(render(message), transport_);
}

Result<OutgoingMail> OptInCourier::render(const lead::Message& message) {
  const auto asked = ports_.leads->event(message.source);
  if (!asked) return std::unexpected(asked.error());
  const auto event = lead::parse_event(asked->second.document);
  if (!event) return std::unexpected(event.error());
  auto [link, expires] = ports_.opt_in_link(message);
  OptInFacts facts{std::move(link), {}, expires};
  if (!event->consent.empty()) facts.text = event->consent.front().text;
  const auto& words = ports_.words;
  return opt_in_mail(message, facts, *words.templates, template_for(words, message, "confirm"),
                     words.values());
}

DeliveryResult HandOffCourier::deliver(const lead::Message& message) {
  return handed_over(render(message), transport_);
}

Result<OutgoingMail> HandOffCourier::render(const lead::Message& message) {
  const auto record = ports_.leads->get(message.lead_id);
  if (!record) return std::unexpected(record.error());
  const auto& words = ports_.words;
  return hand_off_mail(message, *record, ports_.answer_link(message), *words.templates,
                       template_for(words, message, "hand-off"), words.values());
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
