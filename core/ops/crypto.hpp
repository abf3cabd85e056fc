#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// The few primitives that the host needs, all of OpenSSL's making. Thread-safe.
namespace leadhub::ops {

using Digest = std::array<unsigned char, 32>;

[[nodiscard]] Digest sha256(std::string_view data);
/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Digest& digest);
[[nodiscard]] std::string sha256_hex(std::string_view data);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view data);

/// Compares without telling by its duration where the two differ. The lengths are no secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

/// Bytes that nobody can guess. Ends the process where the system has no entropy to give: nothing could be
/// safe then.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64_encode(std::string_view data);
/// nullopt where the text is not canonical base64 with padding.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
/// RFC 4648 section 5, without padding: for tokens and keys.
[[nodiscard]] std::string base64url_encode(std::string_view data);
/// nullopt where the text is not canonical base64url without padding.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

[[nodiscard]] inline std::string_view as_text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace leadhub::ops
