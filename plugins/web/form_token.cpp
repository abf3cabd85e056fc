#include "form_token.hpp"

namespace leadhub::webform {
namespace {

constexpr std::size_t time_bytes = 6;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t signature_bytes = 16;
constexpr std::size_t payload_bytes = time_bytes + nonce_bytes;
constexpr std::size_t token_characters = ((payload_bytes + signature_bytes) * 8 + 5) / 6;

}  // namespace

std::string FormTokens::sign(std::string_view payload) const {
  // The first words keep these signatures apart from any other use of the same key.
  return hmac_({"leadhub form token/1\n", payload}).substr(0, signature_bytes);
}

std::string FormTokens::make(std::int64_t now_ms) const {
  std::string payload(time_bytes, '\0');
  for (std::size_t i = 0; i < time_bytes; ++i)
    payload[time_bytes - 1 - i] = static_cast<char>(static_cast<std::uint64_t>(now_ms) >> (8 * i) & 0xFFu);
  payload += sdk::random_bytes(nonce_bytes);
  return sdk::base64url_encode(payload + sign(payload));
}

std::optional<FormToken> FormTokens::read(std::string_view token) const {
  if (token.size() != token_characters) return std::nullopt;
  const std::optional<std::string> bytes = sdk::base64url_decode(token);
  if (!bytes) return std::nullopt;
  const std::string_view payload = std::string_view(*bytes).substr(0, payload_bytes);
  if (!sdk::equal_in_constant_time(std::string_view(*bytes).substr(payload_bytes), sign(payload)))
    return std::nullopt;
  std::uint64_t time = 0;
  for (const char byte : payload.substr(0, time_bytes)) time = time << 8u | static_cast<unsigned char>(byte);
  return FormToken{static_cast<std::int64_t>(time),
                   "form-" + sdk::base64url_encode(payload.substr(time_bytes))};
}

}  // namespace leadhub::webform
