#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "mail_event.hpp"
#include "provider.hpp"
#include "webhook_provider.hpp"

namespace leadhub::newsletter {

/// A newsletter service's webhook. Thread-safe.
class Webhook : public webform::EventWebhook {
 protected:
  /// Of a service that `door` tells from others. Throws ChannelError where that lets anybody in.
  Webhook(ProviderParts&& parts, webform::Door door)
      : EventWebhook(parts.settings.provider_name, std::move(door)), settings_(std::move(parts.settings)) {}
  /// Of a service whose own admit() does.
  explicit Webhook(NewsletterSettings settings)
      : EventWebhook(settings.provider_name), settings_(std::move(settings)) {}

  NewsletterSettings settings_;
};

/// The body as JSON, within bounds. Throws ChannelError that says why not.
nlohmann::json parse_body(const sdk::HttpRequest& request);

/// The objects of a body: of a list, of the list "events" in it, or the body itself. Throws ChannelError
/// where one of them is no object.
std::vector<const nlohmann::json*> objects_of(const nlohmann::json& body);

}  // namespace leadhub::newsletter
