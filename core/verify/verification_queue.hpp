#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "lead/action.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"
#include "verify/domain_checker.hpp"
#include "verify/mailbox_probe.hpp"

namespace leadhub::verify {

/// Asks DNS about the addresses that wait for it, and mail servers where that is wished, and logs what they
/// said: the pipeline takes the verdicts from there like any event. Takes one round at a time: what is due,
/// then all answers, then one entry of the log, then the pipeline's progress past it. So nothing is asked
/// twice, and whatever the process was doing when it ended is due again at the next start.
class VerificationQueue {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Appends to the log and waits until the pipeline has taken it. False: not yet.
    std::function<Result<bool>(const lead::Action&)> act;
  };

  /// `checker`, `probe` and `clock` outlive it. `probe`: null where mail servers are not asked.
  VerificationQueue(Ports ports, DomainChecker& checker, MailboxProbe* probe, const Clock& clock);
  ~VerificationQueue();

  void start();
  /// The checker must still run, or be stopped already: both end what is waited for.
  void stop();

  /// One round; how many addresses. What the thread does again and again; for tests, which call it without
  /// start().
  [[nodiscard]] Result<std::size_t> step();

 private:
  void run(const std::stop_token& stopping);
  Ports ports_;
  DomainChecker& checker_;
  MailboxProbe* probe_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::jthread thread_;
};

/// When to ask again after an `unknown`: as long as the verdict says, doubled with each try, up to a bound;
/// nullopt after so many tries that it is left at that.
[[nodiscard]] std::optional<std::chrono::milliseconds> verification_retry(std::int64_t attempts,
                                                                          std::chrono::milliseconds first);

}  // namespace leadhub::verify
