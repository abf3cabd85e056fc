#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ops/crypto.hpp"
#include "ops/error.hpp"

namespace leadhub::control {

/// The token that opens the control API. It lies in a file beside the store that only its owner may read
/// (0600), where the command line finds it; the running hub keeps only its SHA-256.
struct Token {
  std::string text;
  bool is_new = false;  ///< made just now, to be shown once
};

/// `configured` (control.token of hub.yaml) where it is not empty: it is written to the file, for the command
/// line. Else the file's, else a fresh one of 256 random bits. Errors: `io`; `invalid` where a configured
/// token is shorter than 16 characters or holds other than printable ASCII.
[[nodiscard]] Result<Token> prepare_token(const std::filesystem::path& file, std::string_view configured);

/// Recognises the token without keeping it.
class TokenCheck {
 public:
  explicit TokenCheck(std::string_view token) : digest_(ops::sha256(token)) {}

  /// Takes the value of an Authorization header: "Bearer TOKEN" (RFC 6750, section 2.1). In constant time.
  [[nodiscard]] bool accepts(std::string_view authorization) const;

 private:
  ops::Digest digest_;
};

}  // namespace leadhub::control
