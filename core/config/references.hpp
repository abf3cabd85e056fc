#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/schema.hpp"
#include "config/source_map.hpp"

namespace leadhub::config {

/// What no schema can see in a whole hub.yaml: that paths of conditions are in the table and their matchers
/// fit them, that segments exist and do not turn in a circle, that `via` and the tests name channels which
/// exist, and `via` none that answers chats, that `assign` and expected owners are somebody, that no name is
/// used twice, that shares add up to 100. Looks past whatever has the wrong shape: the schema's check reports
/// that.
[[nodiscard]] std::vector<Diagnostic> check_references(const nlohmann::json& hub, const SourceMap& source,
                                                       std::span<const PluginSchema> installed);

}  // namespace leadhub::config
