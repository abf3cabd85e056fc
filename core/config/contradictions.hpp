#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/source_map.hpp"

namespace leadhub::config {

/// What is well written in a whole hub.yaml and can never do anything: a comparison that nothing meets, a
/// rule of route behind another with the same condition, rules without a team, working hours that end before
/// they begin. Looks past whatever has the wrong shape.
[[nodiscard]] std::vector<Diagnostic> check_contradictions(const nlohmann::json& hub,
                                                           const SourceMap& source);

}  // namespace leadhub::config
