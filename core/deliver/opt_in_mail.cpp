#include "deliver/opt_in_mail.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::deliver {

OutgoingMail outgoing(const lead::Message& message, mail::RenderedMail rendered, const std::string& site) {
  OutgoingMail mail;
  mail.message_id = message.id + "@" + site;
  mail.to = message.address;
  mail.from = {std::move(rendered.from.address), std::move(rendered.from.name)};
  mail.reply_to = {std::move(rendered.reply_to.address), std::move(rendered.reply_to.name)};
  mail.subject = std::move(rendered.subject);
  mail.text = std::move(rendered.text);
  mail.html = std::move(rendered.html);
  mail.date = message.created_at;
  return mail;
}

Result<OutgoingMail> opt_in_mail(const lead::Message& message, const OptInFacts& facts,
                                 const mail::TemplateSet& templates, const mail::Template& asking,
                                 nlohmann::ordered_json values) {
  values["confirm_url"] = facts.link;
  values["consent_text"] = facts.text;
  values["expires"] = format_rfc3339(facts.expires);
  auto rendered = templates.render(asking, mail::MailKind::confirmation, values);
  if (!rendered) return std::unexpected(std::move(rendered.error()));
  return outgoing(message, *std::move(rendered), values.value("site", ""));
}

}  // namespace leadhub::deliver
