#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "ops/error.hpp"
#include "report/objective.hpp"

namespace leadhub::app {

/// Watches over the lead times of channels that have an objective (`report.objectives`). When a channel
/// begins to miss its own, the log has one warning, and when it meets it again one notice; in between it is
/// silent. After a start a channel that misses its objective is warned of again.
///
/// One thread inside looks at the start and then every limits::objective_poll.
class LeadTimeWatch {
 public:
  /// How the channels stand now, as control::Reports::standings says.
  using Standings = std::function<Result<std::vector<report::Standing>>()>;

  explicit LeadTimeWatch(Standings standings) : standings_(std::move(standings)) {}
  ~LeadTimeWatch() { stop(); }

  void start();
  void stop();

  /// What was said of a channel: it begins, or ends, to miss its objective.
  struct Change {
    std::string channel;
    bool is_missed = false;
  };
  /// Looks once and logs what has changed. Called by start()'s thread, or by a test.
  [[nodiscard]] Result<std::vector<Change>> look();

  /// As it was at the last look. Thread-safe.
  [[nodiscard]] std::vector<report::Standing> latest() const;

 private:
  void run(const std::stop_token& stopping);

  Standings standings_;
  std::set<std::string> missed_;  ///< the channels that were warned of
  mutable std::mutex mutex_;
  std::vector<report::Standing> latest_;  ///< guarded by mutex_
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace leadhub::app
