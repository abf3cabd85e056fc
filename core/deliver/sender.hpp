#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "deliver/courier.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"
#include "store/lead_store.hpp"

namespace leadhub::deliver {

/// Takes due messages from the outbox and gives them to the courier. A hub has a sender for mails, one for
/// chat replies and one for each destination, so that nobody who waits in a chat waits for a slow mail
/// server, and a destination that hangs delays no other.
///
/// Each message is marked as attempted, on disk, before the courier sees it. What comes of it is written
/// back: sent, failed, or to be tried again after a wait. A destination that says never to come again is
/// disabled, and its messages wait. Where nobody can know
/// whether it went out, because the courier says so or because the process ended, it becomes what
/// lead::state_where_unknown says: a mail that asks to confirm is tried again with the same Message-ID, a
/// chat reply is not.
///
/// No message goes to a suppressed address, and none that needs a consent without it. What the log has taken
/// back and the pipeline has not read yet counts too: it is asked for just before each message leaves, so
/// that from the answer to a complaint or an erasure on none leaves, however far the pipeline lags.
///
/// While sending is paused it takes nothing. A pause that comes while messages are being attempted holds from
/// the next one on: those that no courier has seen are queued again as they were.
class Sender {
 public:
  using StoreTask = std::function<Result<void>(store::LeadStore&)>;

  struct Ports {
    /// Runs a task on the thread that may write the lead store.
    std::function<Result<void>(StoreTask)> with_store;
    std::unique_ptr<store::LeadReader> leads;
    std::unique_ptr<store::InboxReader> inbox;
    /// The keyed hash by which withdrawals and suppressions know a canonical address.
    std::function<std::string(std::string_view canonical)> hash_address;
    /// The mailbox or its domain does not exist, so that no mail must go there again. Empty: nobody keeps
    /// that.
    std::function<void(const lead::Message&)> on_bounce{};
    /// The first moment from now on at which the message may leave. Empty: always.
    std::function<TimePoint(const lead::Message&, TimePoint now)> may_leave_at{};
  };

  struct Statistics {
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
    std::uint64_t retried = 0;
    std::uint64_t withheld = 0;
    std::uint64_t unknown = 0;  ///< of those that are not sent again
  };

  /// `courier` and `clock` outlive it.
  Sender(Ports ports, Courier& courier, const Clock& clock);
  ~Sender();

  /// Recovers what an earlier process left and starts the thread.
  void start();
  /// The messages that no courier has seen yet stay in the outbox as they are. Returns at once.
  void request_stop() { is_ending_ = true; }
  /// Ends after the message that is being handed over.
  void stop();
  /// Takes what is due now; how many messages that were. What the thread does again and again; for tests,
  /// which call it without start().
  [[nodiscard]] Result<std::size_t> step();
  [[nodiscard]] Statistics statistics() const;

 private:
  void run(const std::stop_token& stopping);
  class Batch;
  /// Why it must not go; empty: it may.
  [[nodiscard]] Result<std::string> objection(const lead::Message& message);
  /// How many of them it attempted before sending was paused.
  [[nodiscard]] Result<std::size_t> attempt_all(std::span<lead::Message> messages);
  [[nodiscard]] Result<void> write_back();
  void report_bounce(const lead::Message& message);
  void withhold(lead::Message& message, const std::string& why);
  void settle(lead::Message& message, const DeliveryResult& result);
  void put_off(lead::Message& message, std::chrono::milliseconds asked_for);
  void give_up(lead::Message& message);
  /// Why some of them must not go, and up to where in the log that is true.
  [[nodiscard]] Result<void> look_up(store::LeadStore& store, std::span<const lead::Message> messages);
  [[nodiscard]] Result<void> look_up_suppressions(store::LeadStore& store,
                                                  std::span<const lead::Message> messages);
  [[nodiscard]] Result<void> look_up_journeys(store::LeadStore& store,
                                              std::span<const lead::Message> messages);
  [[nodiscard]] Result<void> look_up_consents(store::LeadStore& store,
                                              std::span<const lead::Message> messages);

  Ports ports_;
  Courier& courier_;
  const Clock& clock_;
  std::vector<lead::Message> attempted_;               ///< and not yet written back
  std::optional<lead::DisabledDestination> disabled_;  ///< and not yet written back
  std::map<std::string, std::string> objections_;      ///< to leased messages, by id
  std::size_t group_;                                  ///< how many to take at once
  std::atomic<bool> is_ending_{false};
  std::int64_t read_up_to_ = 0;  ///< the entry of the log up to which `objections_` is true

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  Statistics statistics_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace leadhub::deliver
