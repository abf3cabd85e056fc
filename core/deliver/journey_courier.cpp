#include "deliver/journey_courier.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "deliver/hand_off_mail.hpp"
#include "deliver/opt_in_mail.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::deliver {
namespace {

/// A lead that is gone gets nothing; whatever else is wrong waits for somebody to mend it, and is no attempt.
DeliveryResult not_rendered(const Error& error) {
  const bool is_gone = error.code == ErrorCode::not_found;
  return {is_gone ? Delivery::rejected : Delivery::untried, error.message, limits::unrendered_wait};
}

/// Feedback-ID takes four parts; what stands in one must not end it.
std::string part(std::string text) {
  for (auto& c : text)
    if (c == ':' || c == ' ' || static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e)
      c = '-';
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> marketing_headers(const lead::Message& message,
                                                                   const MarketingLinks& links,
                                                                   const std::string& workspace) {
  return {{"List-Unsubscribe", "<" + links.unsubscribe + ">"},
          {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
          {"Feedback-ID", part(message.step.empty() ? message.template_name : message.step) + ":" +
                              part(message.journey) + ":" + std::string{to_string(message.kind)} + ":" +
                              part(workspace)}};
}

DeliveryResult JourneyCourier::deliver(const lead::Message& message) {
  auto mail = render(message);
  return mail ? transport_.deliver(*mail) : complain(message, mail.error());
}

void JourneyCourier::deliver_all(std::span<const lead::Message> messages, Handover& handover) {
  std::vector<OutgoingMail> mails;
  HandoverOfSome rendered{handover};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto mail = render(messages[i]);
    if (!mail) {
      handover.settle(i, complain(messages[i], mail.error()));
      continue;
    }
    mails.push_back(*std::move(mail));
    rendered.add(i);
  }
  if (!mails.empty()) transport_.deliver(mails, rendered);
}

DeliveryResult JourneyCourier::complain(const lead::Message& message, const Error& error) {
  auto result = not_rendered(error);
  if (result.outcome == Delivery::untried && complained_of_.insert(message.template_name).second)
    log::warning("sender", "mails of the template \"" + message.template_name + "\" wait: " + error.message);
  return result;
}

Result<OutgoingMail> JourneyCourier::render(const lead::Message& message) {
  return lead::is_marketing(kind_) ? render_to_lead(message) : render_to_owner(message);
}

Result<OutgoingMail> JourneyCourier::render_to_lead(const lead::Message& message) {
  const auto lead = ports_.leads->lead(message.lead_id);
  if (!lead) return std::unexpected(lead.error());
  const bool is_theirs = std::ranges::any_of(lead->contact_points, [&](const lead::ContactPoint& point) {
    return point.canonical == message.canonical;
  });
  // The lead that the mail was for has been parted from this one, or the address was a mistake. That the
  // lead is not being erased, the sender asks by its address right before the mail leaves.
  if (!is_theirs) return fail(ErrorCode::not_found, "the address is not the lead's any more");
  const auto links = ports_.links(message);
  auto values = lead::lead_summary(*lead, clock_.now());
  values["unsubscribe_url"] = links.unsubscribe;
  values["preferences_url"] = links.preferences;
  auto mail = fill_in(message, std::move(values), mail::MailKind::marketing);
  if (!mail) return mail;
  mail->to_name = lead->field(lead::Field::name);
  mail->headers = marketing_headers(message, links, ports_.workspace);
  return mail;
}

Result<OutgoingMail> JourneyCourier::render_to_owner(const lead::Message& message) {
  const auto record = ports_.leads->get(message.lead_id);
  if (!record) return std::unexpected(record.error());
  if (const auto there = check_is_there(record->lead); !there) return std::unexpected(there.error());
  return fill_in(message, hand_off_values(*record, clock_.now(), false), mail::MailKind::hand_off);
}

Result<void> JourneyCourier::check_is_there(const lead::Lead& lead) const {
  if (!ports_.is_being_erased) return {};
  const auto erased = ports_.is_being_erased(lead);
  if (!erased) return std::unexpected(erased.error());
  if (*erased) return fail(ErrorCode::not_found, "the lead is being erased");
  return {};
}

Result<OutgoingMail> JourneyCourier::fill_in(const lead::Message& message, nlohmann::ordered_json values,
                                             mail::MailKind kind) const {
  const auto& templates = *ports_.words.templates;
  const auto* words = templates.find(ports_.words.template_of(message));
  if (words == nullptr)
    return fail(ErrorCode::invalid,
                "there is no template \"" + message.template_name +
                    "\" any more; put it back into the folder of templates, or change the journey");
  std::optional<mail::Template> with_own_subject;
  if (ports_.subject) {
    const auto subject = ports_.subject(message);
    if (!subject) return std::unexpected(subject.error());
    std::vector<config::Diagnostic> unused;  // it was checked when the broadcast was started
    if (!subject->empty())
      words = &with_own_subject.emplace(templates.with_subject(*words, *subject, unused));
  }
  values.update(ports_.words.values());
  auto rendered = templates.render(*words, kind, values);
  if (!rendered) return std::unexpected(rendered.error());
  if (kind == mail::MailKind::marketing && ports_.tracked)
    rendered->html = ports_.tracked(message, std::move(rendered->html));
  return outgoing(message, *std::move(rendered), values.value("site", ""));
}

}  // namespace leadhub::deliver
