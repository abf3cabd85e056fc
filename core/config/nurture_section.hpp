#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "config/conditions.hpp"
#include "nurture/journey.hpp"

namespace leadhub::config {

/// The section `nurture` of a hub.yaml that was checked; null: no journeys. `time_zone`: the hub's.
///
/// The steps of a journey become one list, in which branches are jumps. A step without a name is known by
/// what it sends, tags or by its kind, so that a running enrolment finds it again after a change elsewhere in
/// the journey: "welcome", "wait", and where there are several "wait 2".
[[nodiscard]] nurture::Rules nurture_of(const nlohmann::json& section, const Segments& segments,
                                        const std::string& time_zone);

}  // namespace leadhub::config
