#pragma once

#include <cstddef>

/// The bounds of this plugin's own; those of requests and events are plugins/web's.
namespace leadhub::newsletter::bounds {

inline constexpr std::size_t form_fields_max = 1000;  // Mailchimp sends 20 and one for each merge tag

}  // namespace leadhub::newsletter::bounds
