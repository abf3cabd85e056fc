#pragma once

#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/transport.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "mail.hpp"
#include "settings.hpp"
#include "throttle.hpp"

namespace leadhub::email {

/// The mails of one call, in order, as they may leave: read, within the day's plan, within the rates. What
/// may not leave in this call is settled as untried, with when it may.
class MailQueue {
 public:
  /// Settles what is no mail. `throttle` outlives it. Throws sdk::ChannelError where the host cannot tell how
  /// many mails have left today; nothing is tried then.
  MailQueue(const sdk::Host& host, const Settings& settings, Throttle& throttle, sdk::Deliveries& batch,
            std::int64_t deadline_ms);
  MailQueue(const MailQueue&) = delete;
  MailQueue& operator=(const MailQueue&) = delete;
  /// Writes down how many of the day's plan have been used.
  ~MailQueue();

  struct Turn {
    std::optional<std::size_t> mail;  ///< take it: it has left the queue
    std::int64_t wait_ms = 0;         ///< without a mail: ask again then
  };
  /// The next mail that may go now.
  [[nodiscard]] Turn next();
  /// The same, waiting for it; nullopt: none is left.
  [[nodiscard]] std::optional<std::size_t> wait_for_next();
  [[nodiscard]] bool is_empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

  [[nodiscard]] const Mail& mail(std::size_t index) const { return mails_[index]; }
  [[nodiscard]] std::int64_t now_ms() const { return host_.now_ms(); }
  [[nodiscard]] bool claim(std::size_t index);
  /// Counts what left.
  void settle(std::size_t index, const sdk::Outcome& outcome);
  /// A mail that was claimed and of which nothing has left comes first again, and has had its turn.
  void put_back(std::size_t index);
  /// Settles all that waits.
  void settle_rest(const sdk::Outcome& outcome);

  /// Milliseconds until no mail is begun any more, and until the call must return; by a clock that nobody
  /// sets. Where the hub is stopping none is begun, and those under way have stop_grace_ms.
  [[nodiscard]] std::int64_t ms_to_begin() const;
  [[nodiscard]] std::int64_t ms_to_return() const;

 private:
  void admit(const Settings& settings);
  void open_day(const WarmUp& plan);

  const sdk::Host& host_;
  Throttle& throttle_;
  sdk::Deliveries& batch_;
  std::vector<Mail> mails_;  ///< by the batch's index
  std::deque<std::size_t> waiting_;
  std::vector<std::size_t> again_;  ///< of those that wait, the ones that were put back
  std::int64_t budget_ms_;
  std::int64_t started_ms_;         ///< steady
  std::optional<std::string> day_;  ///< the key of the day's count, where there is a plan
  std::int64_t used_ = 0;           ///< of the day's plan, before this call and in it
  std::int64_t room_ = 0;           ///< what the plan still allows
  mutable std::optional<std::int64_t> stopping_since_ms_;  ///< steady; as far as it was noticed
};

}  // namespace leadhub::email
