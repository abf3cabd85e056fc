#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "report/rules.hpp"

namespace leadhub::config {

/// The section `report`, which has been checked. `time_zone`: the hub's.
[[nodiscard]] report::Rules report_of(const nlohmann::json& section, const std::string& time_zone);

}  // namespace leadhub::config
