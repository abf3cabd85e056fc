#pragma once

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/signature.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The other side of standard_webhooks_scheme(): signs what a plugin sends. Header-only, C++17; link
/// LeadHub::sdk_signature.
namespace leadhub::sdk {

/// Signs requests by Standard Webhooks 1.0 (standardwebhooks.com), symmetric signatures. Thread-safe.
class WebhookSigner {
 public:
  /// `secrets`: "whsec_" and base64, the prefix and the padding may lack; of several each signs, so that the
  /// receiver may change from one to the other. None: nothing is signed. Throws ChannelError for one that is
  /// no secret; the message says its place in the list, never its value.
  explicit WebhookSigner(const std::vector<std::string>& secrets) {
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      const auto key = SignatureVerifier::key_of(standard_webhooks_scheme(), secrets[i]);
      if (!key)
        throw ChannelError("secret " + std::to_string(i + 1) + ": " +
                           SignatureVerifier::secret_problem(standard_webhooks_scheme(), secrets[i]));
      keys_.emplace_back(Digest::sha256, *key);
    }
  }

  /// webhook-id, webhook-timestamp and, where there is a secret, webhook-signature. `id`: the same at every
  /// repetition of a message. `now_ms`: of this attempt.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> headers(std::string_view id,
                                                                         std::int64_t now_ms,
                                                                         std::string_view body) const {
    const std::string timestamp = std::to_string(now_ms / 1000);
    std::vector<std::pair<std::string, std::string>> made{{"webhook-id", std::string(id)},
                                                          {"webhook-timestamp", timestamp}};
    std::string signatures;
    for (const Hmac& key : keys_)
      signatures +=
          (signatures.empty() ? "v1," : " v1,") + base64_encode(key({id, ".", timestamp, ".", body}));
    if (!signatures.empty()) made.emplace_back("webhook-signature", std::move(signatures));
    return made;
  }

 private:
  std::vector<Hmac> keys_;
};

}  // namespace leadhub::sdk
