#include "verify/verification_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ops/back_off.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::verify {
namespace {

/// Of a canonical address, which ends in its domain as A-labels.
std::string domain_of(const std::string& canonical) {
  return canonical.substr(canonical.rfind('@') + 1);
}

std::string local_part_of(const std::string& canonical) {
  return canonical.substr(0, canonical.rfind('@'));
}

/// What was found out about one address. Where the mail server could not say, the domain's verdict stands.
struct Finding {
  lead::Verdict verdict = lead::Verdict::unknown;
  std::string reason = "stopping";
  std::optional<std::chrono::seconds> retry_after;
};

/// Gathers answers that come on other threads.
class Round : public std::enable_shared_from_this<Round> {
 public:
  Round(std::size_t count, MailboxProbe* probe) : findings_(count), open_(count), probe_(probe) {}

  void take(std::size_t place, const std::string& canonical, const DomainVerdict& verdict) {
    Finding finding{verdict.verdict, std::string{verdict.reason}, verdict.retry_after};
    const bool takes_mail =
        finding.verdict == lead::Verdict::valid || finding.verdict == lead::Verdict::risky;
    if (probe_ == nullptr || !takes_mail) return finish(place, std::move(finding));
    probe_->probe({local_part_of(canonical), domain_of(canonical), verdict.mail_hosts},
                  [self = shared_from_this(), place, finding](const MailboxVerdict& said) mutable {
                    finding.retry_after = said.retry_after;
                    if (said.verdict == lead::Verdict::invalid ||
                        (said.verdict != lead::Verdict::unknown && finding.verdict == lead::Verdict::valid)) {
                      finding.verdict = said.verdict;
                      finding.reason = said.reason;
                    }
                    if (said.reason == "stopping") finding.reason = "stopping";
                    self->finish(place, std::move(finding));
                  });
  }

  [[nodiscard]] std::vector<Finding> wait() {
    std::unique_lock lock{mutex_};
    done_.wait(lock, [this] { return open_ == 0; });
    return std::move(findings_);
  }

 private:
  void finish(std::size_t place, Finding finding) {
    const std::scoped_lock lock{mutex_};
    findings_[place] = std::move(finding);
    if (--open_ == 0) done_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<Finding> findings_;
  std::size_t open_;
  MailboxProbe* probe_;
};

}  // namespace

std::optional<std::chrono::milliseconds> verification_retry(std::int64_t attempts,
                                                            std::chrono::milliseconds first) {
  if (attempts + 1 >= limits::verification_attempts_max) return std::nullopt;
  return ops::back_off(first, limits::verification_retry_max, attempts + 1);
}

VerificationQueue::VerificationQueue(Ports ports, DomainChecker& checker, MailboxProbe* probe,
                                     const Clock& clock)
    : ports_(std::move(ports)), checker_(checker), probe_(probe), clock_(clock) {}

VerificationQueue::~VerificationQueue() {
  stop();
}

void VerificationQueue::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void VerificationQueue::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void VerificationQueue::run(const std::stop_token& stopping) {
  bool failing = false;
  while (!stopping.stop_requested()) {
    const auto taken = step();
    if (!taken && !failing && !stopping.stop_requested())
      log::warning("verify", taken.error().message + " (it goes on by itself)");
    failing = !taken;
    if (taken && *taken > 0) continue;
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::verification_poll, [] { return false; });
  }
}

Result<std::size_t> VerificationQueue::step() {
  const auto due = ports_.leads->due_verifications(clock_.now(), limits::verification_round_max);
  if (!due) return std::unexpected(due.error());
  if (due->empty()) return 0;
  const auto round = std::make_shared<Round>(due->size(), probe_);
  for (std::size_t i = 0; i < due->size(); ++i)
    checker_.check(domain_of((*due)[i].canonical),
                   [round, i, canonical = (*due)[i].canonical](const DomainVerdict& verdict) {
                     round->take(i, canonical, verdict);
                   });
  const auto findings = round->wait();
  lead::VerifyContacts found;
  for (std::size_t i = 0; i < due->size(); ++i) {
    const auto& finding = findings[i];
    if (finding.reason == "stopping") continue;
    lead::VerifiedContact contact;
    contact.canonical = (*due)[i].canonical;
    contact.verdict = finding.verdict;
    contact.reason = finding.reason;
    if (finding.retry_after)
      if (const auto wait = verification_retry((*due)[i].attempts, *finding.retry_after))
        contact.retry_at = clock_.now() + *wait;
    found.contacts.push_back(std::move(contact));
  }
  if (found.contacts.empty()) return 0;
  const auto count = found.contacts.size();
  const auto taken = ports_.act(std::move(found));
  if (!taken) return std::unexpected(taken.error());
  // The pipeline has a backlog: the same addresses are due until it has passed it.
  return *taken ? count : 0;
}

}  // namespace leadhub::verify
