#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/signature.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Signatures by ECDSA over the curve P-256 with SHA-256, which SendGrid uses: the provider keeps the private
/// key, and what the receiver holds is no secret. Header-only, C++17; link LeadHub::sdk_signature.
namespace leadhub::sdk {

namespace detail {

using PublicKey = std::shared_ptr<EVP_PKEY>;

/// A SubjectPublicKeyInfo, in PEM or as the base64 of its DER; null for anything else.
inline PublicKey parse_public_key(std::string_view text) {
  constexpr std::string_view pem_begin = "-----BEGIN PUBLIC KEY-----";
  EVP_PKEY* key = nullptr;
  if (text.find(pem_begin) != std::string_view::npos) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
    if (source != nullptr) key = PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr);
  } else {
    std::string compact(text);
    compact.erase(std::remove_if(compact.begin(), compact.end(),
                                 [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }),
                  compact.end());
    if (const std::optional<std::string> der = base64_decode(compact)) {
      const unsigned char* at = bytes_of(std::string_view(*der));
      key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der->size()));
      const bool whole = at == bytes_of(std::string_view(*der)) + der->size();
      if (key != nullptr && !whole) {
        EVP_PKEY_free(key);
        key = nullptr;
      }
    }
  }
  return {key, &EVP_PKEY_free};
}

inline bool is_p256(const EVP_PKEY* key) {
  if (key == nullptr || EVP_PKEY_is_a(key, "EC") != 1) return false;
  char group[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
         std::string_view(group, size) == "prime256v1";
}

/// Whether `signature` is that key's over `text`. A public key gives nothing away, so time may vary.
inline bool is_signed_by(EVP_PKEY* key, const EVP_MD* digest, std::string_view text,
                         std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (context == nullptr || EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) != 1)
    crypto_failed("prepare to check a signature");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

}  // namespace detail

/// How a provider signs: base64 of the DER signature over the time, as it was sent, and the raw body.
struct EcdsaScheme {
  std::string name;                          ///< of the provider, for messages
  std::string signature_header;              ///< in lower case
  std::string timestamp_header;              ///< in lower case; whole seconds since 1970
  std::int64_t past_ms = 5LL * 60 * 1000;    ///< how long ago it may have been signed
  std::int64_t future_ms = 5LL * 60 * 1000;  ///< how far a clock may be ahead of ours
};

/// Twilio SendGrid's Event Webhook, "Signed Event Webhook Requests". Deliveries are repeated for up to 24
/// hours and nothing says that a repetition is signed anew, so the window is as wide as that; what is played
/// again within it is known by its key.
inline EcdsaScheme sendgrid_scheme() {
  EcdsaScheme scheme;
  scheme.name = "SendGrid";
  scheme.signature_header = "x-twilio-email-event-webhook-signature";
  scheme.timestamp_header = "x-twilio-email-event-webhook-timestamp";
  scheme.past_ms = 25LL * 60 * 60 * 1000;
  return scheme;
}

/// Checks requests under one or, while a key is being changed, several public keys. Thread-safe.
class EcdsaVerifier {
 public:
  /// Throws ChannelError for no key and for one that is none (its place in the list).
  EcdsaVerifier(EcdsaScheme scheme, const std::vector<std::string>& public_keys)
      : scheme_(std::move(scheme)) {
    if (public_keys.empty()) throw ChannelError("there is no public key to check signatures with; give one");
    for (const std::string& text : public_keys) {
      if (const std::string problem = key_problem(scheme_, text); !problem.empty())
        throw ChannelError("public key number " + std::to_string(keys_.size() + 1) + ": " + problem);
      keys_.push_back(detail::parse_public_key(text));
    }
  }

  /// The time is checked after the signature, as SignatureVerifier does. `now_ms`: milliseconds since 1970.
  [[nodiscard]] SignatureVerdict verify(const HttpRequest& request, std::int64_t now_ms) const {
    const std::string_view encoded = request.header(scheme_.signature_header);
    const std::string_view timestamp = request.header(scheme_.timestamp_header);
    if (encoded.empty() || timestamp.empty()) return SignatureVerdict::missing;
    const std::optional<std::int64_t> signed_at_ms = parse_seconds(timestamp);
    if (!signed_at_ms || encoded.size() > signature_limits::header_bytes_max)
      return SignatureVerdict::malformed;
    const std::optional<std::string> signature = base64_decode(encoded);
    if (!signature || signature->empty()) return SignatureVerdict::wrong;
    std::string text;
    text.reserve(timestamp.size() + request.body().size());
    text.append(timestamp).append(request.body());
    const bool genuine = std::any_of(keys_.begin(), keys_.end(), [&](const detail::PublicKey& key) {
      return detail::is_signed_by(key.get(), EVP_sha256(), text, *signature);
    });
    if (!genuine) return SignatureVerdict::wrong;
    if (now_ms - *signed_at_ms > scheme_.past_ms) return SignatureVerdict::stale;
    return *signed_at_ms - now_ms > scheme_.future_ms ? SignatureVerdict::premature
                                                      : SignatureVerdict::genuine;
  }

  /// One sentence that helps who set the sender up.
  [[nodiscard]] std::string explain(SignatureVerdict verdict) const {
    switch (verdict) {
      case SignatureVerdict::genuine:
        return "the signature is genuine";
      case SignatureVerdict::missing:
        return "the request is not signed as " + scheme_.name + " does; send " + scheme_.timestamp_header +
               ", " + scheme_.signature_header;
      case SignatureVerdict::malformed:
        return "what the signature needs is malformed: " + scheme_.timestamp_header +
               " is in whole seconds since 1970, " + scheme_.signature_header + " is base64";
      case SignatureVerdict::stale:
        return "the signature is too old; check the sender's clock";
      case SignatureVerdict::premature:
        return "the signature is from the future; check the sender's clock";
      case SignatureVerdict::wrong:
        return "no signature fits; check that the public key is the one that the sender shows";
    }
    return "the signature was not checked";
  }

  /// "what is wrong; how to mend it" with a public key; empty: nothing.
  [[nodiscard]] static std::string key_problem(const EcdsaScheme& scheme, std::string_view text) {
    if (detail::is_p256(detail::parse_public_key(text).get())) return {};
    return "this is not a " + scheme.name +
           " public key; it is base64 (or PEM) of a key of the curve P-256, "
           "as the sender shows it";
  }

 private:
  static std::optional<std::int64_t> parse_seconds(std::string_view text) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 ||
        seconds > signature_limits::seconds_max)
      return std::nullopt;
    return seconds * 1000;
  }

  EcdsaScheme scheme_;
  std::vector<detail::PublicKey> keys_;
};

}  // namespace leadhub::sdk
