#include "capture/conversation_token.hpp"

#include "ops/crypto.hpp"
#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

constexpr std::string_view signed_words = "leadhub conversation/1\n";
constexpr std::size_t signature_bytes = 16;

}  // namespace

std::optional<std::string> conversation_id(std::string_view token, std::string_view signing_key) {
  const auto dot = token.find('.');
  if (token.size() > limits::conversation_token_bytes_max || dot == token.npos || dot == 0)
    return std::nullopt;
  std::string id{token.substr(0, dot)};
  const auto digest = ops::hmac_sha256(signing_key, std::string{signed_words} + id);
  const auto signature = ops::base64url_encode(ops::as_text(digest).substr(0, signature_bytes));
  if (!ops::equal_in_constant_time(token.substr(dot + 1), signature)) return std::nullopt;
  return id;
}

}  // namespace leadhub::capture
