#pragma once

#include <string>
#include <string_view>

namespace leadhub::webform {

/// How the bytes of a form are to be read.
enum class Charset {
  undeclared = 1,  ///< UTF-8 where that is what it is, else windows-1252
  utf_8,           ///< as declared; what does not fit becomes U+FFFD
  windows_1252,  ///< as declared, under this name or as iso-8859-1 or us-ascii (WHATWG Encoding, section 4.2)
};

/// The charset of that label. Others than the above count as undeclared: today's browsers send forms in the
/// page's encoding, and of the pages that are not UTF-8 nearly all are windows-1252.
Charset charset_named(std::string_view label);

/// Whether `text`, read as `charset`, must be converted before it is UTF-8.
bool needs_conversion(std::string_view text, Charset charset);

/// `text` read as `charset`, always valid UTF-8.
std::string to_utf8(std::string_view text, Charset charset);

}  // namespace leadhub::webform
