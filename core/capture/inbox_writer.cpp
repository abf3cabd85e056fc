#include "capture/inbox_writer.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {

InboxWriter::InboxWriter(std::unique_ptr<store::InboxWriterStore> store, Retention retention,
                         const Clock& clock, std::function<void(std::int64_t)> on_commit,
                         std::function<void(const Error&)> on_fatal)
    : store_(std::move(store)),
      retention_(std::move(retention)),
      clock_(clock),
      on_commit_(std::move(on_commit)),
      on_fatal_(std::move(on_fatal)),
      log_id_(store_->log_id()),
      head_(store_->head()),
      scrubbed_up_to_(store_->scrubbed_up_to()),
      thread_([this] { run(); }) {}

InboxWriter::~InboxWriter() {
  stop();
}

bool InboxWriter::has_room(std::size_t bytes) const {
  return !stopping_ && !failed_ && queue_.size() < limits::inbox_queue_entries_max &&
         queued_bytes_ + bytes <= limits::inbox_queue_bytes_max;
}

void InboxWriter::append(store::DraftEntry draft, std::move_only_function<void(AppendResult)> done) {
  const auto bytes = draft.bytes();
  std::unique_lock lock{mutex_};
  if (!has_room(bytes)) {
    ++statistics_.refused_full;
    lock.unlock();
    return done(fail(ErrorCode::unavailable, "the inbox is full or stopping"));
  }
  const bool was_idle = queue_.empty();
  queued_bytes_ += bytes;
  queue_.push_back({std::move(draft), std::move(done), bytes});
  lock.unlock();
  if (was_idle) work_.notify_one();
}

AppendResult InboxWriter::append_and_wait(store::DraftEntry draft) {
  auto promise = std::make_shared<std::promise<AppendResult>>();
  auto committed = promise->get_future();
  append(std::move(draft), [promise](AppendResult result) { promise->set_value(std::move(result)); });
  if (committed.wait_for(limits::handler_deadline) != std::future_status::ready)
    return fail(ErrorCode::unavailable, "the inbox did not commit in time; see the log");
  return committed.get();
}

bool InboxWriter::is_full() const {
  const std::scoped_lock lock{mutex_};
  return !has_room(0);
}

void InboxWriter::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  work_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  retention_.in_quarantine = nullptr;  // and the connections that they may hold
  retention_.erased_after = nullptr;
}

InboxWriter::Statistics InboxWriter::statistics() const {
  const std::scoped_lock lock{mutex_};
  auto statistics = statistics_;
  statistics.queued_entries = queue_.size();
  return statistics;
}

void InboxWriter::run() {
  while (true) {
    auto group = next_group();
    if (!group.empty()) commit(std::move(group));
    const std::scoped_lock lock{mutex_};
    if (queue_.empty() && stopping_) return;
  }
}

std::vector<InboxWriter::Job> InboxWriter::next_group() {
  std::unique_lock lock{mutex_};
  const auto has_work = [&] { return stopping_ || !queue_.empty() || scrub_is_due(); };
  if (!work_.wait_for(lock, limits::housekeeping_interval, has_work) || (queue_.empty() && !stopping_)) {
    lock.unlock();
    keep_house();
    return {};
  }
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < queue_.size() && count < limits::commit_entries_max &&
         (count == 0 || bytes + queue_[count].bytes <= limits::commit_bytes_max))
    bytes += queue_[count++].bytes;
  std::vector<Job> group;
  if (count == queue_.size()) {
    group.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  queued_bytes_ -= bytes;
  return group;
}

