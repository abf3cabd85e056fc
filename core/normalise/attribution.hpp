#pragma once

#include <string_view>
#include <vector>

#include "lead/event.hpp"

namespace leadhub::normalise {

/// The utm_* values and click ids of a URL's query, decoded as forms are (WHATWG: '+' is a blank); the first
/// of repeated names counts, empty values and unfilled macros such as "{campaignid}" do not. Names compare
/// without case.
[[nodiscard]] std::vector<lead::NamedText> attribution_of(std::string_view url);

/// Fills in from landing_page's query what the channel did not give itself.
void complete_attribution(lead::LeadEvent& event);

}  // namespace leadhub::normalise
