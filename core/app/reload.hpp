#pragma once

#include <vector>

#include "config/config.hpp"

namespace leadhub::app {

/// The values that a running hub cannot change, where `next` has others than `running`: an error each, at the
/// place of the new value, that names the key and says to start the hub again. Empty: all can be applied.
[[nodiscard]] std::vector<config::Diagnostic> changes_that_need_a_start(const config::Config& running,
                                                                        const config::Config& next);

}  // namespace leadhub::app
