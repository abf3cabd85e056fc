#pragma once

#include "app/generation.hpp"
#include "lead/pause.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// Error: `not_found` where the generation has no channel that sends, or no journey, of that name; the
/// message names those that there are. A broadcast is not of a generation, and not looked for.
[[nodiscard]] Result<void> find_pausable(const Generation& generation, const lead::PauseScope& scope);

}  // namespace leadhub::app
