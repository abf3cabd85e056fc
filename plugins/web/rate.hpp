#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "limits.hpp"

namespace leadhub::webform {

/// "10 per 1m": so many in a window.
struct Rate {
  std::int64_t count;
  std::int64_t window_ms;
};

/// Reads "10 per 1m" (units ms, s, m, h, d). nullopt for anything else, for none and for more than a million.
std::optional<Rate> parse_rate(std::string_view text);

/// Milliseconds of "90s", "15m", "48h" or "14d". nullopt for anything else, for none and for more than ten
/// years.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

/// How often an address has been here. IPv6 counts by /64, which is what one household or one server has.
///
/// The generic cell rate algorithm: one number an address, the time at which its bucket will be empty again.
/// A burst of `count` passes, then one every window / count. A fixed table of limits::rate_addresses_max
/// addresses in sets of eight; when a set is full the address that has been quiet longest is forgotten, so an
/// attacker with many addresses costs no memory and can only be forgiven sooner. Lost on restart by design.
/// Thread-safe; reads no clock.
class AddressRate {
 public:
  explicit AddressRate(Rate rate);

  /// Counts one attempt at `now_ms`. nullopt: allowed. Else milliseconds until the next may come; a refused
  /// attempt does not count.
  std::optional<std::int64_t> take(std::string_view address, std::int64_t now_ms);

 private:
  struct Entry {
    std::uint64_t address = 0;
    std::int64_t empty_at_ms = 0;  // 0: free
  };
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t sets = limits::rate_addresses_max / ways;
  using Set = std::array<Entry, ways>;

  Entry& entry_of(std::uint64_t address);

  std::int64_t interval_ms_;  // between two of a steady stream
  std::int64_t window_ms_;
  std::int64_t tolerance_ms_;  // how far ahead of now a bucket may be and still take one
  std::uint64_t seed_;         // so that nobody can choose addresses that share a set
  std::mutex mutex_;
  std::vector<Set> table_;
};

}  // namespace leadhub::webform
