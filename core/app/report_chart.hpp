#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/bar_chart.hpp"

namespace leadhub::app {

/// What of a report document a picture can show: of a funnel the leads of each stage by group; the lead
/// time's percentiles of each group, in the largest unit that fits; the leads and conversions of each source
/// by both touches. Of many groups the first; the title says of how many.
[[nodiscard]] BarChart chart_of(const nlohmann::ordered_json& report);

}  // namespace leadhub::app
