#pragma once

#include "app/generation.hpp"
#include "lead/broadcast.hpp"
#include "mail/template_set.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// Error: why the generation cannot send it, and what would mend that: `not_found` where it has no such
/// channel, segment or template; `invalid` where the channel says no postal address, or a template or subject
/// is at fault.
[[nodiscard]] Result<void> check_broadcast(const Generation& generation, const lead::Broadcast& broadcast);

/// The condition of a segment. Error: `not_found`, naming those that there are.
[[nodiscard]] Result<lead::Condition> find_segment(const config::Config& config, const std::string& name);

}  // namespace leadhub::app
