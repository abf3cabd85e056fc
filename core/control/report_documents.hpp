#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "report/attribution.hpp"
#include "report/funnel.hpp"
#include "report/lead_time.hpp"
#include "report/objective.hpp"

/// The lines of reports as JSON, described in docs/reports.md. `group`: empty for the total, whose "group" is
/// null.
namespace leadhub::control {

[[nodiscard]] nlohmann::ordered_json funnel_line(const std::string& group, const report::FunnelTally& tally);
/// Takes the percentiles of the tally, which only changes the order in which it keeps its times.
[[nodiscard]] nlohmann::ordered_json lead_time_line(const std::string& group, report::LeadTimeTally& tally);
[[nodiscard]] nlohmann::ordered_json sources_line(const std::string& group,
                                                  const report::AttributionTally& tally);
[[nodiscard]] nlohmann::ordered_json standing_document(const report::Standing& standing);
/// [{"currency", "amount"}]
[[nodiscard]] nlohmann::ordered_json money_document(const report::Money& money);

}  // namespace leadhub::control
