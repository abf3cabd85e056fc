#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "capture/event_check.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/poll_port.hpp"
#include "ops/clock.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// What an entry of the log has for a method where its events came by polling.
inline constexpr std::string_view poll_method = "POLL";

/// Polls one channel, again and again, on a thread of its own: one that is slow stops no other.
///
/// Events and cursor are committed together by the inbox's writer, and each poll goes on from the cursor that
/// is on disk. So whatever the process dies of, nothing is lost, and what is read twice is known by its keys.
///
/// An event that could not be processed is kept by itself, as an unreadable entry, and stops nothing.
///
/// After a failure it waits longer each time, with jitter, so that many hubs do not come back at once; where
/// an operator has to mend something, it waits long at once. While the inbox is full it does not poll.
class Poller {
 public:
  struct Ports {
    std::unique_ptr<PollPort> channel;
    std::unique_ptr<store::InboxReader> inbox;
    std::function<bool()> is_overloaded;  ///< whether an entry would have to wait
  };

  struct Statistics {
    std::string channel;
    std::uint64_t polls = 0;     ///< that found what there was, even where that was nothing
    std::uint64_t failures = 0;  ///< of the channel or of the inbox
    std::uint64_t put_off = 0;   ///< because the inbox was full
    std::uint64_t events = 0;
    std::uint64_t unreadable = 0;  ///< events that were none
    std::uint64_t failures_in_a_row = 0;
    std::optional<TimePoint> succeeded_at{};
    std::string failure{};  ///< the latest, while it lasts
  };

  /// `writer` and `clock` outlive it.
  Poller(Ports ports, InboxWriter& writer, EventRules rules, std::chrono::milliseconds every,
         const Clock& clock);
  ~Poller();

  void start();
  /// Ends after the poll that is under way: at once where the plugin asks the host whether it is stopping,
  /// else limits::poll_deadline at most.
  void stop();
  /// Begins to end; for stopping several at once.
  void request_stop();

  /// One poll, and when the next is due. What the thread does again and again; for tests, which call it
  /// without start().
  TimePoint step();

  [[nodiscard]] const std::string& name() const { return ports_.channel->name(); }
  [[nodiscard]] Statistics statistics() const;

 private:
  void run(const std::stop_token& stopping);
  [[nodiscard]] Result<void> commit(Poll poll);
  [[nodiscard]] Result<void> keep_unreadable(std::string document, const Error& why);
  [[nodiscard]] TimePoint succeeded(std::optional<std::chrono::milliseconds> wait);
  [[nodiscard]] TimePoint failed(const PollFailure& failure);
  [[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds wait);

  Ports ports_;
  InboxWriter& writer_;
  EventRules rules_;
  std::chrono::milliseconds every_;
  const Clock& clock_;
  std::minstd_rand random_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  Statistics statistics_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace leadhub::capture
