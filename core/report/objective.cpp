#include "report/objective.hpp"

#include <algorithm>

#include "ops/limits.hpp"

namespace leadhub::report {
namespace {

const std::optional<TimePoint>& entered(const StageTimes& times, lead::Stage stage) {
  return times.at(static_cast<std::size_t>(stage) - 1);
}

bool is_lost(const StageTimes& times) {
  const auto& lost = entered(times, lead::Stage::lost);
  const auto& recycled = entered(times, lead::Stage::recycled);
  return lost && (!recycled || *recycled < *lost);
}

}  // namespace

void ChannelLeads::add(const StageTimes& times, const Objective& objective, TimePoint now) {
  const auto& captured = entered(times, lead::Stage::captured);
  const auto& converted = entered(times, lead::Stage::converted);
  if (!captured) return;
  if (converted) {
    converted_at = converted_at ? std::max(*converted_at, *converted) : *converted;
    if (*converted >= now - limits::objective_window && *converted >= *captured)
      lead_times.add(*converted - *captured);
  } else if (!is_lost(times) && *captured >= now - objective.lead_time - limits::objective_window) {
    waiting_since = waiting_since ? std::min(*waiting_since, *captured) : *captured;
  }
}

Standing standing(const Objective& objective, ChannelLeads leads, TimePoint now) {
  Standing result;
  result.objective = objective;
  result.conversions = leads.lead_times.size();
  result.lead_time = leads.lead_times.percentile(objective.share);
  if (leads.waiting_since) {
    const auto since =
        leads.converted_at ? std::max(*leads.converted_at, *leads.waiting_since) : *leads.waiting_since;
    result.stalled_for = std::max(now - since, std::chrono::milliseconds{});
  }
  result.is_missed = (result.lead_time && *result.lead_time > objective.lead_time) ||
                     (result.stalled_for && *result.stalled_for > objective.lead_time);
  return result;
}

}  // namespace leadhub::report
