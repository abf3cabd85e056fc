#include "rate.hpp"

#include <arpa/inet.h>
#include <leadhub/sdk/crypto.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "text.hpp"

namespace leadhub::webform {
namespace {

constexpr std::int64_t count_max = 1'000'000;
constexpr std::int64_t window_ms_max = 366LL * 24 * 60 * 60 * 1000;
constexpr std::int64_t duration_ms_max = 10 * window_ms_max;

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 1) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::int64_t> unit_ms(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  return std::nullopt;
}

/// One number for what an address stands for: an IPv4 address, or the first 64 bits of an IPv6 one. IPv4 has
/// 1 in bit 32, which makes a prefix (0:1::/32) that nobody is given. What is no address is 0.
std::uint64_t address_number(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  if (address.size() >= text.size()) return 0;
  std::memcpy(text.data(), address.data(), address.size());
  const auto from_v4 = [](const unsigned char* bytes) {
    std::uint64_t value = 1;
    for (int i = 0; i < 4; ++i) value = value << 8u | bytes[i];
    return value;
  };
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, text.data(), bytes.data()) == 1) return from_v4(bytes.data());
  if (inet_pton(AF_INET6, text.data(), bytes.data()) != 1) return 0;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) return from_v4(bytes.data() + mapped.size());
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8u | bytes[i];
  return prefix;
}

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 31u;
  value *= 0x9E3779B97F4A7C15u;
  value ^= value >> 29u;
  value *= 0xD6E8FEB86659FD93u;
  return value ^ value >> 32u;
}

std::uint64_t random_number() {
  std::uint64_t value = 0;
  std::memcpy(&value, sdk::random_bytes(sizeof value).data(), sizeof value);
  return value;
}

}  // namespace

std::optional<Rate> parse_rate(std::string_view text) {
  const std::optional<std::int64_t> count = take_number(text);
  constexpr std::string_view per = " per ";
  if (!count || *count > count_max || !text.starts_with(per)) return std::nullopt;
  text.remove_prefix(per.size());
  const std::optional<std::int64_t> window_ms = parse_duration_ms(text);
  if (!window_ms || *window_ms > window_ms_max) return std::nullopt;
  return Rate{*count, *window_ms};
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  const std::optional<std::int64_t> amount = take_number(text);
  const std::optional<std::int64_t> unit = unit_ms(text);
  if (!amount || !unit || *amount > duration_ms_max / *unit) return std::nullopt;
  return *amount * *unit;
}

AddressRate::AddressRate(Rate rate)
    : interval_ms_(std::max<std::int64_t>(rate.window_ms / rate.count, 1)),
      window_ms_(rate.window_ms),
      tolerance_ms_(rate.window_ms - interval_ms_),
      seed_(random_number()),
      table_(sets) {}

AddressRate::Entry& AddressRate::entry_of(std::uint64_t address) {
  Set& set = table_[mix(address ^ seed_) % sets];
  Entry* quietest = &set.front();
  for (Entry& entry : set) {
    if (entry.empty_at_ms != 0 && entry.address == address) return entry;
    if (entry.empty_at_ms < quietest->empty_at_ms) quietest = &entry;
  }
  *quietest = {address, 0};
  return *quietest;
}

std::optional<std::int64_t> AddressRate::take(std::string_view address, std::int64_t now_ms) {
  const std::uint64_t number = address_number(address);
  const std::lock_guard lock(mutex_);
  Entry& entry = entry_of(number);
  // A bucket is never a window ahead of the clock, unless the clock was set back: then it starts afresh.
  if (entry.empty_at_ms > now_ms + window_ms_) entry.empty_at_ms = now_ms;
  const std::int64_t empty_at_ms = std::max(entry.empty_at_ms, now_ms);
  const std::int64_t wait_ms = empty_at_ms - now_ms - tolerance_ms_;
  if (wait_ms > 0) return wait_ms;
  entry.empty_at_ms = empty_at_ms + interval_ms_;
  return std::nullopt;
}

}  // namespace leadhub::webform
