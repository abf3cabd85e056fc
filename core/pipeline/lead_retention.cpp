#include "pipeline/lead_retention.hpp"

#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::pipeline {

void LeadRetention::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void LeadRetention::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void LeadRetention::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    const auto erased = sweep(stopping);
    if (!erased)
      log::warning("retention", erased.error().message + " (it goes on by itself)");
    else if (*erased > 0)
      log::info("retention",
                "erased " + std::to_string(*erased) + " leads that nothing was heard of for too long");
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::retention_interval, [] { return false; });
  }
}

Result<std::size_t> LeadRetention::sweep(const std::stop_token& stopping) {
  const auto since = clock_.now() - keep_leads_;
  std::size_t erased = 0;
  std::string after;
  do {
    const auto silent = ports_.leads->silent_since(since, after, limits::retention_page_leads);
    if (!silent) return std::unexpected(silent.error());
    for (const auto& id : silent->ids) {
      if (stopping.stop_requested()) return erased;
      const auto done = ports_.act(lead::EraseLead{id, since});
      if (done && !*done) return erased;
      const bool is_gone_already = !done && done.error().code == ErrorCode::conflict;
      if (!done && !is_gone_already) return std::unexpected(done.error());
      if (done) ++erased;
    }
    after = silent->next;
  } while (!after.empty() && !stopping.stop_requested());
  return erased;
}

}  // namespace leadhub::pipeline
