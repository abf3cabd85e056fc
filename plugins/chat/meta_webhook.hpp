#pragma once

#include "meta.hpp"
#include "webhook.hpp"

namespace leadhub::chat {

/// The webhooks of Meta's products: see meta.hpp.
class MetaWebhook : public Webhook {
 protected:
  explicit MetaWebhook(ProviderParts&& parts)
      : Webhook(ProviderParts{parts}, webform::Door::signed_by(webform::meta::scheme(), parts.secrets)),
        verify_token_(webform::meta::challenge_token(), parts.verify_tokens) {}

  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t) final {
    return webform::meta::answer_challenge(request, verify_token_);
  }

 private:
  sdk::StaticToken verify_token_;
};

}  // namespace leadhub::chat
