#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "lead/action.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::pipeline {

/// Has leads looked at again when their time has come though nothing happens to them: points have faded to a
/// line, a rule on an event ends, nobody has answered, somebody is back. What is due is asked of an index, so
/// that the cost depends on what is due and not on how many leads there are; each batch of it is a logged
/// action, so that the pipeline stays the only writer.
///
/// One thread inside looks every limits::due_poll; it reads with a connection of its own.
class DueLeads {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Logs the action and waits for it; false: it is logged and not done yet. As control::Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };

  DueLeads(Ports ports, const Clock& clock) : ports_(std::move(ports)), clock_(clock) {}
  ~DueLeads() { stop(); }

  void start();
  void stop();

  /// Looks at all leads that are due now; how many those were. Stops early where the pipeline cannot keep up,
  /// or `stopping` says so. Called by start()'s thread, or by whoever moves the clock.
  [[nodiscard]] Result<std::size_t> sweep(const std::stop_token& stopping = {});
  /// When the next lead is due; nullopt: none is, ever.
  [[nodiscard]] Result<std::optional<TimePoint>> next_due();

 private:
  void run(const std::stop_token& stopping);

  Ports ports_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace leadhub::pipeline
