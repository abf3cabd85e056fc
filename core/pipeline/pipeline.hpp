#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "pipeline/attempt_file.hpp"
#include "pipeline/batch.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_store.hpp"

namespace leadhub::pipeline {

struct Statistics {
  std::uint64_t batches = 0;
  std::uint64_t applied_events = 0;
  std::uint64_t quarantined_events = 0;
};

/// Reads the log in order, in batches, and writes each batch's effects together with its own cursor in one
/// transaction: whenever the process ends, it goes on where it was, and every event takes effect once.
///
/// Runs in a thread of its own, below the priority of the answering path. start() and stop() by one thread;
/// the rest by any.
class Pipeline {
 public:
  /// `on_fatal` is called once, from the pipeline's thread, where the store failed for good; the process must
  /// end.
  [[nodiscard]] static Result<std::unique_ptr<Pipeline>> open(std::unique_ptr<store::InboxReader> inbox,
                                                              std::unique_ptr<store::LeadStore> leads,
                                                              StageOptions options, const std::string& log_id,
                                                              std::int64_t log_head,
                                                              const std::filesystem::path& attempt_file,
                                                              const Clock& clock,
                                                              std::function<void(const Error&)> on_fatal);
  ~Pipeline();

  void start();
  /// Ends after the batch under way.
  void stop();

  /// Something was committed to the log up to this entry.
  void notify(std::int64_t head);

  /// Other options from the next batch on.
  void set_options(StageOptions options);

  /// The last entry whose effects are on disk.
  [[nodiscard]] std::int64_t cursor() const { return cursor_.load(std::memory_order_acquire); }
  /// Waits until the cursor has passed `seq` or the time is over; whether it has.
  [[nodiscard]] bool wait_for(std::int64_t seq, std::chrono::milliseconds timeout);
  [[nodiscard]] Statistics statistics() const;

  using StoreTask = std::function<Result<void>(store::LeadStore&)>;
  /// Runs a task on the pipeline's thread between two batches, since one connection alone writes the lead
  /// store, and returns its result. Blocks for as long as a batch may take. Error of its own: `unavailable`
  /// where the pipeline does not run. Not for the pipeline's own thread.
  [[nodiscard]] Result<void> between_batches(StoreTask task);

  /// Takes one batch, if there is any; how many entries it took, which is 0 also where a batch has to be
  /// taken again entry by entry. What the thread does again and again; for tests, which call it without
  /// start().
  [[nodiscard]] Result<std::size_t> step();

 private:
  Pipeline(std::unique_ptr<store::InboxReader> inbox, std::unique_ptr<store::LeadStore> leads,
           StageOptions options, std::string log_id, std::int64_t cursor, AttemptFile attempt_file,
           const Clock& clock, std::function<void(const Error&)> on_fatal);
  struct Waiting {
    StoreTask task;
    std::promise<Result<void>> done;
  };
  void run(const std::stop_token& stopping);
  void take_batches(const std::stop_token& stopping);
  void run_tasks();
  void refuse_tasks();
  void wait_for_work(const std::stop_token& stopping, std::chrono::milliseconds at_most);
  [[nodiscard]] std::size_t batch_size() const;
  [[nodiscard]] Result<void> take(std::span<const store::InboxEntry> entries);
  [[nodiscard]] Result<void> set_aside(const store::InboxEntry& entry, const std::string& reason);
  /// Who of the team is how busy, from the store.
  [[nodiscard]] Result<void> open_desk();
  [[nodiscard]] Result<void> fill(Batch& batch, std::span<const store::InboxEntry> entries);
  [[nodiscard]] Result<void> save(Batch& batch);

  std::unique_ptr<store::InboxReader> inbox_;
  std::unique_ptr<store::LeadStore> leads_;
  StageOptions options_;
  route::Desk desk_;
  std::string log_id_;
  AttemptFile attempt_file_;
  std::int64_t suspect_until_ = 0;  ///< up to this entry, each is taken alone
  int deaths_ = 0;                  ///< at the first entry after the cursor, before this start
  const Clock& clock_;
  std::function<void(const Error&)> on_fatal_;

  std::atomic<std::int64_t> cursor_;
  std::atomic<std::uint64_t> batches_{0};
  std::atomic<std::uint64_t> applied_events_{0};
  std::atomic<std::uint64_t> quarantined_events_{0};

  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable_any progress_;
  std::int64_t head_ = 0;                             ///< guarded by mutex_
  std::vector<Waiting> tasks_;                        ///< guarded by mutex_
  bool takes_tasks_ = false;                          ///< guarded by mutex_
  std::shared_ptr<const StageOptions> next_options_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace leadhub::pipeline
