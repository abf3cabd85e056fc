#include "pipeline/pipeline.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "store/log_fit.hpp"

namespace leadhub::pipeline {
namespace {

using namespace std::chrono_literals;

/// Linux keeps a nice value for each thread. A failure only means that the pipeline competes as an equal.
void lower_own_priority() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), limits::pipeline_nice);
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::open(
    std::unique_ptr<store::InboxReader> inbox, std::unique_ptr<store::LeadStore> leads, StageOptions options,
    const std::string& log_id, std::int64_t log_head, const std::filesystem::path& attempt_file,
    const Clock& clock, std::function<void(const Error&)> on_fatal) {
  const auto cursor = leads->cursor();
  if (!cursor) return std::unexpected(cursor.error());
  const auto tail = inbox->tail();
  if (!tail) return std::unexpected(tail.error());
  if (auto fits = store::check_fit(*cursor, {log_id, log_head, *tail}); !fits)
    return std::unexpected(fits.error());
  auto attempts = AttemptFile::open(attempt_file);
  if (!attempts) return std::unexpected(attempts.error());
  std::unique_ptr<Pipeline> pipeline{new Pipeline{std::move(inbox), std::move(leads), std::move(options),
                                                  log_id, cursor->seq, std::move(*attempts), clock,
                                                  std::move(on_fatal)}};
  if (auto opened = pipeline->open_desk(); !opened) return std::unexpected(opened.error());
  pipeline->head_ = log_head;
  return pipeline;
}

Pipeline::Pipeline(std::unique_ptr<store::InboxReader> inbox, std::unique_ptr<store::LeadStore> leads,
                   StageOptions options, std::string log_id, std::int64_t cursor, AttemptFile attempt_file,
                   const Clock& clock, std::function<void(const Error&)> on_fatal)
    : inbox_(std::move(inbox)),
      leads_(std::move(leads)),
      options_(std::move(options)),
      log_id_(std::move(log_id)),
      attempt_file_(std::move(attempt_file)),
      clock_(clock),
      on_fatal_(std::move(on_fatal)),
      cursor_(cursor) {
  const auto& attempt = attempt_file_.found();
  if (attempt.first_seq != cursor + 1) return;
  deaths_ = attempt.deaths + 1;
  if (attempt.alone || deaths_ >= limits::crashes_before_quarantine) suspect_until_ = attempt.last_seq;
}

Result<void> Pipeline::open_desk() {
  std::map<std::string, route::Workload, std::less<>> workloads;
  for (const auto& member : options_.routes.team) {
    const auto taken_max = member.capacity ? member.capacity->leads : 0;
    const auto stored = leads_->workload_of(member.name, taken_max);
    if (!stored) return std::unexpected(stored.error());
    workloads[member.name] = {stored->turn, stored->open, {stored->taken.begin(), stored->taken.end()}};
  }
  desk_ = route::Desk{std::move(workloads)};
  return {};
}

Pipeline::~Pipeline() {
  stop();
}

void Pipeline::start() {
  {
    const std::scoped_lock lock{mutex_};
    takes_tasks_ = true;
  }
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Pipeline::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void Pipeline::notify(std::int64_t head) {
  {
    const std::scoped_lock lock{mutex_};
    head_ = std::max(head_, head);
  }
  work_.notify_one();
}

void Pipeline::set_options(StageOptions options) {
  const std::scoped_lock lock{mutex_};
  next_options_ = std::make_shared<const StageOptions>(std::move(options));
}

bool Pipeline::wait_for(std::int64_t seq, std::chrono::milliseconds timeout) {
  std::unique_lock lock{mutex_};
  return progress_.wait_for(lock, timeout, [&] { return cursor() >= seq; });
}

Statistics Pipeline::statistics() const {
  return {batches_.load(), applied_events_.load(), quarantined_events_.load()};
}

Result<void> Pipeline::between_batches(StoreTask task) {
  std::future<Result<void>> done;
  {
    const std::scoped_lock lock{mutex_};
    if (!takes_tasks_) return fail(ErrorCode::unavailable, "the pipeline does not run");
    done = tasks_.emplace_back(std::move(task), std::promise<Result<void>>{}).done.get_future();
  }
  work_.notify_one();
  return done.get();
}

void Pipeline::run_tasks() {
  std::vector<Waiting> waiting;
  {
    const std::scoped_lock lock{mutex_};
    waiting.swap(tasks_);
  }
  for (auto& [task, done] : waiting) done.set_value(task(*leads_));
}

void Pipeline::refuse_tasks() {
  std::vector<Waiting> waiting;
  {
    const std::scoped_lock lock{mutex_};
    takes_tasks_ = false;
    waiting.swap(tasks_);
  }
  for (auto& [task, done] : waiting) done.set_value(fail(ErrorCode::unavailable, "the pipeline has ended"));
}

void Pipeline::run(const std::stop_token& stopping) {
  lower_own_priority();
  take_batches(stopping);
  refuse_tasks();
}

void Pipeline::take_batches(const std::stop_token& stopping) {
  auto retry_in = 0ms;
  while (!stopping.stop_requested()) {
    run_tasks();
    const auto taken = step();
    if (taken) {
      retry_in = 0ms;
      if (*taken == 0) wait_for_work(stopping, limits::pipeline_poll);
      continue;
    }
    if (taken.error().code != ErrorCode::unavailable) {
      log::error("pipeline", taken.error().message);
      on_fatal_(taken.error());
      return;
    }
    if (retry_in == 0ms) log::warning("pipeline", taken.error().message + " (it goes on by itself)");
    retry_in = std::clamp<std::chrono::milliseconds>(retry_in * 2, 100ms, limits::pipeline_retry_max);
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, retry_in, [] { return false; });
  }
}

