#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "lead/lead.hpp"

namespace leadhub::report {

/// The stages of the funnel in their order: captured to customer. lost and recycled stand beside it.
inline constexpr std::size_t funnel_stage_count = 5;

/// When a lead entered each stage, from captured; none: it never did. As lead::Lead::stage_entered.
using StageTimes = std::array<std::optional<TimePoint>, lead::stage_count>;

/// How many leads entered each stage. A lead that passed a stage over (a visitor who buys at once) has not
/// entered it, so a later stage can have more leads than the one before.
struct FunnelTally {
  std::array<std::int64_t, lead::stage_count> entered{};
  /// Of those who entered the stage of that number, how many also entered the next one of the funnel.
  std::array<std::int64_t, funnel_stage_count - 1> went_on{};

  void add(const StageTimes& times);
  void add(const FunnelTally& other);
  [[nodiscard]] std::int64_t size() const { return entered[0]; }

  /// The share of the leads in the stage before that entered this one; none: nobody was there, or the stage
  /// is captured.
  [[nodiscard]] std::optional<double> share_of_previous(lead::Stage stage) const;
  /// The share of all captured leads that entered this stage; none: there are no leads.
  [[nodiscard]] std::optional<double> share_of_captured(lead::Stage stage) const;
};

}  // namespace leadhub::report
