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

constexpr std::chrono::milliseconds held_poll = 10 * limits::untried_wait;

/// What is leased when the process ends counts as attempted. So of replies, which people write one by one,
/// and of what goes to somebody who may take long over each, there is one; of mails as many as leave in about
/// a second.
std::size_t lease_max(lead::MessageKind kind) {
  const bool is_mail = kind == lead::MessageKind::opt_in || lead::is_marketing(kind);
  return is_mail ? limits::outbox_lease_max : limits::reply_lease_max;
}

}  // namespace

Sender::Sender(Ports ports, Courier& courier, const Clock& clock)
    : ports_(std::move(ports)),
      courier_(courier),
      clock_(clock),
      group_(std::min(lease_max(courier.messages().kind), limits::outbox_lease_first)) {}

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
    // What waits behind the pause of a journey or broadcast is walked through at each look.
    const auto pauses = ports_.leads->pauses();
    const bool is_held = lead::is_marketing(courier_.messages().kind) && pauses &&
                         std::ranges::any_of(*pauses, [](const lead::Pause& pause) {
                           return pause.scope.of == lead::PauseScope::Of::journey ||
                                  pause.scope.of == lead::PauseScope::Of::broadcast;
                         });
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, is_held ? held_poll : std::chrono::milliseconds{limits::outbox_poll},
                   [] { return false; });
  }
}

