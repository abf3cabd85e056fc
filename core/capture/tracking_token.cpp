#include "capture/tracking_token.hpp"

#include <algorithm>

#include "ops/crypto.hpp"
#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "ops/uuid.hpp"

namespace leadhub::capture {
namespace {

std::string click_purpose(std::string_view workspace) {
  return std::string{"click/"}.append(workspace);
}

std::string open_purpose(std::string_view workspace) {
  return std::string{"open/"}.append(workspace);
}

}  // namespace

bool can_be_tracked(std::string_view url) {
  constexpr std::string_view quoted = "<>\"\\^`{|}";
  const auto is_of_address = [&](char c) { return c > ' ' && c < 0x7f && quoted.find(c) == quoted.npos; };
  return url.size() <= limits::tracked_url_bytes_max && std::ranges::all_of(url, is_of_address) &&
         (ops::lower_case(url.substr(0, 7)) == "http://" ||
          ops::lower_case(url.substr(0, 8)) == "https://") &&
         !ops::host_of_url(url).empty();
}

std::string click_token(const ClickToken& token, const ops::KeyRing& keys, std::string_view workspace) {
  return keys.sign_link(click_purpose(workspace), token.message_id + "." + ops::base64url_encode(token.url));
}

std::string open_token(std::string_view message_id, const ops::KeyRing& keys, std::string_view workspace) {
  return keys.sign_link(open_purpose(workspace), message_id);
}

std::optional<ClickToken> read_click_token(std::string_view text, const ops::KeyRing& keys,
                                           std::string_view workspace) {
  const auto payload = keys.open_link(click_purpose(workspace), text, limits::click_token_bytes_max);
  if (!payload) return std::nullopt;
  const auto dot = payload->find('.');
  if (dot == payload->npos || !ops::is_uuid(payload->substr(0, dot))) return std::nullopt;
  auto url = ops::base64url_decode(std::string_view{*payload}.substr(dot + 1));
  if (!url || !can_be_tracked(*url)) return std::nullopt;
  return ClickToken{payload->substr(0, dot), *std::move(url)};
}

std::optional<std::string> read_open_token(std::string_view text, const ops::KeyRing& keys,
                                           std::string_view workspace) {
  auto id = keys.open_link(open_purpose(workspace), text);
  return id && ops::is_uuid(*id) ? id : std::nullopt;
}

}  // namespace leadhub::capture
