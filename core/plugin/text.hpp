#pragma once

#include <string>
#include <string_view>

/// Small checks on text that comes from plugins.
namespace leadhub::plugin {

/// Whether these bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). Quick for ASCII.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Something that can stand in a log or on a screen: cut to `bytes_max` at a character, control characters
/// become blanks, and text that is no UTF-8 loses its non-ASCII bytes to '?'.
[[nodiscard]] std::string plain_text(std::string_view text, std::size_t bytes_max);

}  // namespace leadhub::plugin
