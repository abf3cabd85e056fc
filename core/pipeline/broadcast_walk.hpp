#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "lead/action.hpp"
#include "lead/condition.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::pipeline {

/// Asks every lead whether a broadcast that has begun is for them, a page of leads at a time, and tells which
/// subject did best when it is time to. Each page is a logged action, so that the pipeline stays the only
/// writer, and a walk that is interrupted goes on where it was. Leads who come while it walks are asked, too.
///
/// Nothing is asked for a broadcast that is paused. One whose segment is not in hub.yaml any more waits, and
/// the log says so once.
///
/// One thread inside looks every limits::broadcast_poll; it reads with a connection of its own.
class BroadcastWalk {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Logs the action and waits for it; false: it is logged and not done yet. As control::Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
    /// The condition of the segment now in force; nullopt: there is none of that name.
    std::function<std::optional<lead::Condition>(const std::string& segment)> find_segment;
  };

  BroadcastWalk(Ports ports, const Clock& clock) : ports_(std::move(ports)), clock_(clock) {}
  ~BroadcastWalk() { stop(); }

  void start();
  void stop();

  /// Does what is due now; how many pages were asked. Stops early where the pipeline cannot keep up, or
  /// `stopping` says so. Called by start()'s thread, or by whoever moves the clock.
  [[nodiscard]] Result<std::size_t> sweep(const std::stop_token& stopping = {});

 private:
  void run(const std::stop_token& stopping);
  /// Whether leads are to be asked for it now.
  [[nodiscard]] Result<bool> is_due(const lead::StoredBroadcast& stored);
  /// Asks one page; false: it is logged and not done yet, or there is nothing to ask by.
  [[nodiscard]] Result<bool> ask_page(const lead::StoredBroadcast& stored);
  [[nodiscard]] Result<void> decide_if_due(const lead::StoredBroadcast& stored);

  Ports ports_;
  const Clock& clock_;
  std::set<std::string> complained_of_;  ///< broadcasts without a segment
  /// Of each, from where the last page was asked, and when.
  std::map<std::string, std::pair<std::string, TimePoint>> pending_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace leadhub::pipeline
