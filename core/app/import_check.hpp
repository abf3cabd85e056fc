#pragma once

#include <string>

#include "lead/event.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// Whether the pipeline will find somebody in an event: a mailbox, a phone number, an id of another system or
/// a visitor's. What it would set aside later is told at once to whoever stands before the file. Error:
/// `invalid`, without the address or number. Thread-safe.
[[nodiscard]] Result<void> names_somebody(const lead::LeadEvent& event, const std::string& default_country);

}  // namespace leadhub::app
