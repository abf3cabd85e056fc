#include "capture/preference_token.hpp"

#include "ops/crypto.hpp"
#include "ops/uuid.hpp"

namespace leadhub::capture {
namespace {

std::string unsubscribe_purpose(std::string_view workspace) {
  return std::string{"unsubscribe/"}.append(workspace);
}

std::string preference_purpose(std::string_view workspace) {
  return std::string{"preferences/"}.append(workspace);
}

}  // namespace

std::string purpose_mark(std::string_view purpose) {
  return ops::base64url_encode(ops::as_text(ops::sha256(purpose)).substr(0, 12));
}

std::string unsubscribe_token(std::string_view lead_id, std::string_view purpose, const ops::KeyRing& keys,
                              std::string_view workspace) {
  return keys.sign_link(unsubscribe_purpose(workspace),
                        std::string{lead_id}.append(".").append(purpose_mark(purpose)));
}

std::string preference_token(std::string_view lead_id, const ops::KeyRing& keys, std::string_view workspace) {
  return keys.sign_link(preference_purpose(workspace), lead_id);
}

std::optional<UnsubscribeToken> read_unsubscribe_token(std::string_view text, const ops::KeyRing& keys,
                                                       std::string_view workspace) {
  const auto payload = keys.open_link(unsubscribe_purpose(workspace), text);
  if (!payload) return std::nullopt;
  const auto dot = payload->find('.');
  if (dot == payload->npos || !ops::is_uuid(payload->substr(0, dot))) return std::nullopt;
  return UnsubscribeToken{payload->substr(0, dot), payload->substr(dot + 1)};
}

std::optional<std::string> read_preference_token(std::string_view text, const ops::KeyRing& keys,
                                                 std::string_view workspace) {
  auto id = keys.open_link(preference_purpose(workspace), text);
  return id && ops::is_uuid(*id) ? id : std::nullopt;
}

}  // namespace leadhub::capture
