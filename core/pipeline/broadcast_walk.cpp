#include "pipeline/broadcast_walk.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "ops/back_off.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::pipeline {

void BroadcastWalk::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void BroadcastWalk::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void BroadcastWalk::run(const std::stop_token& stopping) {
  std::int64_t failures = 0;
  while (!stopping.stop_requested()) {
    const auto swept = sweep(stopping);
    failures = swept ? 0 : failures + 1;
    if (failures == 1) log::warning("broadcasts", swept.error().message + " (it goes on by itself)");
    // Each try is an entry of the log.
    const auto wait = failures == 0
                          ? std::chrono::milliseconds{limits::broadcast_poll}
                          : ops::back_off(limits::broadcast_poll, limits::broadcast_retry_max, failures);
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, wait, [] { return false; });
  }
}

Result<std::size_t> BroadcastWalk::sweep(const std::stop_token& stopping) {
  const auto all = ports_.leads->broadcasts().list();
  if (!all) return std::unexpected(all.error());
  std::size_t pages = 0;
  for (auto stored : *all) {
    const auto& name = stored.broadcast.name;
    while (!stopping.stop_requested()) {
      const auto due = is_due(stored);
      if (!due) return std::unexpected(due.error());
      if (!*due) break;
      const auto asked = ask_page(stored);
      if (!asked) return std::unexpected(asked.error());
      if (!*asked) break;
      ++pages;
      const auto next = ports_.leads->broadcasts().find(name);
      if (!next) return std::unexpected(next.error());
      if (!*next) break;
      stored.progress = (*next)->progress;
    }
    if (auto decided = decide_if_due(stored); !decided) return std::unexpected(decided.error());
  }
  return pages;
}

Result<bool> BroadcastWalk::is_due(const lead::StoredBroadcast& stored) {
  const auto& [broadcast, progress] = stored;
  if (progress.state != lead::BroadcastState::reaching) return false;
  if (clock_.now() < lead::begins_at(broadcast)) return false;
  // The pipeline has not come to the last page yet.
  if (const auto last = pending_.find(broadcast.name);
      last != pending_.end() && last->second.first == progress.up_to &&
      clock_.now() < last->second.second + limits::broadcast_decision)
    return false;
  const auto pauses = ports_.leads->pauses();
  if (!pauses) return std::unexpected(pauses.error());
  const lead::PauseScope own{lead::PauseScope::Of::broadcast, broadcast.name};
  return std::ranges::none_of(*pauses, [&](const lead::Pause& pause) {
    return pause.scope == own || pause.scope == lead::PauseScope{};
  });
}

Result<bool> BroadcastWalk::ask_page(const lead::StoredBroadcast& stored) {
  const auto& [broadcast, progress] = stored;
  std::optional<lead::Condition> segment;
  if (!broadcast.segment.empty()) {
    segment = ports_.find_segment(broadcast.segment);
    if (!segment) {
      if (complained_of_.insert(broadcast.name).second)
        log::warning("broadcasts", "the broadcast \"" + broadcast.name + "\" waits: there is no segment \"" +
                                       broadcast.segment + "\" any more; put it back into hub.yaml, or " +
                                       "`leadhub broadcasts cancel " + broadcast.name + "`");
      return false;
    }
  }
  const auto now = clock_.now();
  const auto page = ports_.leads->list({.after = progress.up_to, .limit = limits::broadcast_page_leads}, now);
  if (!page) return std::unexpected(page.error());
  lead::ReachLeads reach{broadcast.name, {}, progress.up_to, static_cast<std::int64_t>(page->size()), false};
  if (!page->empty()) reach.up_to = page->back().id;
  reach.is_last = reach.asked < limits::broadcast_page_leads;
  for (const auto& lead : *page)
    if (!segment || lead::holds(*segment, {lead, nullptr, now})) reach.lead_ids.push_back(lead.id);
  pending_[broadcast.name] = {progress.up_to, now};
  return ports_.act(reach);
}

Result<void> BroadcastWalk::decide_if_due(const lead::StoredBroadcast& stored) {
  const auto& [broadcast, progress] = stored;
  const auto at = lead::decided_at(broadcast);
  if (!at || progress.winner || progress.state == lead::BroadcastState::cancelled || clock_.now() < *at)
    return {};
  const auto known = ports_.leads->broadcasts().results(broadcast.name);
  if (!known) return std::unexpected(known.error());
  // Quiet hours or a pause may hold the sample; without it all subjects are alike.
  if (known->size() < broadcast.test->subjects.size() && clock_.now() < *at + broadcast.test->decide_after)
    return {};
  std::vector<lead::SubjectResult> results;
  for (std::size_t i = 0; i < broadcast.test->subjects.size(); ++i) {
    const auto found = known->find(lead::subject_name(i));
    results.push_back(found == known->end() ? lead::SubjectResult{} : found->second);
  }
  const auto winner = lead::best_of(*broadcast.test, results);
  if (const auto done = ports_.act(lead::DecideBroadcast{broadcast.name, winner}); !done)
    return std::unexpected(done.error());
  log::info("broadcasts",
            "the broadcast \"" + broadcast.name + "\" goes on with subject " + lead::subject_name(winner));
  return {};
}

}  // namespace leadhub::pipeline
