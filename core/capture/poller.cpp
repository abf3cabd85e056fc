#include "capture/poller.hpp"

#include <algorithm>
#include <utility>

#include "ops/back_off.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {
namespace {

using std::chrono::milliseconds;

/// An entry without a request: what a poll found came as events.
store::DraftEntry polled_entry(const std::string& channel, TimePoint now) {
  store::DraftEntry draft;
  draft.channel = channel;
  draft.received_at = now;
  draft.request.method = poll_method;
  return draft;
}

}  // namespace

Poller::Poller(Ports ports, InboxWriter& writer, EventRules rules, milliseconds every, const Clock& clock)
    : ports_(std::move(ports)),
      writer_(writer),
      rules_(std::move(rules)),
      every_(std::max(every, limits::poll_every_min)),
      clock_(clock),
      random_(std::random_device{}()) {
  statistics_.channel = name();
}

Poller::~Poller() {
  stop();
}

void Poller::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Poller::request_stop() {
  thread_.request_stop();
  work_.notify_all();
}

void Poller::stop() {
  if (!thread_.joinable()) return;
  request_stop();
  thread_.join();
}

Poller::Statistics Poller::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void Poller::run(const std::stop_token& stopping) {
  auto due = clock_.now();
  while (!stopping.stop_requested()) {
    if (clock_.now() >= due) due = step();
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, std::clamp(due - clock_.now(), milliseconds{0}, limits::poll_wake),
                   [] { return false; });
  }
}

TimePoint Poller::step() {
  if (ports_.is_overloaded()) {
    const std::scoped_lock lock{mutex_};
    ++statistics_.put_off;
    return clock_.now() + limits::retry_after;
  }
  const auto cursor = ports_.inbox->poll_cursor(name());
  if (!cursor) return failed({cursor.error()});
  auto poll = ports_.channel->poll(*cursor, clock_.now() + limits::poll_deadline);
  if (!poll) return failed(poll.error());
  // "At once" from where it was would be for ever.
  const bool moved = poll->cursor && *poll->cursor != *cursor;
  const auto wait = poll->wait && (moved || poll->wait->count() > 0) ? poll->wait : std::nullopt;
  if (auto committed = commit(*std::move(poll)); !committed) return failed({committed.error()});
  return succeeded(wait);
}

Result<void> Poller::commit(Poll poll) {
  const auto now = clock_.now();
  auto draft = polled_entry(name(), now);
  for (auto& document : poll.events) {
    auto checked = check_event(name(), document, now, rules_);
    if (checked) {
      draft.events.push_back(std::move(checked->draft));
    } else if (auto kept = keep_unreadable(std::move(document), checked.error()); !kept) {
      return kept;
    }
  }
  const auto events = draft.events.size();
  draft.poll_cursor = std::move(poll.cursor);
  if (events == 0 && !draft.poll_cursor) return {};
  const auto appended = writer_.append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  const std::scoped_lock lock{mutex_};
  statistics_.events += events;
  return {};
}

/// Before the cursor moves, so that it is not lost; where the process dies between the two it is kept twice.
Result<void> Poller::keep_unreadable(std::string document, const Error& why) {
  auto draft = polled_entry(name(), clock_.now());
  draft.state = store::EntryState::unreadable;
  draft.reason = why.message;
  draft.request.body = std::move(document);
  const auto appended = writer_.append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  const std::scoped_lock lock{mutex_};
  ++statistics_.unreadable;
  return {};
}

TimePoint Poller::succeeded(std::optional<milliseconds> wait) {
  const auto now = clock_.now();
  bool recovered = false;
  {
    const std::scoped_lock lock{mutex_};
    ++statistics_.polls;
    recovered = std::exchange(statistics_.failures_in_a_row, 0) > 0;
    statistics_.succeeded_at = now;
    statistics_.failure.clear();
  }
  if (recovered) log::info("poll", "channel " + name() + " is read again");
  return now + std::clamp(wait.value_or(every_), milliseconds{0}, limits::poll_wait_max);
}

TimePoint Poller::failed(const PollFailure& failure) {
  std::uint64_t failures = 0;
  bool is_new = false;
  {
    const std::scoped_lock lock{mutex_};
    ++statistics_.failures;
    failures = ++statistics_.failures_in_a_row;
    is_new = std::exchange(statistics_.failure, failure.error.message) != failure.error.message;
  }
  const bool is_news = is_new && !thread_.get_stop_token().stop_requested();
  if (is_news) log::warning("poll", failure.error.message + " (channel " + name() + " is tried again)");
  const bool needs_operator = failure.mending == PollFailure::Mending::by_operator;
  const auto wait = jittered(needs_operator ? limits::poll_retry_operator
                                            : ops::back_off(limits::poll_retry_first, limits::poll_retry_max,
                                                            static_cast<std::int64_t>(failures)));
  return clock_.now() + std::max({wait, failure.retry_after, std::min(every_, limits::poll_retry_first)});
}

/// Between four and six fifths of it.
milliseconds Poller::jittered(milliseconds wait) {
  std::uniform_int_distribution<std::int64_t> spread{wait.count() * 4 / 5, wait.count() * 6 / 5};
  return milliseconds{spread(random_)};
}

}  // namespace leadhub::capture
