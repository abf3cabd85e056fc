#pragma once

#include <leadhub/sdk/static_token.hpp>

#include <optional>

#include "webhook.hpp"

namespace leadhub::chat {

/// The webhooks of Meta's products: a challenge by GET when they are set up, X-Hub-Signature-256 (hex of
/// HMAC-SHA-256 over the body, by the app's secret) ever after
/// (developers.facebook.com/docs/graph-api/webhooks/getting-started). No time is signed.
class MetaWebhook : public SignedWebhook {
 protected:
  explicit MetaWebhook(ProviderParts&& parts);

  [[nodiscard]] std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request) const final;

 private:
  sdk::StaticToken verify_token_;
};

}  // namespace leadhub::chat
