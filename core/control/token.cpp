#include "control/token.hpp"

#include <algorithm>

#include "ops/key_ring.hpp"

namespace leadhub::control {
namespace {

constexpr std::size_t token_characters_min = 16;

bool is_usable(std::string_view token) {
  return token.size() >= token_characters_min &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<Token> prepare_token(const std::filesystem::path& file, std::string_view configured) {
  if (!configured.empty() && !is_usable(configured))
    return fail(
        ErrorCode::invalid,
        "control.token must be at least 16 printable ASCII characters without blanks; leave it empty and the "
        "hub makes one");
  auto stored = ops::read_small_file(file);
  if (!stored && stored.error().code != ErrorCode::not_found) return std::unexpected(stored.error());
  if (stored) {
    while (!stored->empty() && (stored->back() == '\n' || stored->back() == '\r')) stored->pop_back();
    if (configured.empty() && is_usable(*stored)) return Token{*stored, false};
    if (*stored == configured) return Token{*stored, false};
  }
  Token token{configured.empty() ? ops::base64url_encode(ops::random_bytes(32)) : std::string{configured},
              configured.empty()};
  if (auto written = ops::write_private_file(file, token.text + "\n"); !written)
    return std::unexpected(written.error());
  return token;
}

bool TokenCheck::accepts(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) return false;
  authorization.remove_prefix(scheme.size());
  // Digests are compared, so that neither the token nor its length shows in the time it takes.
  return ops::equal_in_constant_time(ops::as_text(ops::sha256(authorization)), ops::as_text(digest_));
}

}  // namespace leadhub::control
