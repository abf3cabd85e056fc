#include "ops/global_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace leadhub::ops {
namespace {

struct Network {
  std::array<unsigned char, 16> start;
  std::size_t bits;
};

// What RFC 6890's registries call not globally reachable, and multicast.
constexpr std::array<Network, 14> reserved_ipv4{{{{0}, 8},
                                                 {{10}, 8},
                                                 {{100, 64}, 10},
                                                 {{127}, 8},
                                                 {{169, 254}, 16},
                                                 {{172, 16}, 12},
                                                 {{192, 0, 0}, 24},
                                                 {{192, 0, 2}, 24},
                                                 {{192, 168}, 16},
                                                 {{198, 18}, 15},
                                                 {{198, 51, 100}, 24},
                                                 {{203, 0, 113}, 24},
                                                 {{224}, 4},
                                                 {{240}, 4}}};
constexpr Network global_unicast_ipv6{{0x20}, 3};
constexpr std::array<Network, 4> reserved_ipv6{
    {{{0x20, 0x01}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x20, 0x02}, 16}, {{0x3f, 0xff}, 20}}};

bool lies_in(std::span<const unsigned char> address, const Network& network) {
  const std::size_t whole = network.bits / 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  network.start.begin()))
    return false;
  const std::size_t rest = network.bits % 8;
  return rest == 0 || ((address[whole] ^ network.start[whole]) >> (8 - rest)) == 0;
}

bool lies_in_any(std::span<const unsigned char> address, std::span<const Network> networks) {
  return std::ranges::any_of(networks, [&](const Network& network) { return lies_in(address, network); });
}

}  // namespace

bool is_global_address(std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  const std::string terminated{text};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return !lies_in_any(bytes, reserved_ipv4);
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1)
    return lies_in(bytes, global_unicast_ipv6) && !lies_in_any(bytes, reserved_ipv6);
  return false;
}

}  // namespace leadhub::ops
