#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ops/clock.hpp"
#include "report/distribution.hpp"
#include "report/funnel.hpp"

namespace leadhub::report {

/// How soon the leads of a channel are to convert (`report.objectives` of hub.yaml).
struct Objective {
  std::string channel;
  std::chrono::milliseconds lead_time{};
  double share = 0.9;  ///< of the conversions, from 0, excluded, to 1
};

/// What is known of a channel's leads, gathered over one walk through those that converted, or were captured,
/// within the objective and limits::objective_window.
struct ChannelLeads {
  Distribution lead_times;                 ///< of those that converted in the last limits::objective_window
  std::optional<TimePoint> converted_at;   ///< the latest conversion of those
  std::optional<TimePoint> waiting_since;  ///< when the oldest lead was captured that is still waited for

  /// A lead is waited for while it has neither converted nor been lost, and was captured no longer ago than
  /// the objective and the window together: most leads never convert, and nobody waits for them for ever.
  void add(const StageTimes& times, const Objective& objective, TimePoint now);
};

/// How a channel stands with its objective.
struct Standing {
  Objective objective;
  std::size_t conversions = 0;                    ///< that were looked at
  std::optional<std::chrono::seconds> lead_time;  ///< within which that share of them converted
  /// How long nobody has converted although somebody could; none: nobody waits.
  std::optional<std::chrono::milliseconds> stalled_for;
  bool is_missed = false;  ///< either is longer than the objective
};

/// Lead time is known of those only who converted; where all of them stop, it would look as good as ever. So
/// a channel misses its objective as well when, for longer than that, nobody has converted though leads
/// wait: since the last conversion, or since the oldest waiting lead was captured where that is later.
[[nodiscard]] Standing standing(const Objective& objective, ChannelLeads leads, TimePoint now);

}  // namespace leadhub::report
