#include "verify/verification_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::verify {
namespace {

/// Of a canonical address, which ends in its domain as A-labels.
std::string domain_of(const std::string& canonical) {
  return canonical.substr(canonical.rfind('@') + 1);
}

/// Gathers answers that come on other threads.
struct Round {
  std::mutex mutex;
  std::condition_variable done;
  std::vector<DomainVerdict> verdicts;
  std::size_t open = 0;
};

}  // namespace

std::optional<std::chrono::milliseconds> verification_retry(std::int64_t attempts,
                                                            std::chrono::milliseconds first) {
  if (attempts + 1 >= limits::verification_attempts_max) return std::nullopt;
  const auto doublings = std::clamp<std::int64_t>(attempts, 0, 20);
  return std::min<std::chrono::milliseconds>(first * (std::int64_t{1} << doublings),
                                             limits::verification_retry_max);
}

VerificationQueue::VerificationQueue(Ports ports, DomainChecker& checker, const Clock& clock)
    : ports_(std::move(ports)), checker_(checker), clock_(clock) {}

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

std::vector<DomainVerdict> VerificationQueue::ask(const std::vector<store::DueVerification>& due) {
  const auto round = std::make_shared<Round>();
  round->verdicts.resize(due.size());
  round->open = due.size();
  for (std::size_t i = 0; i < due.size(); ++i)
    checker_.check(domain_of(due[i].canonical), [round, i](DomainVerdict verdict) {
      const std::scoped_lock lock{round->mutex};
      round->verdicts[i] = std::move(verdict);
      if (--round->open == 0) round->done.notify_one();
    });
  std::unique_lock lock{round->mutex};
  round->done.wait(lock, [&] { return round->open == 0; });
  return std::move(round->verdicts);
}

Result<std::size_t> VerificationQueue::step() {
  const auto due = ports_.leads->due_verifications(clock_.now(), limits::verification_round_max);
  if (!due) return std::unexpected(due.error());
  if (due->empty()) return 0;
  const auto verdicts = ask(*due);
  lead::VerifyContacts found;
  for (std::size_t i = 0; i < due->size(); ++i) {
    const auto& verdict = verdicts[i];
    if (verdict.reason == "stopping") continue;
    lead::VerifiedContact contact;
    contact.canonical = (*due)[i].canonical;
    contact.verdict = verdict.verdict;
    contact.reason = verdict.reason;
    if (verdict.retry_after)
      if (const auto wait = verification_retry((*due)[i].attempts, *verdict.retry_after))
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
