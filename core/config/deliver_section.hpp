#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/conditions.hpp"
#include "deliver/rules.hpp"

namespace leadhub::config {

/// The section `deliver` of a hub.yaml that was checked; null: no rules.
[[nodiscard]] deliver::Rules deliver_of(const nlohmann::json& section, const Segments& segments);

}  // namespace leadhub::config
