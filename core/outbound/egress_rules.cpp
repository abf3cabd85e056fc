#include "outbound/egress_rules.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace leadhub::outbound {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string copy{text};
  curl_free(text);
  std::ranges::transform(copy, copy.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return copy;
}

bool matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  const auto ending = pattern.substr(1);
  return host.size() > ending.size() && host.ends_with(ending);
}

std::string to_text(const Origin& origin) {
  const bool is_usual = origin.port == (origin.scheme == "https" ? 443 : 80);
  return origin.scheme + "://" + origin.host + (is_usual ? "" : ":" + std::to_string(origin.port));
}

}  // namespace

Result<Origin> origin_of(const std::string& text) {
  const std::unique_ptr<CURLU, FreeUrl> url{curl_url()};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK ||
      text.find('\0') != std::string::npos)
    return fail(ErrorCode::invalid, "this is no URL; write https://host/path");
  if (!part(url.get(), CURLUPART_USER, 0).empty() || !part(url.get(), CURLUPART_PASSWORD, 0).empty())
    return fail(ErrorCode::invalid, "a URL with a user or password in it is not asked; use a header");
  Origin origin{part(url.get(), CURLUPART_SCHEME, 0), part(url.get(), CURLUPART_HOST, 0), 0};
  if (origin.scheme != "https" && origin.scheme != "http")
    return fail(ErrorCode::invalid, "only https (and http where the operator allows it) is spoken");
  if (origin.host.ends_with('.')) origin.host.pop_back();  // the root's dot names the same host
  const auto port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), origin.port);
  if (origin.host.empty() || origin.port == 0)
    return fail(ErrorCode::invalid, "this URL has no host or port that can be asked");
  return origin;
}

Result<Egress> allow(const EgressRules& rules, const std::string& url) {
  const auto origin = origin_of(url);
  if (!origin) return std::unexpected(origin.error());
  if (std::ranges::find(rules.origins, *origin) != rules.origins.end()) return Egress::anywhere;
  const bool is_named =
      std::ranges::any_of(rules.hosts, [&](const auto& pattern) { return matches(pattern, origin->host); });
  if (is_named && origin->scheme == "https" && origin->port == 443) return Egress::public_only;
  return fail(ErrorCode::invalid, "the channel may not send requests to " + to_text(*origin) +
                                      "; to allow it, add this origin to plugins.egress in hub.yaml");
}

}  // namespace leadhub::outbound
