#pragma once

#include <cstddef>

/// The bounds of this plugin's own; those of requests and forms are plugins/web's.
namespace leadhub::newsletter::bounds {

inline constexpr std::size_t events_max = 1000;              // of one request; the host takes no more
inline constexpr std::size_t values_max = 100'000;           // of a JSON body: 1,000 events of 50 values
inline constexpr std::size_t form_fields_max = 1000;         // Mailchimp sends 20 and one for each merge tag
inline constexpr std::size_t field_bytes_max = 4096;         // what the lead event schema takes
inline constexpr std::size_t key_bytes_max = 512;            // the same
inline constexpr std::size_t attributes_max = 100;           // of one event; the schema takes 200
inline constexpr std::size_t attribute_name_bytes_max = 64;  // as hub.yaml can name it

}  // namespace leadhub::newsletter::bounds
