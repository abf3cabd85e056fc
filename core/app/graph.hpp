#pragma once

#include <string>

#include "app/loaded_config.hpp"

namespace leadhub::app {

/// The whole configuration as a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html): channels by what
/// they are for, the stages of the pipeline, the rules with their conditions in words, the team, the
/// segments, and the journeys step by step. Whatever stands in the file is a quoted label with everything
/// escaped that Mermaid or Markdown would take for its own; the names of nodes are ours. Shows no value of a
/// channel's configuration besides its provider, so no secret. `loaded.config` must be there. Ends with a
/// line feed.
[[nodiscard]] std::string to_mermaid(const LoadedConfig& loaded);

}  // namespace leadhub::app
