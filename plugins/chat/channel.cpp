#include "answering_webhook.hpp"
#include "chat_channel.hpp"
#include "fixtures.hpp"
#include "secrets.hpp"

namespace leadhub::chat {

void ChatChannel::check(std::string_view config, const sdk::Diagnostics& diagnostics) {
  const ChatSettings settings = read_settings(config);
  for (const std::string& name : settings.secrets)
    webform::check_secret(host_, name, &webform::empty_secret_problem, diagnostics);
  for (const std::string& name : {settings.verify_token, settings.token})
    if (!name.empty()) webform::check_secret(host_, name, &webform::empty_secret_problem, diagnostics);
  if (settings.provider->check != nullptr) settings.provider->check(config, diagnostics);
}

void ChatChannel::activate(std::string_view config) {
  ProviderParts parts{host_, read_settings(config), {}, {}, {}, name_, std::string(config), {}};
  const ProviderKind& provider = *parts.settings.provider;
  parts.secrets = secrets(parts.settings.secrets);
  if (!parts.settings.verify_token.empty())
    parts.verify_tokens.push_back(webform::required_secret(host_, parts.settings.verify_token));
  if (!parts.settings.token.empty()) parts.token = webform::required_secret(host_, parts.settings.token);
  parts.signing_key = webform::required_secret(host_, "channel.signing_key");
  const bool has_auto_reply = !parts.settings.auto_reply.empty();
  provider_ = provider.make(std::move(parts));
  transport_ = dynamic_cast<sdk::Transport*>(provider_.get());
  if (const auto* answering = dynamic_cast<AnsweringWebhook*>(provider_.get()))
    if (has_auto_reply && !answering->missing().empty())
      host_.log(sdk::LogLevel::warning, "auto_reply is not sent; that takes " + answering->missing());
}

bool ChatChannel::delivers() const {
  return transport_ != nullptr && transport_->delivers();
}

sdk::Outcome ChatChannel::deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) {
  return transport_->deliver(delivery, deadline_ms);
}

}  // namespace leadhub::chat

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::chat::ChatChannel, &leadhub::chat::fixtures);
