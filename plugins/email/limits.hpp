#pragma once

#include <cstddef>

/// Every bound of this plugin. What a mail itself may hold was bounded by the host.
namespace leadhub::email {

/// RFC 5322 section 2.1.1 forbids lines beyond 998 bytes; the header's name and a blank stand before the
/// word.
inline constexpr std::size_t header_word_bytes_max = 900;
/// Where RFC 5322 wants a line to end, if it can.
inline constexpr std::size_t header_line_bytes = 78;
/// File systems take 255; ".", ".part" and ".eml" need some, and the shortened form adds a hash.
inline constexpr std::size_t file_stem_bytes_max = 200;

}  // namespace leadhub::email
