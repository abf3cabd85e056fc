#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/loaded_config.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// One thing that would be another with the new configuration.
struct PlanExample {
  std::string who;     ///< "entry 17 (website)", or how the lead is known
  std::string before;  ///< empty: nothing
  std::string after;   ///< the same
};

struct PlanChange {
  std::int64_t count = 0;
  std::vector<PlanExample> examples;  ///< the first ones
};

/// What would differ, had the new configuration been in force in a window of the past.
struct Plan {
  TimePoint since{};
  TimePoint now{};
  std::int64_t entries = 0;
  std::int64_t events_before = 0;
  std::int64_t events_after = 0;
  std::int64_t leads_before = 0;
  std::int64_t leads_after = 0;
  /// By kind: "would_fail", "would_fail_no_more" (entries), "leads_gone", "leads_new", "temperature",
  /// "stage", "score", "owner", "mails", "consents" (leads); what nothing falls under is missing.
  std::map<std::string, PlanChange> changes;
  /// What the replay could not know, and how often: entries whose raw request is gone, and the like.
  std::map<std::string, std::int64_t> unknown;
  std::chrono::milliseconds took{0};
};

struct PlanRequest {
  std::chrono::milliseconds window{};
  std::size_t examples = 0;  ///< of each kind
};

/// Replays what the inbox of the running configuration's hub has recorded in the window, once with each
/// configuration, each from empty in a scratch store on disk that is gone afterwards. Nothing outside
/// happens: no mail, no request, no change of the hub's own stores, which may be in use meanwhile. Memory is
/// bounded but for 32 bytes an event.
///
/// Both configurations must be loaded. Errors: `not_found` where the hub has no store yet; what a store says.
[[nodiscard]] Result<Plan> make_plan(const LoadedConfig& running, const LoadedConfig& next,
                                     const PlanRequest& request, const Clock& clock);

[[nodiscard]] std::string plan_as_text(const Plan& plan);
[[nodiscard]] nlohmann::ordered_json plan_as_json(const Plan& plan);

}  // namespace leadhub::app
