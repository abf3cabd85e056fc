#include "meta_webhook.hpp"

#include <leadhub/sdk/form.hpp>

#include "bounds.hpp"

namespace leadhub::chat {
namespace {

sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Meta";
  scheme.signature = sdk::Source::header("x-hub-signature-256");
  scheme.prefix = "sha256=";
  return scheme;
}

}  // namespace

MetaWebhook::MetaWebhook(ProviderParts&& parts)
    : SignedWebhook(ProviderParts{parts}, scheme()),
      verify_token_(sdk::TokenPlace::query("hub.verify_token"), parts.verify_tokens) {}

std::optional<sdk::Verdict> MetaWebhook::greet(const sdk::HttpRequest& request) const {
  if (request.method() != "GET") return std::nullopt;
  const auto query = sdk::UrlencodedForm::parse(request.query(), bounds::form_fields_max);
  if (!query || query->value("hub.mode") != "subscribe" ||
      verify_token_.verify(request) != sdk::TokenVerdict::genuine)
    return refuse(403, "the challenge does not have the verify token of hub.yaml");
  return answer_challenge(query->value("hub.challenge"));
}

}  // namespace leadhub::chat
