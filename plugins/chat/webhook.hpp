#pragma once

#include <nlohmann/json_fwd.hpp>

#include "chat_event.hpp"
#include "provider.hpp"
#include "webhook_provider.hpp"

namespace leadhub::chat {

/// A chat's webhook: whatever it reports, contact points in messages are kept as mentions. Thread-safe.
class Webhook : public webform::EventWebhook {
 protected:
  /// Of a service that `door` tells from others. Throws ChannelError where that lets anybody in.
  Webhook(ProviderParts&& parts, webform::Door door)
      : EventWebhook(parts.settings.provider_name, std::move(door), &keep_mentions),
        settings_(std::move(parts.settings)) {}
  /// Of a service whose own admit() does.
  explicit Webhook(ChatSettings settings)
      : EventWebhook(settings.provider_name, &keep_mentions), settings_(std::move(settings)) {}

  ChatSettings settings_;
};

/// The body as a JSON object, within bounds. Throws ChannelError that says why not.
nlohmann::json parse_body(const sdk::HttpRequest& request);

}  // namespace leadhub::chat
