#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "config/conditions.hpp"
#include "route/team.hpp"

namespace leadhub::config {

/// The section `route`, which has been checked. `time_zone`: the hub's, where the section names none.
[[nodiscard]] route::Routes route_of(const nlohmann::json& section, const Segments& segments,
                                     const std::string& time_zone);

}  // namespace leadhub::config
