#pragma once

#include <utility>

#include "answering_webhook.hpp"
#include "meta.hpp"

namespace leadhub::chat {

/// The webhooks of Meta's products, and messages by the Graph API: see meta.hpp.
class MetaWebhook : public AnsweringWebhook {
 protected:
  explicit MetaWebhook(const ProviderParts& parts)
      : AnsweringWebhook(parts, webform::Door::signed_by(webform::meta::scheme(), parts.secrets),
                         webform::meta::graph_api),
        verify_token_(webform::meta::challenge_token(), parts.verify_tokens),
        proof_(webform::meta::proof(parts.secrets.empty() ? "" : parts.secrets.front(), parts.token)) {}

  std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request, std::int64_t) final {
    return webform::meta::answer_challenge(request, verify_token_);
  }

  /// POST to `path`, with the token in a header and a proof that we know the app's secret.
  [[nodiscard]] sdk::OutboundRequest post_to_graph(const std::string& path,
                                                   const nlohmann::json& body) const {
    sdk::OutboundRequest request = post(path + "?" + proof_, body);
    request.headers.emplace_back("authorization", "Bearer " + token());
    return request;
  }

  [[nodiscard]] static sdk::ChannelError refusal_by_graph(const sdk::HttpResponse& answer) {
    return webform::meta::refusal(answer, "renew the token in hub.yaml");
  }

 private:
  sdk::StaticToken verify_token_;
  std::string proof_;
};

}  // namespace leadhub::chat
