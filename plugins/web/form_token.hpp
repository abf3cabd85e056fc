#pragma once

#include <leadhub/sdk/crypto.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadhub::webform {

/// The name of the hidden input that carries the token.
inline constexpr std::string_view token_field = "_leadhub_token";

/// What a genuine token says.
struct FormToken {
  std::int64_t shown_at_ms;  ///< when the form was shown, milliseconds since 1970
  std::string key;           ///< the event key of whatever is sent with it: a form sent twice is one event
};

/// Makes and reads the token of a shown form: time (6 bytes), nonce (12) and the first 16 bytes of
/// HMAC-SHA-256 over both, in base64url (46 characters). No state is kept, so it works over restarts and on
/// several hubs with one key. Thread-safe.
///
/// A token proves that the hub showed the form, and when. It is no CSRF token: forms have no session to
/// protect.
class FormTokens {
 public:
  explicit FormTokens(std::string_view signing_key) : hmac_(sdk::Digest::sha256, signing_key) {}

  [[nodiscard]] std::string make(std::int64_t now_ms) const;

  /// nullopt for what this key has not signed. Looks at no clock: how old is too old is the caller's to say.
  [[nodiscard]] std::optional<FormToken> read(std::string_view token) const;

 private:
  [[nodiscard]] std::string sign(std::string_view payload) const;

  sdk::Hmac hmac_;
};

}  // namespace leadhub::webform