void InboxWriter::commit(std::vector<Job> group) {
  std::vector<store::DraftEntry> drafts;
  drafts.reserve(group.size());
  for (auto& job : group) drafts.push_back(std::move(job.draft));

  const auto begin = std::chrono::steady_clock::now();
  auto outcomes = store_->append(drafts);
  const auto took = std::chrono::steady_clock::now() - begin;
  if (outcomes) {
    head_.store(store_->head(), std::memory_order_release);
    const std::scoped_lock lock{mutex_};
    ++statistics_.commits;
    statistics_.commit_microseconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
  const bool failed = !outcomes && outcomes.error().code != ErrorCode::unavailable;
  const auto error = failed ? outcomes.error() : Error{};
  if (!outcomes && !failed && !failing_)
    log::warning("inbox", outcomes.error().message + " (senders are told 503)");
  if (outcomes && failing_) log::info("inbox", "committing again");
  failing_ = !outcomes;
  if (failed) return fail_for_good(error, std::move(group));

  finish(group, std::move(outcomes));
  on_commit_(head());
  keep_house();
}

void InboxWriter::finish(std::vector<Job>& group, Result<std::vector<store::AppendOutcome>> outcomes) {
  {
    const std::scoped_lock lock{mutex_};
    if (!outcomes) statistics_.refused_failed += group.size();
    for (std::size_t i = 0; outcomes && i < group.size(); ++i) {
      using Kind = store::AppendOutcome::Kind;
      const auto kind = (*outcomes)[i].kind;
      ++(kind == Kind::committed   ? statistics_.committed_entries
         : kind == Kind::duplicate ? statistics_.duplicates
                                   : statistics_.conflicts);
    }
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (outcomes)
      group[i].done((*outcomes)[i]);
    else
      group[i].done(std::unexpected(outcomes.error()));
  }
}

void InboxWriter::scrub_up_to(std::int64_t erased_by) {
  {
    const std::scoped_lock lock{mutex_};
    scrub_wanted_ = std::max(scrub_wanted_.load(), erased_by);
  }
  work_.notify_one();
}

void InboxWriter::keep_house() {
  scrub();
  if (auto checked = store_->checkpoint_if_due(); !checked && checked.error().code != ErrorCode::unavailable)
    return fail_for_good(checked.error(), {});
  if (clock_.now() < next_purge_ || !retention_.processed) return;
  if (auto forgotten =
          store_->forget_withdrawals(clock_.now() - limits::withdrawal_kept, retention_.processed());
      !forgotten && forgotten.error().code != ErrorCode::unavailable)
    return fail_for_good(forgotten.error(), {});
  if (retention_.keep_raw.count() != 0)
    purge();
  else
    next_purge_ = clock_.now() + limits::purge_interval;
}

bool InboxWriter::scrub_is_due() const {
  return scrub_wanted_ > scrubbed_up_to_ && retention_.processed() >= scrub_wanted_;
}

void InboxWriter::scrub() {
  if (!retention_.erased_after || !(looks_for_erasures_ || scrub_is_due())) return;
  const auto erased = retention_.erased_after(scrubbed_up_to_);
  const auto done = erased ? store_->scrub(*erased) : std::unexpected(erased.error());
  if (!done && done.error().code != ErrorCode::unavailable) return fail_for_good(done.error(), {});
  looks_for_erasures_ = !done || !erased->empty();
  if (!done) {
    scrub_wanted_ = 0;  // not at once: the next time that house is kept
    return;
  }
  // Of somebody of whom the inbox holds nothing there is nothing to scrub.
  scrubbed_up_to_ =
      erased->empty() ? std::max(scrub_wanted_.load(), scrubbed_up_to_.load()) : store_->scrubbed_up_to();
}

void InboxWriter::purge() {
  const auto now = clock_.now();
  const auto processed = retention_.processed();  // before the quarantine is looked at
  const auto step = store_->purge({now - retention_.keep_raw, processed, purged_up_to_,
                                   limits::purge_entries_max, retention_.in_quarantine});
  if (!step && step.error().code != ErrorCode::unavailable) return fail_for_good(step.error(), {});
  purged_up_to_ = step ? step->next.value_or(0) : 0;
  if (purged_up_to_ == 0) next_purge_ = now + limits::purge_interval;
  if (!step) return;
  const std::scoped_lock lock{mutex_};
  statistics_.purged += static_cast<std::uint64_t>(step->purged);
}

void InboxWriter::fail_for_good(const Error& error, std::vector<Job> unanswered) {
  {
    const std::scoped_lock lock{mutex_};
    if (failed_) return;
    failed_ = true;
    stopping_ = true;
    unanswered.insert(unanswered.end(), std::make_move_iterator(queue_.begin()),
                      std::make_move_iterator(queue_.end()));
    queue_.clear();
    queued_bytes_ = 0;
    statistics_.refused_failed += unanswered.size();
  }
  log::error("inbox", error.message);
  // Nobody knows whether these are stored. Told to come back, their senders post them again, and what the
  // next start finds stored is then known by its key.
  for (auto& job : unanswered) job.done(fail(ErrorCode::unavailable, "the inbox has failed"));
  on_fatal_(error);
}

}  // namespace leadhub::capture
