#include "origin.hpp"

#include <algorithm>

#include "text.hpp"

namespace leadhub::webform {
namespace {

struct Scheme {
  std::string_view prefix, default_port;
};
constexpr Scheme schemes[] = {{"http://", ":80"}, {"https://", ":443"}};

const Scheme* scheme_of(std::string_view url) {
  for (const Scheme& scheme : schemes)
    if (equal_ignoring_case(url.substr(0, scheme.prefix.size()), scheme.prefix)) return &scheme;
  return nullptr;
}

bool is_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A host with an optional port: letters, digits, '-', '.', '_', or an IPv6 address in brackets.
bool is_authority(std::string_view text) {
  std::size_t host_end = 0;
  if (!text.empty() && text.front() == '[') {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return false;
    ++host_end;
  } else {
    host_end = std::min(text.find(':'), text.size());
  }
  const std::string_view host = text.substr(0, host_end);
  const std::string_view rest = text.substr(host_end);
  const bool host_good = !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    const char lower = ascii_lower(c);
    const bool plain =
        (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    return plain || (host.front() == '[' && (c == ':' || c == '[' || c == ']'));
  });
  return host_good && (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
}

}  // namespace

std::string_view origin_of(std::string_view url) {
  const Scheme* const scheme = scheme_of(url);
  if (scheme == nullptr) return {};
  const std::size_t end = std::min(url.find_first_of("/?#\\", scheme->prefix.size()), url.size());
  std::string_view origin = url.substr(0, end);
  if (!is_authority(origin.substr(scheme->prefix.size()))) return {};
  if (origin.ends_with(scheme->default_port)) origin.remove_suffix(scheme->default_port.size());
  return origin;
}

std::optional<std::string> parse_origin(std::string_view text) {
  if (text == "null") return std::string(text);
  const Scheme* const scheme = scheme_of(text);
  if (scheme == nullptr || !is_authority(text.substr(scheme->prefix.size()))) return std::nullopt;
  return ascii_lower(origin_of(text));
}

bool is_page_url(std::string_view text) {
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return is_control(c) || c == ' ' || c == '\\' || static_cast<unsigned char>(c) >= 0x80;
  });
  return clean && !origin_of(text).empty();
}

OriginVerdict OriginPolicy::judge(std::string_view origin, std::string_view public_url) const {
  if (origin.empty()) return OriginVerdict::absent;
  // A browser sends lower case without a default port, so bytes are compared; our own URL may be written
  // otherwise.
  if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) return OriginVerdict::allowed;
  return equal_ignoring_case(origin, origin_of(public_url)) ? OriginVerdict::allowed : OriginVerdict::refused;
}

}  // namespace leadhub::webform
