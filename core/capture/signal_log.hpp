#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "capture/inbox_writer.hpp"
#include "capture/signal_trust.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/key_ring.hpp"
#include "store/message_reader.hpp"

namespace leadhub::capture {

/// A request that a link or the picture of a mail has brought.
struct Signal {
  SignalKind kind = SignalKind::click;
  std::string message_id;
  std::string url;  ///< of a click
  std::string method;
  std::string user_agent;
  bool is_prefetch = false;
  TimePoint at{};
};

/// Holds signals until it is known what came with them, judges them and logs each, with its judgement, as
/// something that the mail's lead did (lead::RecordSignal).
///
/// All signals of one message are held from the first for limits::signal_window, and judged together. Of a
/// message, a kind, a link and a judgement there is one event a day, however often it happens: by its key in
/// the log, so across restarts, too. What is held is in memory alone: stop() logs it, a killed process loses
/// it. A message that is not there any more, since its lead was erased, gives none.
///
/// Thread-safe. One thread inside looks every limits::signal_poll; it reads with a connection of its own.
class SignalLog {
 public:
  struct Statistics {
    std::uint64_t human = 0;  ///< logged, by judgement, repetitions included
    std::uint64_t scanner = 0;
    std::uint64_t unknown = 0;
    std::uint64_t dropped = 0;  ///< too many were held, or none could be logged until the hub stopped
    std::size_t held = 0;
  };

  /// All references outlive it.
  SignalLog(std::unique_ptr<store::MessageReader> messages, InboxWriter& inbox, const ops::KeyRing& keys,
            const Clock& clock)
      : messages_(std::move(messages)), inbox_(inbox), keys_(keys), clock_(clock) {}
  ~SignalLog() { stop(); }
  SignalLog(const SignalLog&) = delete;
  SignalLog& operator=(const SignalLog&) = delete;

  void start();
  /// Ends the thread, and logs what is held, judged by what is known.
  void stop();

  /// Holds it. Does not wait for anything but a mutex.
  void take(Signal signal);

  /// Logs what has been held for long enough. Where that fails, all of it is held on. Called by start()'s
  /// thread, or by whoever moves the clock. Error: the outbox could not be read, or the log not be written.
  [[nodiscard]] Result<void> log_due();

  [[nodiscard]] Statistics statistics() const;

 private:
  using Signals = std::vector<Signal>;  ///< of one message, the first first
  using ByMessage = std::map<std::string, Signals>;
  struct Judged {
    std::string channel;
    store::DraftEvent event;
    lead::SignalTrust trust = lead::SignalTrust::unknown;
  };

  void run(const std::stop_token& stopping);
  [[nodiscard]] Result<void> log(const ByMessage& groups);
  [[nodiscard]] Result<std::vector<Judged>> judged(const ByMessage& groups);
  [[nodiscard]] Judged judged(const lead::Message& message, const Signal& signal,
                              std::size_t links_at_once) const;
  [[nodiscard]] Result<void> append(std::span<Judged> signals);
  void hold_on(ByMessage groups);

  std::mutex reading_;
  std::unique_ptr<store::MessageReader> messages_;  ///< guarded by reading_
  InboxWriter& inbox_;
  const ops::KeyRing& keys_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  ByMessage held_;              ///< guarded by mutex_
  std::size_t held_count_ = 0;  ///< guarded by mutex_
  Statistics statistics_;       ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace leadhub::capture
