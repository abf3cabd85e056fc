#pragma once

#include <string>
#include <string_view>

#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::control {

/// The id of the lead that somebody names by its id, an e-mail address or a phone number, which is read in
/// that country where it says none. An id is taken as it is. Errors: `invalid`, `not_found`; `conflict` where
/// several leads have the phone number, naming their ids.
[[nodiscard]] Result<std::string> lead_id_of(store::LeadReader& leads, std::string_view reference,
                                             std::string_view default_country);

}  // namespace leadhub::control
