#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace leadhub::app {

/// A condition of hub.yaml in words: `event.type is demo.requested and lead.score >= 60`. The condition was
/// checked when the configuration was loaded; parts in another shape are shown as they stand.
[[nodiscard]] std::string words_of(const nlohmann::ordered_json& condition);

}  // namespace leadhub::app
