#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/static_token.hpp>

#include <optional>
#include <string>
#include <string_view>

/// How the webhooks of Meta's products show who they are: a challenge by GET when they are set up, a
/// signature over the body ever after. Source:
/// developers.facebook.com/docs/graph-api/webhooks/getting-started. And what is common to requests to the
/// Graph API.
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

/// Where the Graph API is, with its version.
inline constexpr std::string_view graph_api = "https://graph.facebook.com/v24.0";

/// "appsecret_proof=...", for the query of a request with that token: HMAC-SHA-256 of it under the app's
/// secret. Source: Meta, "Securing Graph API calls".
std::string proof(std::string_view app_secret, std::string_view access_token);

/// What an answer of the Graph API that is no success means for trying again. `advice`: what to do where it
/// does not take the token. Source: Meta, "Handle errors" of the Graph API, and "Error codes" of WhatsApp's
/// Cloud API and of the Messenger Platform; {"error": {"code", "error_subcode", "message"}}.
sdk::ChannelError refusal(const sdk::HttpResponse& answer, std::string_view advice);

}  // namespace leadhub::webform::meta
