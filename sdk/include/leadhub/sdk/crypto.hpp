#pragma once

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The few primitives of OpenSSL's libcrypto that webhooks and tokens need, as values. Header-only, C++17;
/// link LeadHub::sdk_signature, which brings libcrypto along. Bytes are std::string and std::string_view;
/// what libcrypto cannot do (no memory, a broken installation) is a ChannelError.
namespace leadhub::sdk {

enum class Digest { sha1 = 1, sha256, sha512 };

namespace detail {

[[noreturn]] inline void crypto_failed(const char* what) {
  throw ChannelError(std::string("OpenSSL could not ") + what + "; check the installation of libcrypto",
                     LEADHUB_ERROR_INTERNAL);
}

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

inline const char* name_of(Digest digest) {
  switch (digest) {
    case Digest::sha1:
      return "SHA1";
    case Digest::sha256:
      return "SHA256";
    case Digest::sha512:
      return "SHA512";
  }
  crypto_failed("name that digest");
}

constexpr std::size_t size_of(Digest digest) {
  return digest == Digest::sha1 ? 20 : digest == Digest::sha256 ? 32 : 64;
}

}  // namespace detail

/// The 32 bytes of SHA-256.
inline std::string sha256(std::string_view data) {
  std::string out(detail::size_of(Digest::sha256), '\0');
  if (EVP_Digest(data.data(), data.size(), detail::bytes_of(out), nullptr, EVP_sha256(), nullptr) != 1)
    detail::crypto_failed("hash");
  return out;
}

/// Lower-case hexadecimal digits, two a byte.
inline std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4u];
    out += digits[static_cast<unsigned char>(byte) & 15u];
  }
  return out;
}

/// Decodes pairs of hexadecimal digits of either case; nullopt for anything else.
inline std::optional<std::string> hex_decode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

/// Base64 of RFC 4648 section 4, padded.
inline std::string base64_encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with NUL
  const int size =
      EVP_EncodeBlock(detail::bytes_of(out), detail::bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// Decodes base64, padded or not; nullopt for anything else (blanks included).
inline std::optional<std::string> base64_decode(std::string_view text) {
  const std::size_t padding = text.size() - std::min(text.find('='), text.size());
  text.remove_suffix(padding);
  if (padding > 2 || text.size() % 4 == 1) return std::nullopt;
  std::string padded(text);
  padded.append((4 - text.size() % 4) % 4, '=');
  const bool alphabet_only = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
  if (!alphabet_only) return std::nullopt;
  std::string out(padded.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(detail::bytes_of(out), detail::bytes_of(std::string_view(padded)),
                      static_cast<int>(padded.size())) < 0)
    return std::nullopt;
  out.resize(text.size() * 3 / 4);
  return out;
}

/// Base64url of RFC 4648 section 5, without padding: safe in URLs, HTML and keys.
inline std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  out.resize(std::min(out.find('='), out.size()));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

/// Decodes base64url without padding; nullopt for anything else.
inline std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  return base64_decode(plain);
}

/// `size` bytes that nobody can guess. Throws ChannelError where the system has none.
inline std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  if (RAND_bytes(detail::bytes_of(out), static_cast<int>(size)) != 1)
    detail::crypto_failed("give random bytes");
  return out;
}

/// Compares in a time that depends on the sizes alone.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// HMAC (RFC 2104) under one key. The key's schedule is computed once. Copyable, thread-safe.
class Hmac {
 public:
  /// Throws ChannelError where libcrypto fails.
  Hmac(Digest digest, std::string_view key) : digest_(digest) {
    EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    keyed_.reset(EVP_MAC_CTX_new(mac), &EVP_MAC_CTX_free);  // holds its own reference to `mac`
    EVP_MAC_free(mac);
    std::string name = detail::name_of(digest);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                     OSSL_PARAM_construct_end()};
    // An empty key must not look like "keep the key" to OpenSSL.
    const std::string_view given = key.empty() ? std::string_view("\0", 1) : key;
    if (keyed_ == nullptr ||
        EVP_MAC_init(keyed_.get(), detail::bytes_of(given), given.size(), parameters) != 1)
      detail::crypto_failed("prepare an HMAC");
  }

  /// The bytes over the concatenation of `parts`: 20, 32 or 64, by the digest.
  [[nodiscard]] std::string operator()(std::initializer_list<std::string_view> parts) const {
    return over(parts);
  }
  [[nodiscard]] std::string operator()(const std::vector<std::string_view>& parts) const {
    return over(parts);
  }

 private:
  template <class Parts>
  std::string over(const Parts& parts) const {
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_dup(keyed_.get()),
                                                                            &EVP_MAC_CTX_free);
    std::string out(detail::size_of(digest_), '\0');
    std::size_t size = 0;
    bool good = context != nullptr;
    for (const std::string_view part : parts)
      good = good && EVP_MAC_update(context.get(), detail::bytes_of(part), part.size()) == 1;
    if (!good || EVP_MAC_final(context.get(), detail::bytes_of(out), &size, out.size()) != 1)
      detail::crypto_failed("compute an HMAC");
    return out;
  }

  Digest digest_;
  std::shared_ptr<EVP_MAC_CTX> keyed_;
};

}  // namespace leadhub::sdk
