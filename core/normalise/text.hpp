#pragma once

#include <string>
#include <string_view>

namespace leadhub::normalise {

/// One line of text as people mean it: NFC, white space of any kind trimmed and folded to single blanks,
/// control and bidirectional formatting characters dropped. Input: UTF-8; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string clean_line(std::string_view text);

/// Several lines: NFC, trimmed at both ends, CR LF and CR become LF, control characters but tab and LF
/// dropped.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace leadhub::normalise
