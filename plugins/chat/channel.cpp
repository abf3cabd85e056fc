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
}

void ChatChannel::activate(std::string_view config) {
  ProviderParts parts{read_settings(config), {}, {}};
  const ProviderKind* const provider = parts.settings.provider;
  if (provider == nullptr)
    throw sdk::ChannelError("provider " + parts.settings.provider_name +
                            " is not part of this version of the chat plugin; use another one, or take the "
                            "channel out");
  for (const std::string& name : parts.settings.secrets)
    for (std::string& value : webform::secrets_in(webform::required_secret(host_, name)))
      parts.secrets.push_back(std::move(value));
  if (!parts.settings.verify_token.empty())
    parts.verify_tokens.push_back(webform::required_secret(host_, parts.settings.verify_token));
  provider_ = provider->make(std::move(parts));
}

sdk::Verdict ChatChannel::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  sdk::Verdict verdict = provider_->authenticate(request, now_ms);
  if (verdict.kind == LEADHUB_VERDICT_REFUSE) host_.count("refused");
  return verdict;
}

sdk::Reading ChatChannel::read(const sdk::HttpRequest& request) const {
  return provider_->read(request);
}

}  // namespace leadhub::chat

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::chat::ChatChannel, &leadhub::chat::fixtures);
