#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ops/error.hpp"
#include "ops/limits.hpp"
#include "verify/dns_answer.hpp"

namespace leadhub::verify {

/// hub.yaml's `verify.dns`, but for its cache.
struct DnsSettings {
  /// "127.0.0.1", "127.0.0.1:5353", "[::1]:5353"; limits::dns_servers_max at most. None: those of the
  /// system's resolv.conf, as it is at the start. They should be recursive.
  std::vector<std::string> servers;
  /// From question to verdict, over all tries and servers; 100 ms to limits::dns_timeout_ceiling.
  std::chrono::milliseconds timeout = limits::dns_timeout_default;
};

struct DnsStatistics {
  std::uint64_t asked = 0;      ///< questions handed to c-ares
  std::uint64_t timed_out = 0;  ///< of those
  std::uint64_t failed = 0;     ///< of those; refused questions too
  std::uint64_t in_flight = 0;  ///< now
  std::uint64_t waiting = 0;    ///< now, behind limits::dns_questions_in_flight_max
};

/// Called once a question. It must not throw and must not block: the next answers wait behind it.
using DnsDone = std::move_only_function<void(DnsAnswer)>;

/// Asks name servers without making anybody wait. One thread of its own runs c-ares, which matches an answer
/// to its question by server, id, name and type, asks again over TCP where an answer was cut, tries the next
/// server where one fails, and bounds what it reads by the 64 KiB of a TCP message; read_dns_answer() makes
/// sense of the bytes. Neither search domains nor /etc/hosts nor HOSTALIASES are looked at: a mail domain is
/// a full name.
///
/// Nothing is cached here: that is DomainChecker's, which knows what an answer is for.
///
/// Any thread may ask, callbacks too.
class DnsResolver {
 public:
  /// invalid: a server that is no address, too many of them, a timeout out of range. io: no thread, no
  /// memory.
  [[nodiscard]] static Result<std::unique_ptr<DnsResolver>> start(const DnsSettings& settings);

  /// As stop().
  ~DnsResolver();
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;

  /// `done` is called on the resolver's thread, once. Where the queue is full (`failed`, "too many
  /// questions") or the resolver stopped (`stopped`) it is called here, before the return.
  void ask(std::string name, DnsType type, DnsDone done);

  /// Gives each open question its `stopped` and returns when no callback runs any more. Any thread but a
  /// callback's; the second call returns at once.
  void stop();

  /// Any thread, any time.
  [[nodiscard]] DnsStatistics statistics() const;

 private:
  class Implementation;
  explicit DnsResolver(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::verify
