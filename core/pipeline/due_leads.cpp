#include "pipeline/due_leads.hpp"

#include <utility>

#include "ops/back_off.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::pipeline {

void DueLeads::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void DueLeads::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void DueLeads::run(const std::stop_token& stopping) {
  std::int64_t failures = 0;
  while (!stopping.stop_requested()) {
    const auto looked = sweep(stopping);
    failures = looked ? 0 : failures + 1;
    if (failures == 1)
      log::warning("pipeline", "leads that are due: " + looked.error().message + " (it goes on by itself)");
    // Each try is an entry of the log.
    const auto wait = failures == 0 ? std::chrono::milliseconds{limits::due_poll}
                                    : ops::back_off(limits::due_poll, limits::due_retry_max, failures);
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, wait, [] { return false; });
  }
}

Result<std::size_t> DueLeads::sweep(const std::stop_token& stopping) {
  std::size_t looked_at = 0;
  while (!stopping.stop_requested()) {
    auto due = ports_.leads->due(clock_.now(), limits::due_leads_max);
    if (!due) return std::unexpected(due.error());
    if (due->empty()) break;
    const auto count = due->size();
    const auto done = ports_.act(lead::LookAgain{*std::move(due)});
    if (!done) return std::unexpected(done.error());
    looked_at += count;
    if (!*done) break;
  }
  return looked_at;
}

Result<std::optional<TimePoint>> DueLeads::next_due() {
  return ports_.leads->next_due();
}

}  // namespace leadhub::pipeline
