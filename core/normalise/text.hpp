#pragma once

#include <string>
#include <string_view>

namespace leadhub::normalise {

/// One line of text as people mean it: NFC, white space of any kind trimmed and folded to single blanks,
/// control and formatting characters dropped but the joiners that scripts need (U+200C, U+200D). Input:
/// UTF-8; what is not UTF-8 becomes U+FFFD. Cleaning twice changes nothing.
[[nodiscard]] std::string clean_line(std::string_view text);

/// Several lines: the same, but white space stays within; CR LF, CR, NEL and the Unicode line and paragraph
/// separators become LF.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace leadhub::normalise
