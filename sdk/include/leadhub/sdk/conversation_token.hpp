#pragma once

#include <leadhub/sdk/crypto.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace leadhub::sdk {

/// Makes and reads the token by which somebody without an account may write in a conversation of a channel
/// and read it: a capability, as secret as the conversation is private. Its format, which the host reads too:
///
///   token     = id "." signature
///   id        = base64url of 16 random bytes (22 characters)
///   signature = base64url of the first 16 bytes of HMAC-SHA-256 under the channel's "channel.signing_key"
///               over "leadhub conversation/1" LF id (22 characters)
///
/// The id is no secret: it is the person's external id, of the system conversation_system, in the channel's
/// events, and who knows it alone can neither write nor read. So that the host can serve
/// `GET /chat/<channel>` with a token, the events of a conversation have the key id, or id "/" and an id of
/// their own, and replies go through the channel's deliver. A token never expires; it is worth nothing once
/// the person is erased. No state is kept. Thread-safe.
class ConversationTokens {
 public:
  /// The system of the person's external id.
  static constexpr std::string_view conversation_system = "web";
  static constexpr std::size_t id_characters = 22;

  explicit ConversationTokens(std::string_view signing_key) : hmac_(Digest::sha256, signing_key) {}

  /// A token of a new conversation.
  [[nodiscard]] std::string make() const {
    const std::string id = base64url_encode(random_bytes(id_bytes));
    return id + "." + sign(id);
  }

  /// The id in a token; nullopt for what this key has not signed.
  [[nodiscard]] std::optional<std::string> read(std::string_view token) const {
    if (token.size() != 2 * id_characters + 1 || token[id_characters] != '.') return std::nullopt;
    const std::string_view id = token.substr(0, id_characters);
    if (!equal_in_constant_time(token.substr(id_characters + 1), sign(id))) return std::nullopt;
    return std::string(id);
  }

 private:
  static constexpr std::size_t id_bytes = 16;
  static constexpr std::size_t signature_bytes = 16;

  [[nodiscard]] std::string sign(std::string_view id) const {
    // The first words keep these signatures apart from any other use of the same key.
    return base64url_encode(hmac_({"leadhub conversation/1\n", id}).substr(0, signature_bytes));
  }

  Hmac hmac_;
};

}  // namespace leadhub::sdk
