#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_mac_ctx_st;

/// The few primitives of OpenSSL's libcrypto that forms and webhooks need, as values.
namespace leadhub::webform {

/// The 32 bytes of SHA-256.
std::string sha256(std::string_view data);

/// Base64 of RFC 4648 section 4, padded.
std::string base64_encode(std::string_view bytes);

/// Decodes base64, padded or not; nullopt for anything else (blanks included).
std::optional<std::string> base64_decode(std::string_view text);

/// Base64url of RFC 4648 section 5, without padding: safe in URLs, HTML and keys.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

/// `size` bytes that nobody can guess. Throws ChannelError where the system has none.
std::string random_bytes(std::size_t size);

/// Compares in a time that depends on the sizes alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// HMAC-SHA-256 (RFC 2104) under one key. The key's schedule is computed once. Thread-safe.
class HmacSha256 {
 public:
  /// Throws ChannelError where libcrypto fails.
  explicit HmacSha256(std::string_view key);
  /// The 32 bytes over the concatenation of `parts`.
  [[nodiscard]] std::string operator()(std::initializer_list<std::string_view> parts) const;

 private:
  std::shared_ptr<evp_mac_ctx_st> keyed_;
};

}  // namespace leadhub::webform
