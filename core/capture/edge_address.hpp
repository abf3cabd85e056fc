#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/error.hpp"

struct sockaddr;

/// Who is asking: addresses, the proxies that may speak for others, and what one address may use up.
namespace leadhub::capture {

/// An IPv4 or IPv6 address. IPv4 is kept as its IPv4-mapped IPv6 form, so that 192.0.2.1 and ::ffff:192.0.2.1
/// (what a socket that listens on both families sees) are the same client.
class IpAddress {
 public:
  /// The textual forms of inet_pton, without brackets, port or zone.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  /// Of AF_INET or AF_INET6; any other family gives ::.
  [[nodiscard]] static IpAddress of(const sockaddr& address);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_v4() const;

  /// The address itself for IPv4, its /64 for IPv6: a home or a rented server gets a whole /64, so anything
  /// finer limits nobody.
  [[nodiscard]] IpAddress limited_as() const;

  bool operator==(const IpAddress&) const = default;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// A network in CIDR notation, or one address.
class IpNetwork {
 public:
  /// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1". invalid: not a network, a prefix length out of range, or
  /// bits set behind the prefix (most often a typing error, so the message names the network that was
  /// probably meant).
  [[nodiscard]] static Result<IpNetwork> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  unsigned prefix_bits_ = 128;  ///< counted in the IPv6 form: IPv4's /8 is 104 here
};

/// The proxies that are believed when they say who the client was.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  explicit TrustedProxies(std::vector<IpNetwork> networks) : networks_(std::move(networks)) {}

  [[nodiscard]] bool contains(const IpAddress& address) const;

  /// The client of a request that came from `peer`, a trusted proxy: the right-most X-Forwarded-For entry
  /// that is not itself a trusted proxy, since everything left of that may be forged; the left-most entry
  /// where all are trusted. `forwarded_for` holds the header's lines in their order. Entries are an address,
  /// an IPv4 address with a port, or a bracketed IPv6 address with or without one. Where an entry on the way
  /// is none of these, or there is none, the answer is `peer`.
  [[nodiscard]] IpAddress client(const IpAddress& peer,
                                 const std::vector<std::string_view>& forwarded_for) const;

 private:
  std::vector<IpNetwork> networks_;
};

/// So many a span of time.
struct RequestRate {
  std::uint32_t count = 1;  ///< at least 1
  std::chrono::milliseconds per{1};
};

/// What one address uses. Handed out by AddressTable; any thread.
class AddressAccount {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Takes one connection if fewer than `connections_max` are open; give it back with release_connection().
  [[nodiscard]] bool take_connection(std::size_t connections_max);
  void release_connection() { connections_.fetch_sub(1, std::memory_order_relaxed); }

  /// Counts one request. nullopt where the rate allows it, else how long until it would: a request that is
  /// refused counts nothing. The rate is kept as the one instant at which the allowance is whole again (the
  /// generic cell rate algorithm): `count` may come at once, then one every per/count, and no lock is needed.
  [[nodiscard]] std::optional<std::chrono::milliseconds> take_request(const RequestRate& rate, Time now);

  /// Whether forgetting this account changes nothing.
  [[nodiscard]] bool idle(Time now) const;

 private:
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<std::int64_t> whole_again_ns_ = 0;
};

/// The accounts by address, bounded in number, lost on restart by design. Thread-safe; locked once a
/// connection (once a request behind a trusted proxy), in one of several shards.
class AddressTable {
 public:
  explicit AddressTable(std::size_t accounts_max) : accounts_per_shard_max_(accounts_max / shard_count + 1) {}

  /// The account of `address` (of its /64). When the table is full of accounts in use there is none: nullptr,
  /// and the caller goes on without a limit by address. That many active addresses are not one sender, and to
  /// refuse every new one would finish the attacker's work; the limits on all connections still hold.
  [[nodiscard]] std::shared_ptr<AddressAccount> account(const IpAddress& address, AddressAccount::Time now);

  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t shard_count = 16;

  struct Hash {
    std::size_t operator()(const IpAddress& address) const;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<IpAddress, std::shared_ptr<AddressAccount>, Hash> accounts;
    AddressAccount::Time swept{};
  };

  static void sweep(Shard& shard, AddressAccount::Time now);

  std::size_t accounts_per_shard_max_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace leadhub::capture
