#include "app/test_mail.hpp"

#include <nlohmann/json.hpp>

#include "app/mail_templates.hpp"
#include "config/suggestion.hpp"
#include "mail/preview_values.hpp"
#include "ops/http_text.hpp"
#include "ops/uuid.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

std::unexpected<Error> no_channel(const Generation& generation, const std::string& via) {
  std::vector<std::string> known;
  for (const auto& [name, unused] : generation.mail_transports()) known.push_back(name);
  return fail(ErrorCode::not_found, "there is no channel " + config::in_quotes(via) +
                                        " that delivers mails; " +
                                        config::suggestion(via, known, "there is"));
}

deliver::OutgoingMail outgoing(const config::Config& config, mail::RenderedMail rendered,
                               const std::string& to, TimePoint now) {
  deliver::OutgoingMail mail;
  mail.message_id = ops::make_uuid(now) + "@" + ops::host_of_url(config.public_url);
  mail.to = to;
  mail.from = {std::move(rendered.from.address), std::move(rendered.from.name)};
  mail.reply_to = {std::move(rendered.reply_to.address), std::move(rendered.reply_to.name)};
  mail.subject = "[Test] " + rendered.subject;
  mail.text = std::move(rendered.text);
  mail.html = std::move(rendered.html);
  mail.date = now;
  return mail;
}

}  // namespace

Result<ordered_json> send_test_mail(const Generation& generation, const std::string& name,
                                    const TestMailOrder& order, TimePoint now) {
  const auto& templates = generation.templates();
  const auto* found = templates.find(name);
  if (found == nullptr)
    return fail(ErrorCode::not_found, "there is no template " + config::in_quotes(name) + "; " +
                                          config::suggestion(name, templates.names(), "there is"));
  const auto transport = generation.mail_transports().find(order.via);
  if (transport == generation.mail_transports().end()) return no_channel(generation, order.via);
  auto values = mail::sample_values(*found);
  values.update(hub_values(generation.config(), order.via));
  auto rendered = templates.render(*found, mail::fitting_kind(templates, *found), values);
  if (!rendered) return std::unexpected(std::move(rendered.error()));
  const auto mail = outgoing(generation.config(), *std::move(rendered), order.to, now);
  const auto result = transport->second->deliver(mail);
  if (result.outcome != deliver::Delivery::sent)
    return fail(ErrorCode::conflict, "the mail was not taken: " + result.detail);
  return ordered_json{{"sent", true}, {"subject", mail.subject}, {"detail", result.detail}};
}

}  // namespace leadhub::app
