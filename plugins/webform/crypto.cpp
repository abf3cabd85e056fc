#include "crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <leadhub/sdk/channel.hpp>

#include <algorithm>

namespace leadhub::webform {
namespace {

constexpr std::size_t digest_bytes = 32;

[[noreturn]] void fail(const char* what) {
  throw sdk::ChannelError(std::string("OpenSSL could not ") + what + "; check the installation of libcrypto",
                          LEADHUB_ERROR_INTERNAL);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string sha256(std::string_view data) {
  std::string out(digest_bytes, '\0');
  if (EVP_Digest(data.data(), data.size(), bytes_of(out), nullptr, EVP_sha256(), nullptr) != 1) fail("hash");
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with NUL
  const int size = EVP_EncodeBlock(bytes_of(out), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
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
  if (EVP_DecodeBlock(bytes_of(out), bytes_of(std::string_view(padded)), static_cast<int>(padded.size())) < 0)
    return std::nullopt;
  out.resize(text.size() * 3 / 4);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  out.resize(std::min(out.find('='), out.size()));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  return base64_decode(plain);
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  if (RAND_bytes(bytes_of(out), static_cast<int>(size)) != 1) fail("give random bytes");
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

HmacSha256::HmacSha256(std::string_view key) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  keyed_.reset(EVP_MAC_CTX_new(mac), &EVP_MAC_CTX_free);  // holds its own reference to `mac`
  EVP_MAC_free(mac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  // An empty key must not look like "keep the key" to OpenSSL.
  const std::string_view given = key.empty() ? std::string_view("\0", 1) : key;
  if (keyed_ == nullptr || EVP_MAC_init(keyed_.get(), bytes_of(given), given.size(), parameters) != 1)
    fail("prepare HMAC-SHA-256");
}

std::string HmacSha256::operator()(std::initializer_list<std::string_view> parts) const {
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_dup(keyed_.get()),
                                                                          &EVP_MAC_CTX_free);
  std::string out(digest_bytes, '\0');
  std::size_t size = 0;
  bool good = context != nullptr;
  for (const std::string_view part : parts)
    good = good && EVP_MAC_update(context.get(), bytes_of(part), part.size()) == 1;
  if (!good || EVP_MAC_final(context.get(), bytes_of(out), &size, out.size()) != 1)
    fail("compute HMAC-SHA-256");
  return out;
}

}  // namespace leadhub::webform
