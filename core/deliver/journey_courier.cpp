#include "deliver/journey_courier.hpp"

#include <nlohmann/json.hpp>

#include "deliver/hand_off_mail.hpp"
#include "deliver/opt_in_mail.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::deliver {
namespace {

/// Of the mails that could be made: where they stand among the messages.
class Rendered final : public Handover {
 public:
  explicit Rendered(Handover& handover) : handover_(handover) {}

  void add(std::size_t index, OutgoingMail mail) {
    indexes_.push_back(index);
    mails_.push_back(std::move(mail));
  }
  [[nodiscard]] const std::vector<OutgoingMail>& mails() const { return mails_; }

  bool claim(std::size_t index) override { return handover_.claim(indexes_[index]); }
  void settle(std::size_t index, DeliveryResult result) override {
    handover_.settle(indexes_[index], std::move(result));
  }

 private:
  Handover& handover_;
  std::vector<std::size_t> indexes_;
  std::vector<OutgoingMail> mails_;
};

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
          {"Feedback-ID", part(message.step) + ":" + part(message.journey) + ":" +
                              std::string{to_string(message.kind)} + ":" + part(workspace)}};
}

DeliveryResult JourneyCourier::deliver(const lead::Message& message) {
  auto mail = render(message);
  return mail ? transport_.deliver(*mail) : complain(message, mail.error());
}

void JourneyCourier::deliver_all(std::span<const lead::Message> messages, Handover& handover) {
  Rendered rendered{handover};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto mail = render(messages[i]);
    if (mail)
      rendered.add(i, *std::move(mail));
    else
      handover.settle(i, complain(messages[i], mail.error()));
  }
  if (!rendered.mails().empty()) transport_.deliver(rendered.mails(), rendered);
}

DeliveryResult JourneyCourier::complain(const lead::Message& message, const Error& error) {
  auto result = not_rendered(error);
  if (result.outcome == Delivery::untried && complained_of_.insert(message.template_name).second)
    log::warning("sender", "mails of the template \"" + message.template_name + "\" wait: " + error.message);
  return result;
}

Result<OutgoingMail> JourneyCourier::render(const lead::Message& message) {
  const auto record = ports_.leads->get(message.lead_id);
  if (!record) return std::unexpected(record.error());
  if (ports_.is_being_erased) {
    const auto erased = ports_.is_being_erased(*record);
    if (!erased) return std::unexpected(erased.error());
    if (*erased) return fail(ErrorCode::not_found, "the lead is being erased");
  }
  const auto* words = ports_.words.templates->find(ports_.words.template_of(message));
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
      words = &with_own_subject.emplace(ports_.words.templates->with_subject(*words, *subject, unused));
  }
  const auto to_lead = lead::is_marketing(kind_);
  auto values = to_lead ? lead::lead_summary(record->lead, clock_.now())
                        : hand_off_values(*record, clock_.now(), false);
  values.update(ports_.words.values());
  MarketingLinks links;
  if (to_lead) {
    links = ports_.links(message);
    values["unsubscribe_url"] = links.unsubscribe;
    values["preferences_url"] = links.preferences;
  }
  auto rendered = ports_.words.templates->render(
      *words, to_lead ? mail::MailKind::marketing : mail::MailKind::hand_off, values);
  if (!rendered) return std::unexpected(rendered.error());
  if (to_lead && ports_.tracked) rendered->html = ports_.tracked(message, std::move(rendered->html));
  auto mail = outgoing(message, *std::move(rendered), values.value("site", ""));
  if (!to_lead) return mail;
  mail.to_name = record->lead.field(lead::Field::name);
  mail.headers = marketing_headers(message, links, ports_.workspace);
  return mail;
}

}  // namespace leadhub::deliver
