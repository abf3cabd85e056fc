#include "capture/edge_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ranges>

namespace leadhub::capture {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr auto sweep_pause = std::chrono::seconds{1};  // a full table is not searched for every newcomer

void keep_prefix(std::array<std::uint8_t, 16>& bytes, unsigned bits) {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = bits > i * 8 ? std::min(8U, bits - i * 8) : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<IpAddress> parse_forwarded(std::string_view entry) {
  entry = trim_blanks(entry);
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = entry.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    return IpAddress::parse(entry.substr(1, end - 1));
  }
  if (std::ranges::count(entry, ':') == 1) {
    const auto colon = entry.find(':');
    if (!is_port(entry.substr(colon + 1))) return std::nullopt;
    entry = entry.substr(0, colon);
  }
  return IpAddress::parse(entry);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof copy || text.contains('\0')) return std::nullopt;
  text.copy(copy, text.size());
  IpAddress address;
  if (inet_pton(AF_INET, copy, address.bytes_.data() + v4_prefix.size()) == 1) {
    std::ranges::copy(v4_prefix, address.bytes_.begin());
    return address;
  }
  if (inet_pton(AF_INET6, copy, address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

IpAddress IpAddress::of(const sockaddr& address) {
  IpAddress result;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::ranges::copy(v4_prefix, result.bytes_.begin());
    std::memcpy(result.bytes_.data() + v4_prefix.size(), &v4.sin_addr, sizeof v4.sin_addr);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(result.bytes_.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return result;
}

bool IpAddress::is_v4() const {
  return std::ranges::equal(v4_prefix, bytes_ | std::views::take(v4_prefix.size()));
}

std::string IpAddress::text() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + v4_prefix.size(), text, sizeof text);
  else
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

IpAddress IpAddress::limited_as() const {
  IpAddress result = *this;
  if (!is_v4()) keep_prefix(result.bytes_, 64);
  return result;
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::invalid, std::string{"'"}.append(text).append("' is not a network: ").append(why));
  };
  const auto slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base)
    return refuse("write an address with an optional prefix length, such as 10.0.0.0/8 or 2001:db8::/32");
  IpNetwork network;
  network.base_ = *base;
  if (slash == std::string_view::npos) return network;

  const auto length = text.substr(slash + 1);
  const unsigned length_max = base->is_v4() ? 32 : 128;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (length.empty() || error != std::errc{} || end != length.data() + length.size() || bits > length_max)
    return refuse("the prefix length must be 0 to " + std::to_string(length_max));
  network.prefix_bits_ = bits + (128 - length_max);
  auto bytes = base->bytes();
  keep_prefix(bytes, network.prefix_bits_);
  if (bytes != base->bytes())
    return refuse(
        "bits are set behind the prefix; write the first address of the network, or no prefix length");
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  auto bytes = address.bytes();
  keep_prefix(bytes, prefix_bits_);
  return bytes == base_.bytes();
}

bool TrustedProxies::contains(const IpAddress& address) const {
  return std::ranges::any_of(networks_, [&](const IpNetwork& network) { return network.contains(address); });
}

IpAddress TrustedProxies::client(const IpAddress& peer,
                                 const std::vector<std::string_view>& forwarded_for) const {
  IpAddress client = peer;
  for (std::string_view line : forwarded_for | std::views::reverse) {
    for (bool more = true; more;) {
      const auto comma = line.rfind(',');
      more = comma != std::string_view::npos;
      const auto entry = parse_forwarded(more ? line.substr(comma + 1) : line);
      if (!entry) return peer;
      if (!contains(*entry)) return *entry;
      client = *entry;
      if (more) line = line.substr(0, comma);
    }
  }
  return client;
}

bool AddressAccount::take_connection(std::size_t connections_max) {
  if (connections_.fetch_add(1, std::memory_order_relaxed) < connections_max) return true;
  release_connection();
  return false;
}

std::optional<std::chrono::milliseconds> AddressAccount::take_request(const RequestRate& rate, Time now) {
  using std::chrono::nanoseconds;
  const std::int64_t now_ns = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  const std::int64_t span_ns = std::chrono::duration_cast<nanoseconds>(rate.per).count();
  const std::int64_t each_ns = span_ns / rate.count;
  auto whole_again = whole_again_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const auto next = std::max(whole_again, now_ns) + each_ns;
    if (next - now_ns > span_ns)
      return std::chrono::ceil<std::chrono::milliseconds>(nanoseconds{next - now_ns - span_ns});
    if (whole_again_ns_.compare_exchange_weak(whole_again, next, std::memory_order_relaxed))
      return std::nullopt;
  }
}

bool AddressAccount::idle(Time now) const {
  const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  return connections_.load(std::memory_order_relaxed) == 0 &&
         whole_again_ns_.load(std::memory_order_relaxed) <= now_ns;
}

std::size_t AddressTable::Hash::operator()(const IpAddress& address) const {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size()});
}

std::shared_ptr<AddressAccount> AddressTable::account(const IpAddress& address, AddressAccount::Time now) {
  const auto key = address.limited_as();
  Shard& shard = shards_[(Hash{}(key) >> 7) % shard_count];
  const std::scoped_lock lock{shard.mutex};
  if (const auto found = shard.accounts.find(key); found != shard.accounts.end()) return found->second;
  if (shard.accounts.size() >= accounts_per_shard_max_ && now - shard.swept >= sweep_pause) sweep(shard, now);
  if (shard.accounts.size() >= accounts_per_shard_max_) return nullptr;
  return shard.accounts.emplace(key, std::make_shared<AddressAccount>()).first->second;
}

void AddressTable::sweep(Shard& shard, AddressAccount::Time now) {
  shard.swept = now;
  // Copies of a pointer are made under the shard's lock only: a count of one means that nobody else holds it.
  std::erase_if(shard.accounts,
                [&](const auto& entry) { return entry.second.use_count() == 1 && entry.second->idle(now); });
}

std::size_t AddressTable::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    size += shard.accounts.size();
  }
  return size;
}

}  // namespace leadhub::capture
