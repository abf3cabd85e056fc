#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::outbound {

/// Scheme, host and port of a URL, in lower case: "https", "api.example.com", 443. An IPv6 host keeps its
/// brackets.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Origin&) const = default;
};

/// The origin of an http or https URL, read by the parser that the request goes through, so that both see the
/// same host. Error: `invalid` for another scheme, a user or password in the URL, or what is no URL.
[[nodiscard]] Result<Origin> origin_of(const std::string& url);

/// Where one channel may send requests.
struct EgressRules {
  std::vector<std::string> hosts;  ///< capabilities.hosts of its plugin, in lower case: "api.telegram.org",
                                   ///< "*.api.mailchimp.com" for every name below
  std::vector<Origin> origins;     ///< plugins.egress of hub.yaml: the operator's word
};

/// What a URL may be asked for.
enum class Egress {
  public_only = 1,  ///< a plugin's host: https on port 443, at addresses of the internet
  anywhere,         ///< an origin of the operator's: whatever it resolves to
};

/// Error: `invalid`, with what to add to hub.yaml.
[[nodiscard]] Result<Egress> allow(const EgressRules& rules, const std::string& url);

}  // namespace leadhub::outbound
