#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "capture/channel_port.hpp"
#include "capture/event_check.hpp"
#include "capture/inbox_writer.hpp"
#include "ops/clock.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// Follows up the requests of one channel, in a thread of its own, so that a slow service holds up nobody
/// else.
///
/// At least once for each request: what it brought and the fact that it is done are committed together, so
/// whatever ends the process before that commit means another run. A failure that may pass is tried again
/// after a wait that doubles with each try; one that stays is given up and shows in `leadhub inbox show`.
class FollowUpWorker {
 public:
  struct Statistics {
    std::uint64_t done = 0;
    std::uint64_t retried = 0;
    std::uint64_t failed = 0;
  };

  /// `is_held`, where it is given: whether everything waits for now. It is asked before each run, from the
  /// worker's thread. `inbox` and `clock` outlive the worker.
  FollowUpWorker(std::shared_ptr<ChannelPort> channel, std::unique_ptr<store::InboxReader> reader,
                 InboxWriter& inbox, EventRules rules, const Clock& clock,
                 std::function<bool()> is_held = {});
  ~FollowUpWorker();

  void start();
  /// Ends after the run under way.
  void stop();
  /// There may be something to do. Thread-safe.
  void notify();

  /// Follows up what is due now; how many requests that were. What the thread does again and again; for
  /// tests, without it.
  [[nodiscard]] Result<std::size_t> step(const std::stop_token& stopping = {});

  [[nodiscard]] const std::string& channel() const { return channel_->name(); }
  [[nodiscard]] Statistics statistics() const;

 private:
  void run(const std::stop_token& stopping);
  [[nodiscard]] Result<void> follow_up(const store::FollowUpResult& due);
  [[nodiscard]] Result<store::DraftEntry> outcome(const store::FollowUpResult& due, FollowUp result,
                                                  TimePoint received_at);
  void count(store::FollowUpResult::State state);

  std::shared_ptr<ChannelPort> channel_;
  std::unique_ptr<store::InboxReader> reader_;
  InboxWriter& inbox_;
  EventRules rules_;
  const Clock& clock_;
  std::function<bool()> is_held_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  bool is_told_ = false;   ///< guarded by mutex_
  Statistics statistics_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace leadhub::capture
