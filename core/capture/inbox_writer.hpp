#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// What became of an entry: stored (or known already), or an error of class `unavailable`, to be answered
/// with 503.
using AppendResult = Result<store::AppendOutcome>;

/// Commits entries to the inbox in groups: whatever waits is committed together, without a timer, so a lone
/// entry waits for one fsync only and a crowd shares it.
///
/// Thread-safe. One thread inside writes; `done` is called from it, after the commit.
class InboxWriter {
 public:
  struct Retention {
    std::chrono::milliseconds keep_raw{0};    ///< 0: for ever
    std::function<std::int64_t()> processed;  ///< the last entry that the pipeline is done with
    store::QuarantineLookup in_quarantine;    ///< what the pipeline has set aside keeps its raw request
    store::ErasureLookup erased_after{};      ///< what erasures leave to be scrubbed
  };

  struct Statistics {
    std::uint64_t commits = 0;
    std::uint64_t committed_entries = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t refused_full = 0;    ///< the queue was full
    std::uint64_t refused_failed = 0;  ///< the disk was full or the file locked
    std::uint64_t purged = 0;
    std::uint64_t commit_microseconds = 0;
    std::size_t queued_entries = 0;
  };

  /// `on_commit` is called after each commit with the new head. `on_fatal` is called once, where an fsync or
  /// the disk failed: nobody knows what is stored then, so nothing is acknowledged any more, all who wait are
  /// told `unavailable`, and the process must end.
  InboxWriter(std::unique_ptr<store::InboxWriterStore> store, Retention retention, const Clock& clock,
              std::function<void(std::int64_t)> on_commit, std::function<void(const Error&)> on_fatal);
  /// Commits what waits, then ends.
  ~InboxWriter();

  /// Queues the entry. `done` is called exactly once: at once with `unavailable` where the queue is full or
  /// the writer has stopped, else after the commit.
  void append(store::DraftEntry draft, std::move_only_function<void(AppendResult)> done);
  /// The same for a thread that may wait, at most limits::handler_deadline. Error: also `unavailable` where
  /// the commit takes longer; the entry may still be committed.
  [[nodiscard]] AppendResult append_and_wait(store::DraftEntry draft);

  /// The pipeline has erased somebody by this entry of the log: scrub what is left, soon.
  void scrub_up_to(std::int64_t erased_by);

  /// Whether an entry would be refused now; cheap, for refusing early.
  [[nodiscard]] bool is_full() const;

  /// Takes nothing more, commits what waits, ends the thread, and lets go of Retention::in_quarantine.
  void stop();

  /// The last committed entry.
  [[nodiscard]] std::int64_t head() const { return head_.load(std::memory_order_acquire); }
  /// The last erasure whose raw requests and events are gone.
  [[nodiscard]] std::int64_t scrubbed_up_to() const {
    return scrubbed_up_to_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const std::string& log_id() const { return log_id_; }
  [[nodiscard]] Statistics statistics() const;

 private:
  struct Job {
    store::DraftEntry draft;
    std::move_only_function<void(AppendResult)> done;
    std::size_t bytes = 0;
  };

  void run();
  [[nodiscard]] std::vector<Job> next_group();
  void commit(std::vector<Job> group);
  void finish(std::vector<Job>& group, Result<std::vector<store::AppendOutcome>> outcomes);
  void keep_house();
  void purge();
  [[nodiscard]] bool scrub_is_due() const;
  void scrub();
  void fail_for_good(const Error& error, std::vector<Job> unanswered);
  [[nodiscard]] bool has_room(std::size_t bytes) const;

  std::unique_ptr<store::InboxWriterStore> store_;
  Retention retention_;
  const Clock& clock_;
  std::function<void(std::int64_t)> on_commit_;
  std::function<void(const Error&)> on_fatal_;
  std::string log_id_;
  std::atomic<std::int64_t> head_;
  std::atomic<std::int64_t> scrubbed_up_to_;
  std::atomic<std::int64_t> scrub_wanted_{0};
  bool looks_for_erasures_ = true;  ///< at the start, for those that an earlier process left
  TimePoint next_purge_{};
  std::int64_t purged_up_to_ = 0;  ///< by the purge under way
  bool failing_ = false;           ///< the last commit failed; only the writer's thread looks

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::vector<Job> queue_;        ///< guarded by mutex_
  std::size_t queued_bytes_ = 0;  ///< guarded by mutex_
  bool stopping_ = false;         ///< guarded by mutex_
  bool failed_ = false;           ///< guarded by mutex_
  Statistics statistics_;         ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace leadhub::capture
