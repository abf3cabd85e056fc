#include "throttle.hpp"

#include <algorithm>

#include "limits.hpp"

namespace leadhub::email {
namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t day_ms = 86'400'000;

}  // namespace

std::int64_t SecondWindow::next_ms(std::int64_t now_ms) const {
  return taken_.size() < count_ ? now_ms : std::max(now_ms, taken_.front() + second_ms);
}

void SecondWindow::take(std::int64_t at_ms) {
  taken_.push_back(at_ms);
  if (taken_.size() > count_) taken_.pop_front();
}

Throttle::Throttle(const Rates& rates) : all_(rates.per_second), limits_all_(rates.per_second > 0) {
  for (const auto& [domain, rate] : rates.per_domain) domains_.emplace(domain, SecondWindow{rate});
}

std::int64_t Throttle::wait_for_domain(std::string_view domain, std::string_view mail_id,
                                       std::int64_t now_ms) {
  look_at_clock(now_ms);
  const auto found = domains_.find(domain);
  if (found == domains_.end()) return 0;
  if (const auto mine = reserved_.find(std::string{mail_id}); mine != reserved_.end()) {
    const std::int64_t wait_ms = mine->second - now_ms;
    if (wait_ms > 0) return wait_ms;
    reserved_.erase(mine);
    if (-wait_ms <= reservation_valid_ms) return 0;
  }
  return wait_for_slot(found->second, mail_id, now_ms);
}

std::int64_t Throttle::wait_for_slot(SecondWindow& window, std::string_view mail_id, std::int64_t now_ms) {
  const std::int64_t at_ms = window.next_ms(now_ms);
  const std::int64_t wait_ms = at_ms - now_ms;
  if (wait_ms > domain_horizon_ms) return domain_horizon_ms;
  if (wait_ms > 0) {
    forget_missed(now_ms);
    if (reserved_.size() >= reservations_max) return domain_horizon_ms;
    reserved_.emplace(mail_id, at_ms);
  }
  window.take(at_ms);
  return wait_ms;
}

void Throttle::look_at_clock(std::int64_t now_ms) {
  if (now_ms < last_ms_) {
    for (auto& [domain, window] : domains_) window.clear();
    reserved_.clear();
    all_.clear();
  }
  last_ms_ = now_ms;
}

void Throttle::forget_missed(std::int64_t now_ms) {
  if (reserved_.size() < reservations_max) return;
  std::erase_if(reserved_, [&](const auto& one) { return one.second + domain_horizon_ms < now_ms; });
}

std::int64_t Throttle::wait_for_turn(std::int64_t now_ms) {
  look_at_clock(now_ms);
  if (!limits_all_) return 0;
  const std::int64_t at_ms = all_.next_ms(now_ms);
  if (at_ms > now_ms) return at_ms - now_ms;
  all_.take(now_ms);
  return 0;
}

std::int64_t utc_day(std::int64_t now_ms) {
  return now_ms / day_ms;
}

std::int64_t ms_to_next_day(std::int64_t now_ms) {
  return (utc_day(now_ms) + 1) * day_ms - now_ms;
}

std::int64_t warm_up_allowance(const WarmUp& plan, std::int64_t now_ms) {
  const std::int64_t day = std::max<std::int64_t>(utc_day(now_ms) - plan.first_day, 0);
  return day < static_cast<std::int64_t>(plan.mails.size()) ? plan.mails[static_cast<std::size_t>(day)] : -1;
}

}  // namespace leadhub::email
