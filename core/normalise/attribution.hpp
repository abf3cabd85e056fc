#pragma once

#include <string_view>
#include <vector>

#include "lead/event.hpp"

namespace leadhub::normalise {

/// The utm_* values and click ids of a URL's query, decoded as forms are (WHATWG: '+' is a blank); the first
/// of repeated names counts, empty values and unfilled macros such as "{campaignid}" do not. Names compare
/// without case.
[[nodiscard]] std::vector<lead::NamedText> attribution_of(std::string_view url);

/// Cleans what the channel gave itself (blanks, empty values, unfilled macros) and fills in the rest from
/// landing_page's query.
void complete_attribution(lead::LeadEvent& event);

}  // namespace leadhub::normalise
