#include "capture/follow_up_worker.hpp"

#include <algorithm>
#include <utility>

#include "capture/stored_request.hpp"
#include "ops/back_off.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {

using State = store::FollowUpResult::State;

FollowUpWorker::FollowUpWorker(std::shared_ptr<ChannelPort> channel,
                               std::unique_ptr<store::InboxReader> reader, InboxWriter& inbox,
                               EventRules rules, const Clock& clock, std::function<bool()> is_held)
    : channel_(std::move(channel)),
      reader_(std::move(reader)),
      inbox_(inbox),
      rules_(std::move(rules)),
      clock_(clock),
      is_held_(std::move(is_held)) {}

FollowUpWorker::~FollowUpWorker() {
  stop();
}

void FollowUpWorker::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void FollowUpWorker::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void FollowUpWorker::notify() {
  {
    const std::scoped_lock lock{mutex_};
    is_told_ = true;
  }
  work_.notify_one();
}

FollowUpWorker::Statistics FollowUpWorker::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void FollowUpWorker::run(const std::stop_token& stopping) {
  bool failing = false;
  while (!stopping.stop_requested()) {
    const auto taken = step(stopping);
    if (!taken && !failing)
      log::warning("follow-up",
                   "channel " + channel() + ": " + taken.error().message + " (it goes on by itself)");
    failing = !taken;
    if (taken && *taken > 0) continue;
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::follow_up_poll, [this] { return is_told_; });
    is_told_ = false;
  }
}

Result<std::size_t> FollowUpWorker::step(const std::stop_token& stopping) {
  const auto due = reader_->due_follow_ups(channel(), clock_.now(), limits::follow_ups_taken_max);
  if (!due) return std::unexpected(due.error());
  std::size_t count = 0;
  for (const auto& one : *due) {
    if (stopping.stop_requested() || (is_held_ && is_held_())) break;
    if (auto followed = follow_up(one); !followed) return std::unexpected(followed.error());
    ++count;
  }
  return count;
}

Result<void> FollowUpWorker::follow_up(const store::FollowUpResult& due) {
  const auto stored = reader_->get(due.seq);
  if (!stored) return std::unexpected(stored.error());
  auto result =
      channel_->follow_up(restored_request(*stored), inbox_.log_id() + "-" + std::to_string(due.seq),
                          clock_.now() + limits::follow_up_deadline);
  auto draft = outcome(due, std::move(result), clock_.now());
  if (!draft) return std::unexpected(draft.error());
  const auto settled = draft->follows->state;
  const auto appended = inbox_.append_and_wait(*std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  count(settled);
  return {};
}

Result<store::DraftEntry> FollowUpWorker::outcome(const store::FollowUpResult& due, FollowUp result,
                                                  TimePoint received_at) {
  store::DraftEntry draft;
  draft.kind = store::EntryKind::follow_up;
  draft.channel = channel();
  draft.received_at = received_at;
  draft.follows = store::FollowUpResult{due.seq, State::done, due.attempts + 1, {}, {}};
  auto& follows = *draft.follows;
  if (result.outcome == FollowUp::Outcome::done) {
    for (auto& json : result.events) {
      auto checked = check_event(channel(), std::move(json), received_at, rules_);
      if (!checked) {
        result = {FollowUp::Outcome::failed, {}, checked.error().message, {}};
        draft.events.clear();
        break;
      }
      draft.events.push_back(std::move(checked->draft));
    }
  }
  if (result.outcome == FollowUp::Outcome::done) return draft;
  const bool may_pass =
      result.outcome == FollowUp::Outcome::retry && follows.attempts < limits::follow_up_attempts_max;
  follows.state = may_pass ? State::waiting : State::failed;
  follows.due_at = clock_.now() + std::max(ops::back_off(limits::follow_up_retry_first,
                                                         limits::follow_up_retry_max, follows.attempts),
                                           result.retry_after);
  follows.detail = result.detail.substr(0, limits::follow_up_detail_bytes_max);
  if (!may_pass)
    log::warning("follow-up", "channel " + channel() + ": entry " + std::to_string(due.seq) +
                                  " is given up: " + follows.detail +
                                  "; once it is mended, `leadhub inbox redrive " + std::to_string(due.seq) +
                                  "`");
  return draft;
}

void FollowUpWorker::count(State state) {
  const std::scoped_lock lock{mutex_};
  ++(state == State::done      ? statistics_.done
     : state == State::waiting ? statistics_.retried
                               : statistics_.failed);
}

}  // namespace leadhub::capture
