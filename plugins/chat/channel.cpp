#include "chat_channel.hpp"
#include "fixtures.hpp"
#include "secrets.hpp"

namespace leadhub::chat {

void ChatChannel::check(std::string_view config, const sdk::Diagnostics& diagnostics) {
  const ChatSettings settings = read_settings(config);
  for (const std::string& name : settings.secrets)
    webform::check_secret(host_, name, &webform::empty_secret_problem, diagnostics);
  if (!settings.verify_token.empty())
    webform::check_secret(host_, settings.verify_token, &webform::empty_secret_problem, diagnostics);
  if (settings.provider->check != nullptr) settings.provider->check(config, diagnostics);
}

void ChatChannel::activate(std::string_view config) {
  ProviderParts parts{read_settings(config), {}, {}, name_, std::string(config), {}};
  const ProviderKind& provider = *parts.settings.provider;
  parts.secrets = secrets(parts.settings.secrets);
  if (!parts.settings.verify_token.empty())
    parts.verify_tokens.push_back(webform::required_secret(host_, parts.settings.verify_token));
  parts.signing_key = webform::required_secret(host_, "channel.signing_key");
  provider_ = provider.make(std::move(parts));
  transport_ = dynamic_cast<sdk::Transport*>(provider_.get());
}

bool ChatChannel::delivers() const {
  return transport_ != nullptr && transport_->delivers();
}

sdk::Outcome ChatChannel::deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) {
  return transport_->deliver(delivery, deadline_ms);
}

}  // namespace leadhub::chat

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::chat::ChatChannel, &leadhub::chat::fixtures);
