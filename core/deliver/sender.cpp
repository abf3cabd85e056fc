#include "deliver/sender.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "lead/consent.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::deliver {
namespace {

/// A courier of deliveries says `unknown` only of what people would read twice.
bool is_repeated_where_unknown(lead::MessageKind kind) {
  return kind != lead::MessageKind::delivery && lead::state_where_unknown(kind) == lead::MessageState::queued;
}

/// What is leased when the process ends counts as attempted, so of what people would read twice, and of what
/// goes to somebody who may take long over each, there is one.
std::size_t lease_max(lead::MessageKind kind) {
  return kind == lead::MessageKind::opt_in ? limits::outbox_lease_max : limits::reply_lease_max;
}

}  // namespace

Sender::Sender(Ports ports, Courier& courier, const Clock& clock)
    : ports_(std::move(ports)), courier_(courier), clock_(clock) {}

Sender::~Sender() {
  stop();
}

void Sender::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Sender::stop() {
  request_stop();
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

Sender::Statistics Sender::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void Sender::run(const std::stop_token& stopping) {
  bool is_recovered = false;
  bool failing = false;
  while (!stopping.stop_requested()) {
    if (!is_recovered)
      is_recovered = ports_
                         .with_store([this](store::LeadStore& store) {
                           return store.outbox().recover(courier_.messages());
                         })
                         .has_value();
    const auto taken = is_recovered ? step() : Result<std::size_t>{0};
    if (!taken && !failing) log::warning("sender", taken.error().message + " (it goes on by itself)");
    failing = !taken;
    if (taken && *taken > 0) continue;
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::outbox_poll, [] { return false; });
  }
}

Result<std::size_t> Sender::step() {
  if (auto written = write_back(); !written) return std::unexpected(written.error());
  std::vector<lead::Message> messages;
  const auto leased = ports_.with_store([&](store::LeadStore& store) -> Result<void> {
    const auto which = courier_.messages();
    auto due = store.outbox().lease(which, clock_.now(), lease_max(which.kind));
    if (!due) return std::unexpected(due.error());
    messages = std::move(*due);
    return look_up(store, messages);
  });
  if (!leased) return std::unexpected(leased.error());
  const auto count = attempt_all(messages);
  attempted_ = std::move(messages);
  if (auto written = write_back(); !written) return std::unexpected(written.error());
  return count;
}

Result<void> Sender::look_up(store::LeadStore& store, std::span<const lead::Message> messages) {
  suppressed_.clear();
  if (messages.empty()) return {};
  const auto cursor = store.cursor();
  if (!cursor) return std::unexpected(cursor.error());
  read_up_to_ = cursor->seq;
  for (const auto& message : messages) {
    const auto reason = store.suppressions().find(ports_.hash_address(message.canonical));
    if (!reason) return std::unexpected(reason.error());
    if (*reason) suppressed_.emplace(message.id, **reason);
  }
  return {};
}

Result<std::size_t> Sender::attempt_all(std::span<lead::Message> messages) {
  for (std::size_t done = 0; done < messages.size(); ++done) {
    const auto pause = ports_.leads->sending_pause();
    if (pause && !*pause && !disabled_ && !is_ending_) {
      attempt(messages[done]);
      continue;
    }
    for (auto& message : messages.subspan(done)) {
      message.state = lead::MessageState::queued;
      --message.attempts;
    }
    if (!pause) return std::unexpected(pause.error());
    return done;
  }
  return messages.size();
}

Result<void> Sender::write_back() {
  if (attempted_.empty()) return {};
  auto written = ports_.with_store([&](store::LeadStore& store) -> Result<void> {
    if (disabled_)
      if (auto disabled = store.destinations().disable(*disabled_); !disabled) return disabled;
    return store.outbox().settle(attempted_);
  });
  if (!written) return written;
  attempted_.clear();
  disabled_.reset();
  return {};
}

Result<std::string> Sender::objection(const lead::Message& message) {
  if (const auto found = suppressed_.find(message.id); found != suppressed_.end())
    return "the address is suppressed: " + std::string{lead::to_string(found->second)};
  const auto withdrawn = ports_.inbox->withdrawn_after(read_up_to_, ports_.hash_address(message.canonical));
  if (!withdrawn) return std::unexpected(withdrawn.error());
  if (std::ranges::find(*withdrawn, lead::every_purpose) != withdrawn->end())
    return "its owner, or their mail server, has just taken the permission back";
  return {};
}

void Sender::attempt(lead::Message& message) {
  const auto objected = objection(message);
  if (!objected) return settle(message, {Delivery::retry, objected.error().message, {}});
  if (!objected->empty()) return withhold(message, *objected);
  settle(message, courier_.deliver(message));
}

void Sender::withhold(lead::Message& message, const std::string& why) {
  const std::scoped_lock lock{mutex_};
  message.state = lead::MessageState::withheld;
  message.detail = why;
  --message.attempts;
  ++statistics_.withheld;
}

void Sender::settle(lead::Message& message, const DeliveryResult& result) {
  const std::scoped_lock lock{mutex_};
  message.detail = result.detail;
  switch (result.outcome) {
    case Delivery::sent:
      message.state = lead::MessageState::sent;
      message.sent_at = clock_.now();
      ++statistics_.sent;
      return;
    case Delivery::gone:
      if (message.kind != lead::MessageKind::delivery) return give_up(message);
      message.state = lead::MessageState::queued;
      --message.attempts;
      disabled_ = {courier_.messages().destination, result.detail, clock_.now()};
      log::warning("sender", "the destination " + disabled_->channel + " is disabled: " + result.detail +
                                 "; when it is mended: leadhub messages redrive --via " + disabled_->channel);
      return;
    case Delivery::unknown:
      if (is_repeated_where_unknown(message.kind)) return put_off(message, result.retry_after);
      message.state = lead::MessageState::unknown;
      ++statistics_.unknown;
      log::warning("sender", std::string{lead::to_string(message.kind)} + " " + message.id +
                                 " may have arrived or not: " + result.detail);
      return;
    case Delivery::rejected:
      return give_up(message);
    case Delivery::retry:
      return put_off(message, result.retry_after);
    case Delivery::untried:
      message.state = lead::MessageState::queued;
      --message.attempts;
      message.due_at = clock_.now() + std::max(result.retry_after, limits::untried_wait);
      return;
  }
}

void Sender::put_off(lead::Message& message, std::chrono::milliseconds asked_for) {
  const auto wait = courier_.retry_delay(message);
  if (!wait) return give_up(message);
  message.state = lead::MessageState::queued;
  message.due_at = clock_.now() + std::max(*wait, asked_for);
  ++statistics_.retried;
}

void Sender::give_up(lead::Message& message) {
  message.state = lead::MessageState::failed;
  ++statistics_.failed;
  log::warning("sender", std::string{lead::to_string(message.kind)} + " " + message.id +
                             " is given up: " + message.detail);
}

}  // namespace leadhub::deliver