void Pipeline::wait_for_work(const std::stop_token& stopping, std::chrono::milliseconds at_most) {
  std::unique_lock lock{mutex_};
  work_.wait_for(lock, stopping, at_most, [&] { return head_ > cursor() || !tasks_.empty(); });
}

std::size_t Pipeline::batch_size() const {
  return cursor() < suspect_until_ ? 1 : limits::batch_entries_max;
}

Result<std::size_t> Pipeline::step() {
  std::shared_ptr<const StageOptions> next;
  {
    const std::scoped_lock lock{mutex_};
    next = std::exchange(next_options_, nullptr);
  }
  if (next) {
    options_ = *next;
    if (auto opened = open_desk(); !opened) return std::unexpected(opened.error());
  }
  const auto before = cursor();
  const auto entries = inbox_->read_after(before, batch_size(), limits::batch_bytes_max);
  if (!entries) return std::unexpected(entries.error());
  if (entries->empty()) return 0;
  for (std::size_t i = 0; i < entries->size(); ++i)
    if (const auto expected = before + 1 + static_cast<std::int64_t>(i); (*entries)[i].seq != expected)
      return fail(ErrorCode::io, "the inbox has no entry " + std::to_string(expected) + " but a later one " +
                                     std::to_string((*entries)[i].seq) + "; restore the backup");

  // A redrive or an action rewrites what earlier entries did, so it is a batch of its own.
  std::span<const store::InboxEntry> batch{*entries};
  const auto alone = std::find_if(batch.begin(), batch.end(), [](const store::InboxEntry& entry) {
    return entry.kind == store::EntryKind::redrive || entry.kind == store::EntryKind::action;
  });
  batch = batch.first(alone == batch.begin() ? 1 : static_cast<std::size_t>(alone - batch.begin()));
  const auto taken = take(batch);
  attempt_file_.end();  // the process lives, whatever came of it
  if (!taken) return std::unexpected(taken.error());
  if (auto checked = leads_->checkpoint_if_due(); !checked) return std::unexpected(checked.error());
  return static_cast<std::size_t>(cursor() - before);
}

Result<void> Pipeline::take(std::span<const store::InboxEntry> entries) {
  const auto first = entries.front().seq;
  const auto last = entries.back().seq;
  const bool alone = first <= suspect_until_;
  const bool died_here = attempt_file_.found().first_seq == first;
  // Once is chance: whoever kills the process at random may do so while an innocent entry is alone.
  if (died_here && attempt_file_.found().alone && deaths_ >= limits::crashes_before_quarantine) {
    log::error("pipeline",
               "entry " + std::to_string(first) +
                   " ended the process again and again; it is in quarantine. See `leadhub inbox show " +
                   std::to_string(first) + "`");
    return set_aside(entries.front(), "the process ended whenever this was processed, at last alone");
  }
  attempt_file_.begin({first, std::max(last, suspect_until_),
                       died_here && attempt_file_.found().alone == alone ? deaths_ : 0, alone});

  Batch batch{*leads_, options_, clock_, log_id_, desk_};
  auto saved = fill(batch, entries);
  if (saved) saved = save(batch);
  if (saved || saved.error().code == ErrorCode::unavailable || saved.error().code == ErrorCode::io)
    return saved;
  // The disk is well, so it is one of the entries: alone, it is known which.
  if (entries.size() == 1)
    return set_aside(entries.front(), "it could not be processed: " + saved.error().message);
  suspect_until_ = last;
  return {};
}

Result<void> Pipeline::set_aside(const store::InboxEntry& entry, const std::string& reason) {
  Batch batch{*leads_, options_, clock_, log_id_, desk_};
  batch.set_aside(entry, reason);
  return save(batch);
}

Result<void> Pipeline::fill(Batch& batch, std::span<const store::InboxEntry> entries) {
  const auto& first = entries.front();
  if (first.kind == store::EntryKind::action) return batch.act(first, *inbox_);
  if (first.kind != store::EntryKind::redrive) return batch.add(entries);
  const auto original = first.redrive_of.value_or(first.seq);
  auto replaced = inbox_->redrives_of(original);
  if (!replaced) return std::unexpected(replaced.error());
  std::erase_if(*replaced, [&](std::int64_t seq) { return seq >= first.seq; });
  replaced->push_back(original);
  return batch.redrive(first, *replaced);
}

Result<void> Pipeline::save(Batch& batch) {
  const auto applied = batch.applied_events();
  const auto quarantined = batch.quarantined_events();
  const auto changes = batch.take_changes();
  if (auto saved = leads_->save(changes); !saved) return saved;
  desk_ = batch.desk();
  {
    const std::scoped_lock lock{mutex_};
    cursor_.store(changes.cursor.seq, std::memory_order_release);
  }
  progress_.notify_all();
  ++batches_;
  applied_events_ += applied;
  quarantined_events_ += quarantined;
  return {};
}

}  // namespace leadhub::pipeline
