#include "door.hpp"

namespace leadhub::webform {

Door Door::signed_by(const sdk::SignatureScheme& scheme, const std::vector<std::string>& secrets) {
  Door door;
  if (!secrets.empty()) door.verifier_.emplace(scheme, secrets);
  return door;
}

Door Door::token_at(const sdk::TokenPlace& place, const std::vector<std::string>& secrets) {
  Door door;
  if (!secrets.empty()) door.tokens_.emplace_back(place, secrets);
  return door;
}

Door Door::token_anywhere(const std::vector<std::string>& secrets) {
  Door door;
  if (secrets.empty()) return door;
  for (const sdk::TokenPlace& place : {sdk::TokenPlace::header("authorization", "Bearer "),
                                       sdk::TokenPlace::basic_password(), sdk::TokenPlace::query("secret")})
    door.tokens_.emplace_back(place, secrets);
  return door;
}

std::string Door::refuse(const sdk::HttpRequest& request, std::int64_t now_ms, std::string_view given) const {
  if (verifier_) {
    const sdk::SignatureVerdict verdict = verifier_->verify(request, now_ms);
    return verdict == sdk::SignatureVerdict::genuine ? std::string() : verifier_->explain(verdict);
  }
  if (tokens_.empty()) return {};
  bool found = false;
  bool any_there = false;
  for (const sdk::StaticToken& token : tokens_) {
    const sdk::TokenVerdict verdict = token.verify(request, given);
    found |= verdict == sdk::TokenVerdict::genuine;
    any_there |= verdict != sdk::TokenVerdict::missing;
  }
  if (found) return {};
  return any_there ? "the secret is not the one that the hub knows; copy it again"
                   : "the request has no secret; add it where the documentation of the provider says";
}

}  // namespace leadhub::webform
