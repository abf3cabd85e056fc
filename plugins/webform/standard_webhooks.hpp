#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto.hpp"

namespace leadhub::sdk {
class HttpRequest;
}

/// Standard Webhooks 1.0 (standardwebhooks.com), symmetric signatures: webhook-id, webhook-timestamp
/// (seconds) and webhook-signature ("v1," + base64 of HMAC-SHA-256 over id "." timestamp "." body; several,
/// separated by blanks). The same headers under their older names svix-* count too.
namespace leadhub::webform {

enum class SignatureVerdict {
  genuine = 1,
  missing,    ///< a header is absent
  malformed,  ///< the id or the timestamp is not one
  stale,      ///< signed more than limits::signature_age_ms_max ago
  premature,  ///< signed as far ahead of our clock
  wrong,      ///< no signature fits
};

/// One sentence that helps who set the sender up; says nothing about the secret.
std::string_view explain(SignatureVerdict verdict);

/// The id of the message: the event's key. Empty where the request has none or it is no short, visible ASCII
/// text.
std::string_view webhook_id(const sdk::HttpRequest& request);

/// The secrets in one value of the host: itself, or each of a JSON list of them (abi.h: a secret that is no
/// string is given as its JSON text). Throws ChannelError for a broken list.
std::vector<std::string> secrets_in(const std::string& value);

/// "what is wrong; how to mend it"; empty: nothing. Says nothing of the secret.
std::string secret_problem(const std::string& secret);

/// Checks signatures under one or, while a secret is being changed, several secrets. Thread-safe.
class WebhookVerifier {
 public:
  /// `secrets`: base64, with or without "whsec_", with or without padding. Throws ChannelError for one that
  /// is not (the message names its place in the list, not the secret).
  explicit WebhookVerifier(const std::vector<std::string>& secrets);

  /// Compares every signature with every secret in constant time. The time is checked after the signature, so
  /// that "stale" is only ever said to who knows the secret.
  [[nodiscard]] SignatureVerdict verify(const sdk::HttpRequest& request, std::int64_t now_ms) const;

 private:
  std::vector<HmacSha256> keys_;
};

}  // namespace leadhub::webform
