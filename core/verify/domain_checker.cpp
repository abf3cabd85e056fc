#include "verify/domain_checker.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "verify/domain_cache.hpp"

namespace leadhub::verify {
namespace {

using std::chrono::seconds;

void lower_in_place(std::string& text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
}

DomainVerdict not_a_domain() {
  DomainVerdict out;
  out.verdict = lead::Verdict::invalid;
  out.reason = "not_a_domain";
  out.cache_for = limits::dns_cache_default;
  return out;
}

DomainVerdict with_what_is_left(DomainVerdict verdict, std::chrono::milliseconds left) {
  const auto rounded_up = std::chrono::ceil<seconds>(left);
  verdict.cache_for = rounded_up;
  if (verdict.retry_after) verdict.retry_after = std::min(*verdict.retry_after, rounded_up);
  return verdict;
}

}  // namespace

class DomainChecker::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(DnsResolver& resolver, const Clock& clock, DomainCheckerSettings settings)
      : resolver_(resolver), clock_(clock), settings_(settings), cache_(settings.domains_cached_max) {}

  void check(std::string domain, DomainDone done) {
    lower_in_place(domain);
    std::unique_lock lock{mutex_};
    ++statistics_.asked;
    if (auto known = answer_without_asking(domain)) {
      lock.unlock();
      return done(std::move(*known));
    }
    const auto [waiting, first] = waiting_.try_emplace(domain);
    waiting->second.push_back(std::move(done));
    ++callers_waiting_;
    if (!first) ++statistics_.joined;
    lock.unlock();
    if (first) ask_for_exchangers(std::move(domain));
  }

  void stop() {
    std::unordered_map<std::string, Callers> left;
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
      left = std::exchange(waiting_, {});
      callers_waiting_ = 0;
    }
    for (auto& [domain, callers] : left)
      for (DomainDone& done : callers) done(unknown_domain("stopping"));
  }

  [[nodiscard]] DomainStatistics statistics() const {
    const std::lock_guard lock{mutex_};
    DomainStatistics now = statistics_;
    now.cached = cache_.size();
    now.waiting = callers_waiting_;
    return now;
  }

 private:
  using Callers = std::vector<DomainDone>;

  /// The answers of A, AAAA and TXT come one after the other on the resolver's thread, so they need no lock.
  struct SecondRound {
    DomainAnswers answers;
    int missing = 3;
  };

  /// Under the lock.
  std::optional<DomainVerdict> answer_without_asking(const std::string& domain) {
    if (stopping_) return unknown_domain("stopping");
    if (!is_domain(domain)) return not_a_domain();
    const TimePoint now = clock_.now();
    if (const auto* kept = cache_.find(domain, now)) {
      ++statistics_.cache_hits;
      return with_what_is_left(kept->value, kept->until - now);
    }
    if (callers_waiting_ < limits::domain_checks_waiting_max) return std::nullopt;
    ++statistics_.refused;
    return unknown_domain("too_busy");
  }

  void ask_for_exchangers(std::string domain) {
    resolver_.ask(domain, DnsType::mx, [self = shared_from_this(), domain](DnsAnswer mx) mutable {
      if (needs_addresses(mx)) return self->ask_for_addresses(std::move(domain), std::move(mx));
      self->finish(domain, {std::move(mx), {}, {}, {}});
    });
  }

  void ask_for_addresses(std::string domain, DnsAnswer mx) {
    const auto round = std::make_shared<SecondRound>();
    round->answers.mx = std::move(mx);
    const auto ask = [&](DnsType type, std::optional<DnsAnswer> DomainAnswers::*place) {
      resolver_.ask(domain, type, [self = shared_from_this(), domain, round, place](DnsAnswer answer) {
        round->answers.*place = std::move(answer);
        if (--round->missing == 0) self->finish(domain, round->answers);
      });
    };
    ask(DnsType::a, &DomainAnswers::a);
    ask(DnsType::aaaa, &DomainAnswers::aaaa);
    ask(DnsType::txt, &DomainAnswers::txt);
  }

  void finish(const std::string& domain, const DomainAnswers& answers) {
    const DomainVerdict verdict = judge_domain(domain, answers, settings_.cache);
    Callers callers;
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) return;
      if (verdict.reason == "dns_timeout") ++statistics_.timeouts;
      if (verdict.reason == "dns_failure") ++statistics_.failures;
      if (verdict.cache_for > seconds{0}) cache_.put(domain, verdict, clock_.now() + verdict.cache_for);
      if (auto waiting = waiting_.extract(domain)) callers = std::move(waiting.mapped());
      callers_waiting_ -= callers.size();
    }
    for (DomainDone& done : callers) done(verdict);
  }

  DnsResolver& resolver_;
  const Clock& clock_;
  const DomainCheckerSettings settings_;

  mutable std::mutex mutex_;  // guards what follows
  DomainCache<DomainVerdict> cache_;
  std::unordered_map<std::string, Callers> waiting_;
  std::size_t callers_waiting_ = 0;
  DomainStatistics statistics_;
  bool stopping_ = false;
};

DomainChecker::DomainChecker(DnsResolver& resolver, const Clock& clock, DomainCheckerSettings settings)
    : implementation_(std::make_shared<Implementation>(resolver, clock, settings)) {}

DomainChecker::~DomainChecker() {
  stop();
}

void DomainChecker::check(std::string domain, DomainDone done) {
  implementation_->check(std::move(domain), std::move(done));
}

void DomainChecker::stop() {
  implementation_->stop();
}

DomainStatistics DomainChecker::statistics() const {
  return implementation_->statistics();
}

}  // namespace leadhub::verify
