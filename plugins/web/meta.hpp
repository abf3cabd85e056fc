#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/static_token.hpp>

#include <optional>

/// How the webhooks of Meta's products show who they are: a challenge by GET when they are set up, a
/// signature over the body ever after. Source:
/// developers.facebook.com/docs/graph-api/webhooks/getting-started.
namespace leadhub::webform::meta {

/// X-Hub-Signature-256: sha256=<hex of HMAC-SHA-256 over the body>, under the app's secret. No time is
/// signed.
sdk::SignatureScheme scheme();

/// The place of the verify token in a challenge.
sdk::TokenPlace challenge_token();

/// The answer to GET with hub.mode=subscribe, hub.verify_token and hub.challenge: the challenge as text, 403
/// for who does not know the token, 400 for what is no challenge. nullopt for any other method.
std::optional<sdk::Verdict> answer_challenge(const sdk::HttpRequest& request,
                                             const sdk::StaticToken& verify_token);

}  // namespace leadhub::webform::meta
