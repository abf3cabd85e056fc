#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/conditions.hpp"
#include "qualify/rules.hpp"

namespace leadhub::config {

/// The section `qualify`, which has been checked.
[[nodiscard]] qualify::Rules qualify_of(const nlohmann::json& section, const Segments& segments);

}  // namespace leadhub::config
