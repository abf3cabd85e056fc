#pragma once

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
#include <utility>
#include <vector>

#include "deliver/mail_transport.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"
#include "store/lead_store.hpp"

namespace leadhub::deliver {

/// Takes due messages from the outbox and hands them to the transport.
///
/// Each message is marked as attempted, on disk, before the transport sees it. What the transport then says
/// is written back: sent, failed, or to be tried again after a wait that doubles with each try. A message
/// that was being attempted when the process ended is tried again with the same Message-ID: this is for
/// transactional mails, of which two are better than none.
///
/// No mail goes to a suppressed address. What the log has taken back and the pipeline has not read yet counts
/// too: it is asked for just before each mail, so that from the answer to a complaint on none leaves, however
/// far the pipeline lags.
///
/// While sending is paused it takes nothing. A pause that comes while mails are being attempted holds from
/// the next one on: those that no transport has seen are queued again as they were.
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
    /// The confirmation link for the event that asked, and until when it works.
    std::function<std::pair<std::string, TimePoint>(const lead::Message&)> opt_in_link;
    std::string public_url;
  };

  struct Statistics {
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
    std::uint64_t retried = 0;
    std::uint64_t withheld = 0;
  };

  /// `transport` and `clock` outlive it.
  Sender(Ports ports, MailTransport& transport, const Clock& clock);
  ~Sender();

  /// Recovers what an earlier process left and starts the thread.
  void start();
  /// Ends after the mail that is being handed over.
  void stop();
  /// Takes what is due now; how many messages that were. What the thread does again and again; for tests,
  /// which call it without start().
  [[nodiscard]] Result<std::size_t> step();
  [[nodiscard]] Statistics statistics() const;

 private:
  void run(const std::stop_token& stopping);
  void attempt(lead::Message& message);
  /// Why it must not go; empty: it may.
  [[nodiscard]] Result<std::string> objection(const lead::Message& message);
  /// How many of them it attempted before sending was paused.
  [[nodiscard]] Result<std::size_t> attempt_all(std::span<lead::Message> messages);
  [[nodiscard]] Result<void> write_back();
  [[nodiscard]] Result<OutgoingMail> render(const lead::Message& message);
  void withhold(lead::Message& message, const std::string& why);
  void settle(lead::Message& message, const DeliveryResult& result);
  /// Which of them are suppressed, and up to where in the log that is true.
  [[nodiscard]] Result<void> look_up(store::LeadStore& store, std::span<const lead::Message> messages);

  Ports ports_;
  MailTransport& transport_;
  const Clock& clock_;
  std::vector<lead::Message> attempted_;                       ///< and not yet written back
  std::map<std::string, lead::SuppressionReason> suppressed_;  ///< of the leased messages, by id
  std::int64_t read_up_to_ = 0;  ///< the entry of the log up to which `suppressed_` is true

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  Statistics statistics_;  ///< guarded by mutex_
  std::jthread thread_;
};

/// How long to wait before the next try: doubles with each, up to a bound.
[[nodiscard]] std::chrono::milliseconds retry_delay(std::int64_t attempts);

}  // namespace leadhub::deliver
