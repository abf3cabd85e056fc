#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "settings.hpp"

/// How fast mails may leave. Pure: times are milliseconds of whatever clock the caller has; it may be set.
namespace leadhub::email {

/// At most `count` in any second, exactly: it knows when the last of them went.
class SecondWindow {
 public:
  explicit SecondWindow(std::int64_t count) : count_(static_cast<std::size_t>(count)) {}
  /// When one more may go, not before now.
  [[nodiscard]] std::int64_t next_ms(std::int64_t now_ms) const;
  /// One goes then; times do not fall.
  void take(std::int64_t at_ms);
  void clear() { taken_.clear(); }

 private:
  std::size_t count_;
  std::deque<std::int64_t> taken_;  ///< the last count_, in order
};

/// The rates of one channel. A mail over its domain's rate gets a second of its own in the order of asking,
/// within domain_horizon_ms, and is let through when it comes back then; further ones are told to ask again.
/// One that comes back later than reservation_valid_ms asks anew, or all that a pause has held would leave at
/// once. A clock that was set back makes all begin anew, or nothing would leave until it is there again.
class Throttle {
 public:
  explicit Throttle(const Rates& rates);

  /// How long the mail has to wait for its domain; 0: it may go on, and counts.
  [[nodiscard]] std::int64_t wait_for_domain(std::string_view domain, std::string_view mail_id,
                                             std::int64_t now_ms);
  /// How long the next mail of all has to wait; 0: it may go, and counts.
  [[nodiscard]] std::int64_t wait_for_turn(std::int64_t now_ms);

 private:
  void look_at_clock(std::int64_t now_ms);
  [[nodiscard]] std::int64_t wait_for_slot(SecondWindow& window, std::string_view mail_id,
                                           std::int64_t now_ms);
  void forget_missed(std::int64_t now_ms);

  std::map<std::string, SecondWindow, std::less<>> domains_;
  std::unordered_map<std::string, std::int64_t> reserved_;  ///< mail id: when it may go
  SecondWindow all_;
  bool limits_all_;
  std::int64_t last_ms_ = 0;  ///< what the clock has said last
};

/// How many mails may leave on the day of `now_ms`; before the plan's start as many as on its first day.
/// Below 0: the plan is over, and any number may.
[[nodiscard]] std::int64_t warm_up_allowance(const WarmUp& plan, std::int64_t now_ms);
/// The UTC day, and how long until the next one begins.
[[nodiscard]] std::int64_t utc_day(std::int64_t now_ms);
[[nodiscard]] std::int64_t ms_to_next_day(std::int64_t now_ms);

}  // namespace leadhub::email
