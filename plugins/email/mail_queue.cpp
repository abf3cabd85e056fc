#include "mail_queue.hpp"

#include <glib.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "limits.hpp"
#include "smtp_transaction.hpp"

namespace leadhub::email {
namespace {

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// The recipient's domain as rates name it.
std::string domain_of(const Mail& mail) {
  const std::string address = envelope_address(mail.to);
  std::string domain = address.substr(address.rfind('@') + 1);
  std::ranges::transform(domain, domain.begin(), g_ascii_tolower);
  return domain;
}

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

MailQueue::MailQueue(const sdk::Host& host, const Settings& settings, Throttle& throttle,
                     sdk::Deliveries& batch, std::int64_t deadline_ms)
    : host_(host),
      throttle_(throttle),
      batch_(batch),
      mails_(batch.size()),
      budget_ms_(std::max<std::int64_t>(deadline_ms - host.now_ms(), 0)),
      started_ms_(steady_ms()) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    try {
      mails_[i] = read_mail(batch[i].document());
      waiting_.push_back(i);
    } catch (const sdk::ChannelError& error) {
      batch.settle(i, sdk::Outcome::rejected(error.what()));
    }
  }
  admit(settings);
}

void MailQueue::admit(const Settings& settings) {
  const std::int64_t now_ms = host_.now_ms();
  const bool has_plan = settings.warm_up && warm_up_allowance(*settings.warm_up, now_ms) >= 0;
  if (has_plan) open_day(*settings.warm_up);
  std::deque<std::size_t> admitted;
  for (const std::size_t index : waiting_) {
    if (has_plan && static_cast<std::int64_t>(admitted.size()) >= room_) {
      settle(index,
             sdk::Outcome::untried("the warm-up plan's mails of this day have left", ms_to_next_day(now_ms)));
      continue;
    }
    const Mail& mail = mails_[index];
    const std::int64_t wait_ms = throttle_.wait_for_domain(domain_of(mail), mail.message_id, now_ms);
    if (wait_ms > 0)
      settle(index, sdk::Outcome::untried("its domain's rate is used up for now", wait_ms));
    else
      admitted.push_back(index);
  }
  waiting_ = std::move(admitted);
}

/// What this call may use counts as used until it ends, so that a crash never gives a day more than its plan.
void MailQueue::open_day(const WarmUp& plan) {
  const std::int64_t now_ms = host_.now_ms();
  const sdk::Memory memory{host_};
  day_ = "warm_up/" + std::to_string(utc_day(now_ms));
  used_ = to_number(memory.get(*day_).value_or("0"));
  room_ = std::max<std::int64_t>(warm_up_allowance(plan, now_ms) - used_, 0);
  room_ = std::min(room_, static_cast<std::int64_t>(waiting_.size()));
  if (room_ > 0) memory.put(*day_, std::to_string(used_ + room_), now_ms + warm_up_kept_ms);
}

MailQueue::~MailQueue() {
  if (!day_ || room_ == 0) return;
  try {
    sdk::Memory{host_}.put(*day_, std::to_string(used_), host_.now_ms() + warm_up_kept_ms);
  } catch (const sdk::ChannelError& error) {
    host_.log(sdk::LogLevel::warning,
              std::string{"the warm-up plan counts more mails of this day than have left: "} + error.what());
  }
}

MailQueue::Turn MailQueue::next() {
  if (waiting_.empty()) return {};
  if (ms_to_begin() <= 0) {
    settle_rest(sdk::Outcome::untried());
    return {};
  }
  const std::size_t index = waiting_.front();
  const bool had_turn = std::erase(again_, index) > 0;
  const std::int64_t wait_ms = had_turn ? 0 : throttle_.wait_for_turn(host_.now_ms());
  if (wait_ms > ms_to_begin()) {
    settle_rest(sdk::Outcome::untried("the rate of all mails is used up for now", wait_ms));
    return {};
  }
  if (wait_ms > 0) return {std::nullopt, wait_ms};
  waiting_.pop_front();
  return {index, 0};
}

std::optional<std::size_t> MailQueue::wait_for_next() {
  for (;;) {
    const Turn turn = next();
    if (turn.mail || turn.wait_ms == 0) return turn.mail;
    ::poll(nullptr, 0, static_cast<int>(std::min(turn.wait_ms, look_up_ms)));
  }
}

bool MailQueue::claim(std::size_t index) {
  const bool may_leave = batch_.claim(index);
  if (may_leave && day_) ++used_;
  return may_leave;
}

void MailQueue::settle(std::size_t index, const sdk::Outcome& outcome) {
  if (outcome.state == LEADHUB_DELIVERY_DONE) host_.count("mails");
  batch_.settle(index, outcome);
}

void MailQueue::settle_rest(const sdk::Outcome& outcome) {
  for (const std::size_t index : waiting_) settle(index, outcome);
  waiting_.clear();
}

void MailQueue::put_back(std::size_t index) {
  if (day_) --used_;
  again_.push_back(index);
  waiting_.push_front(index);
}

std::int64_t MailQueue::ms_to_begin() const {
  return host_.is_stopping() ? 0 : ms_to_return() - budget_ms_ / answer_share;
}

std::int64_t MailQueue::ms_to_return() const {
  const std::int64_t now_ms = steady_ms();
  const std::int64_t left_ms = started_ms_ + budget_ms_ - now_ms;
  if (!host_.is_stopping()) return left_ms;
  if (!stopping_since_ms_) stopping_since_ms_ = now_ms;
  return std::min(left_ms, *stopping_since_ms_ + stop_grace_ms - now_ms);
}

}  // namespace leadhub::email
