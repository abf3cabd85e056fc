#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::config {

/// Asks valijson. The result holds a JSON pointer (into the instance) for each thing that it finds wrong;
/// valijson's own sentences are not passed on. Error: the schema itself is broken. `pattern` and `format` are
/// not looked at.
[[nodiscard]] Result<std::vector<std::string>> judge(const nlohmann::json& instance,
                                                     const nlohmann::json& schema);

}  // namespace leadhub::config
