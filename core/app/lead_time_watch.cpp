#include "app/lead_time_watch.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/report_tables.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

std::string in_words(std::chrono::milliseconds time) {
  return span_in_words(std::chrono::floor<std::chrono::seconds>(time).count());
}

std::string objective_in_words(const report::Objective& objective) {
  return fmt::format("{:g} % in {}", objective.share * 100, in_words(objective.lead_time));
}

std::string warning(const report::Standing& standing) {
  const auto& objective = standing.objective;
  std::string why;
  if (standing.lead_time && *standing.lead_time > objective.lead_time)
    why = fmt::format("{:g} % of the last {} conversions took up to {}", objective.share * 100,
                      standing.conversions, in_words(*standing.lead_time));
  if (standing.stalled_for && *standing.stalled_for > objective.lead_time)
    why += (why.empty() ? "" : ", and ") + std::string{"nobody has converted for "} +
           in_words(*standing.stalled_for) + " though leads wait";
  return "channel " + objective.channel + " misses its objective of " + objective_in_words(objective) + ": " +
         why + "; see `leadhub report lead-time --by channel`";
}

}  // namespace

void LeadTimeWatch::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void LeadTimeWatch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void LeadTimeWatch::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    if (const auto looked = look(); !looked)
      log::warning("reports", "lead times: " + looked.error().message + " (it goes on by itself)");
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::objective_poll, [] { return false; });
  }
}

Result<std::vector<LeadTimeWatch::Change>> LeadTimeWatch::look() {
  auto standings = standings_();
  if (!standings) return std::unexpected(standings.error());
  std::vector<Change> changes;
  std::set<std::string> missed;
  for (const auto& standing : *standings) {
    const auto& channel = standing.objective.channel;
    if (standing.is_missed) missed.insert(channel);
    if (standing.is_missed == missed_.contains(channel)) continue;
    changes.push_back({channel, standing.is_missed});
    if (standing.is_missed)
      log::warning("reports", warning(standing));
    else
      log::info("reports", "channel " + channel + " meets its objective of " +
                               objective_in_words(standing.objective) + " again");
  }
  missed_ = std::move(missed);
  const std::scoped_lock lock{mutex_};
  latest_ = *std::move(standings);
  return changes;
}

std::vector<report::Standing> LeadTimeWatch::latest() const {
  const std::scoped_lock lock{mutex_};
  return latest_;
}

}  // namespace leadhub::app
