#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ops/clock.hpp"
#include "ops/limits.hpp"
#include "verify/dns_resolver.hpp"
#include "verify/domain_verdict.hpp"

namespace leadhub::verify {

struct DomainCheckerSettings {
  /// hub.yaml's `verify.dns.cache`: the longest that an answer is kept, whatever its TTL says.
  std::chrono::seconds cache = limits::dns_cache_default;
  std::size_t domains_cached_max = limits::domains_cached_max;  ///< the least recently used goes first
};

struct DomainStatistics {
  std::uint64_t asked = 0;       ///< calls of check()
  std::uint64_t cache_hits = 0;  ///< answered from the cache
  std::uint64_t joined = 0;      ///< waited for a question that was under way already
  std::uint64_t timeouts = 0;    ///< domains that came to dns_timeout
  std::uint64_t failures = 0;    ///< domains that came to dns_failure
  std::uint64_t refused = 0;     ///< too_busy
  std::uint64_t cached = 0;      ///< domains kept now
  std::uint64_t waiting = 0;     ///< callers now
};

/// Called once a check. It must not throw and must not block.
using DomainDone = std::move_only_function<void(DomainVerdict)>;

/// Whether domains take mail, asked once each: callers that ask for a domain whose questions are under way
/// share their answer, and later ones get it from the cache for as long as it holds (judge_domain says how
/// long). MX first; A, AAAA and TXT together where there is none. Two rounds at most, so two timeouts.
///
/// How the hub uses it. The pipeline is offline and repeatable, so it never calls this. A verification queue
/// beside it looks for contact points whose verdict on the domain is missing or due (`retry_after` of an
/// `unknown`, with a growing wait; `cache_for` of the others), calls check() for each, and appends verdict,
/// reason and mail hosts to the inbox as a logged event; the pipeline takes them from there like any other.
/// `done` is the place for the append: the inbox's writer queues, so nothing blocks. On the way down the
/// queue stops first, then the checker, then the resolver; `stopping` verdicts are not appended, because
/// their contact points are still due at the next start.
///
/// Thread-safe. The clock tells how old an answer is; c-ares waits by the steady clock.
class DomainChecker {
 public:
  /// `resolver` and `clock` must outlive the checker.
  DomainChecker(DnsResolver& resolver, const Clock& clock, DomainCheckerSettings settings = {});

  /// As stop().
  ~DomainChecker();
  DomainChecker(const DomainChecker&) = delete;
  DomainChecker& operator=(const DomainChecker&) = delete;

  /// `domain` as A-labels in any case; anything else is not_a_domain. `done` is called either here, before
  /// the return (from the cache, not_a_domain, too_busy, stopping), or on the resolver's thread. It may call
  /// check(). From the cache, `cache_for` and `retry_after` are what is left of them.
  void check(std::string domain, DomainDone done);

  /// Gives each caller that still waits an unknown (`stopping`), here. Later checks get the same. Answers
  /// that come after it are dropped, so the resolver may go on or stop as it likes.
  void stop();

  /// Any thread, any time.
  [[nodiscard]] DomainStatistics statistics() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;  // questions under way hold it too
};

}  // namespace leadhub::verify
