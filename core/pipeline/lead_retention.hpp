#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "lead/action.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::pipeline {

/// Erases the leads that nothing has been heard of for too long (`store.keep_leads`), one after the other,
/// each as the logged action that `leadhub leads erase` is. A sign that comes before the action in the log
/// saves them.
///
/// One thread inside looks every limits::retention_interval; it reads with a connection of its own.
class LeadRetention {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Logs the action and waits for it; false: it is logged and not done yet. As control::Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };

  LeadRetention(Ports ports, std::chrono::milliseconds keep_leads, const Clock& clock)
      : ports_(std::move(ports)), keep_leads_(keep_leads), clock_(clock) {}
  ~LeadRetention() { stop(); }

  void start();
  void stop();

  /// Looks at all leads once; returns how many it had erased. Stops early where the pipeline cannot keep up,
  /// or `stopping` says so: who is left is found the next time. Called by start()'s thread, or by a test.
  [[nodiscard]] Result<std::size_t> sweep(const std::stop_token& stopping = {});

 private:
  void run(const std::stop_token& stopping);

  Ports ports_;
  std::chrono::milliseconds keep_leads_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace leadhub::pipeline
