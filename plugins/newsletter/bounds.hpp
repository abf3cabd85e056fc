#pragma once

#include <cstddef>
#include <cstdint>

/// The bounds of this plugin's own; those of requests and events are plugins/web's.
namespace leadhub::newsletter::bounds {

inline constexpr std::size_t form_fields_max = 1000;  // Mailchimp sends 20 and one for each merge tag

// Messages of Amazon SNS.
inline constexpr std::int64_t sns_age_ms_max = 65LL * 60 * 1000;  // SNS repeats for an hour; clocks differ
inline constexpr std::int64_t sns_ahead_ms_max = 5LL * 60 * 1000;
inline constexpr std::size_t sns_url_bytes_max = 2048;                        // SubscribeURL has about 400
inline constexpr std::size_t certificate_bytes_max = std::size_t{16} * 1024;  // Amazon's have about 2,500
inline constexpr std::size_t certificates_max = 32;  // a topic's region has one, and two while it is replaced
inline constexpr std::int64_t certificate_kept_ms =
    400LL * 24 * 60 * 60 * 1000;          // Amazon's are valid for about a year
inline constexpr int unproven_max = 300;  // a minute: of requests that are stored before they are proven
inline constexpr std::int64_t unproven_window_ms = 60LL * 1000;

}  // namespace leadhub::newsletter::bounds