Result<std::size_t> Sender::step() {
  if (auto written = write_back(); !written) return std::unexpected(written.error());
  std::vector<lead::Message> messages;
  const auto leased = ports_.with_store([&](store::LeadStore& store) -> Result<void> {
    const auto which = courier_.messages();
    auto due = store.outbox().lease(which, clock_.now(), group_);
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
  objections_.clear();
  if (messages.empty()) return {};
  const auto cursor = store.cursor();
  if (!cursor) return std::unexpected(cursor.error());
  read_up_to_ = cursor->seq;
  for (const auto look :
       {&Sender::look_up_suppressions, &Sender::look_up_journeys, &Sender::look_up_consents})
    if (auto looked = (this->*look)(store, messages); !looked) return looked;
  return {};
}

Result<void> Sender::look_up_suppressions(store::LeadStore& store, std::span<const lead::Message> messages) {
  std::vector<std::string> hashes;
  for (const auto& message : messages) hashes.push_back(ports_.hash_address(message.canonical));
  const auto suppressed = store.suppressions().find(hashes);
  if (!suppressed) return std::unexpected(suppressed.error());
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (const auto found = suppressed->find(hashes[i]); found != suppressed->end())
      objections_.emplace(messages[i].id,
                          "the address is suppressed: " + std::string{to_string(found->second)});
  return {};
}

Result<void> Sender::look_up_journeys(store::LeadStore& store, std::span<const lead::Message> messages) {
  if (courier_.messages().kind == lead::MessageKind::journey) {
    const auto over = store.outbox().whose_journey_is_over(messages);
    if (!over) return std::unexpected(over.error());
    for (const auto& id : *over) objections_.emplace(id, "the lead is not on the journey any more");
  } else if (courier_.messages().kind == lead::MessageKind::broadcast) {
    const auto over = store.outbox().whose_broadcast_is_cancelled(messages);
    if (!over) return std::unexpected(over.error());
    for (const auto& id : *over) objections_.emplace(id, "the broadcast was cancelled");
  }
  return {};
}

Result<void> Sender::look_up_consents(store::LeadStore& store, std::span<const lead::Message> messages) {
  std::vector<std::string> leads;
  for (const auto& message : messages)
    if (!message.purpose.empty()) leads.push_back(message.lead_id);
  if (leads.empty()) return {};
  const auto ledgers = store.consents_of(leads);
  if (!ledgers) return std::unexpected(ledgers.error());
  for (const auto& message : messages) {
    if (message.purpose.empty()) continue;
    const auto ledger = ledgers->find(message.lead_id);
    const auto permission =
        lead::permission(ledger == ledgers->end() ? std::vector<lead::ConsentEntry>{} : ledger->second,
                         message.purpose, "email");
    if (!permission.allowed())
      objections_.emplace(
          message.id, "no consent to " + message.purpose + ": " + std::string{to_string(permission.verdict)});
  }
  return {};
}

/// What was leased together, while the courier has it.
class Sender::Batch final : public Handover {
 public:
  Batch(Sender& sender, std::span<lead::Message> messages) : sender_(sender), messages_(messages) {}

  bool claim(std::size_t index) override {
    auto& message = messages_[index];
    if (message.state != lead::MessageState::attempting || !may_go_on(message)) return false;
    if (message.kind == lead::MessageKind::broadcast && is_cancelled(message)) {
      if (!failure_) sender_.withhold(message, "the broadcast was cancelled");
      return false;
    }
    const auto objected = sender_.objection(message);
    if (objected && objected->empty()) return !must_wait(message);
    if (objected)
      sender_.withhold(message, *objected);
    else
      sender_.settle(message, {Delivery::retry, objected.error().message, {}});
    return false;
  }

  void settle(std::size_t index, DeliveryResult result) override {
    if (messages_[index].state == lead::MessageState::attempting) sender_.settle(messages_[index], result);
  }

  /// Those of which nothing became are queued again as they were. How many of the others there are. Error:
  /// nobody knows whether sending is paused.
  Result<std::size_t> end() {
    std::size_t done = 0;
    for (auto& message : messages_) {
      if (message.state != lead::MessageState::attempting) {
        ++done;
        continue;
      }
      message.state = lead::MessageState::queued;
      --message.attempts;
    }
    if (failure_) return std::unexpected(*failure_);
    return done;
  }

 private:
  /// Whether it is to leave later; then it is put off, which is no attempt.
  bool must_wait(lead::Message& message) {
    if (!sender_.ports_.may_leave_at) return false;
    const auto now = sender_.clock_.now();
    const auto when = sender_.ports_.may_leave_at(message, now);
    if (when <= now) return false;
    message.state = lead::MessageState::queued;
    --message.attempts;
    message.due_at = when;
    message.detail = "it waits for the end of the lead's quiet hours";
    return true;
  }

  bool is_cancelled(const lead::Message& message) {
    const auto stored = sender_.ports_.leads->broadcasts().find(message.journey);
    if (!stored) failure_ = stored.error();
    return !stored || (*stored && (*stored)->progress.state == lead::BroadcastState::cancelled);
  }

  bool may_go_on(const lead::Message& message) {
    if (failure_ || sender_.disabled_ || sender_.is_ending_) return false;
    const auto pauses = sender_.ports_.leads->pauses();
    if (!pauses) {
      failure_ = pauses.error();
      return false;
    }
    const auto given = sender_.courier_.messages().via;
    const auto& via = given.empty() ? message.channel : given;
    return std::ranges::none_of(
        *pauses, [&](const lead::Pause& pause) { return lead::holds(pause.scope, message, via); });
  }

  Sender& sender_;
  std::span<lead::Message> messages_;
  std::optional<Error> failure_;
};

Result<std::size_t> Sender::attempt_all(std::span<lead::Message> messages) {
  if (messages.empty()) return 0;
  const auto started = std::chrono::steady_clock::now();
  Batch batch{*this, messages};
  courier_.deliver_all(messages, batch);
  const auto took = std::chrono::steady_clock::now() - started;
  if (took * 4 < limits::outbox_group_time && messages.size() == group_)
    group_ = std::min(group_ * 2, lease_max(courier_.messages().kind));
  else if (took > limits::outbox_group_time)
    group_ = std::max<std::size_t>(group_ / 2, 1);
  return batch.end();
}

Result<void> Sender::write_back() {
  if (attempted_.empty()) return {};
  auto written = ports_.with_store([&](store::LeadStore& store) -> Result<void> {
    if (disabled_)
      if (auto disabled = store.destinations().disable(*disabled_); !disabled) return disabled;
    const auto late = store.outbox().settle(attempted_);
    if (!late) return std::unexpected(late.error());
    if (*late > 0)
      log::warning("sender",
                   "what became of " + std::to_string(*late) +
                       " messages is not written down, since another sender has had them meanwhile");
    return {};
  });
  if (!written) return written;
  attempted_.clear();
  disabled_.reset();
  return {};
}

Result<std::string> Sender::objection(const lead::Message& message) {
  if (const auto found = objections_.find(message.id); found != objections_.end()) return found->second;
  const auto withdrawn = ports_.inbox->withdrawn_after(read_up_to_, ports_.hash_address(message.canonical));
  if (!withdrawn) return std::unexpected(withdrawn.error());
  const auto is_withdrawn = [&](std::string_view purpose) {
    return !purpose.empty() && std::ranges::find(*withdrawn, purpose) != withdrawn->end();
  };
  if (is_withdrawn(lead::every_purpose) || is_withdrawn(message.purpose))
    return "its owner, or their mail server, has just taken the permission back";
  return {};
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
      if (message.kind != lead::MessageKind::delivery) {
        report_bounce(message);
        return give_up(message);
      }
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

/// An address that is being erased must not come back by a bounce.
void Sender::report_bounce(const lead::Message& message) {
  if (!ports_.on_bounce) return;
  const auto objected = objection(message);
  if (objected && objected->empty()) ports_.on_bounce(message);
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
