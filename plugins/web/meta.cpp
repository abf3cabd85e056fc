#include "meta.hpp"

#include <leadhub/sdk/form.hpp>

#include "limits.hpp"
#include "webhook_provider.hpp"

namespace leadhub::webform::meta {

sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Meta";
  scheme.signature = sdk::Source::header("x-hub-signature-256");
  scheme.prefix = "sha256=";
  return scheme;
}

sdk::TokenPlace challenge_token() {
  return sdk::TokenPlace::query("hub.verify_token");
}

std::optional<sdk::Verdict> answer_challenge(const sdk::HttpRequest& request,
                                             const sdk::StaticToken& verify_token) {
  if (request.method() != "GET") return std::nullopt;
  const auto query = sdk::UrlencodedForm::parse(request.query(), limits::challenge_fields_max);
  if (!query || query->value("hub.mode") != "subscribe" ||
      verify_token.verify(request) != sdk::TokenVerdict::genuine)
    return refuse_as_json(403, "the challenge does not have the verify token of hub.yaml");
  return webform::answer_challenge(query->value("hub.challenge"));
}

}  // namespace leadhub::webform::meta
