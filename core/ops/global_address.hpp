#pragma once

#include <string_view>

namespace leadhub::ops {

/// Whether the internet can reach this address (IPv4 or IPv6 as text): not loopback, private, link-local,
/// multicast, documentation or otherwise reserved by the IANA special-purpose registries (RFC 6890).
[[nodiscard]] bool is_global_address(std::string_view text);

}  // namespace leadhub::ops
