#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// multipart/form-data, RFC 7578 on top of RFC 2046 section 5.1.
///
/// Why a parser of our own: what Debian 12 has reads mail (GMime builds a tree of streams and forgives what a
/// form must not be forgiven) or comes only as part of a whole server (cpp-httplib, Poco, Drogon). This one
/// looks once at each byte, copies no content and refuses whatever two readers might understand differently.
namespace leadhub::webform {

/// One part; the views point into the body.
struct Part {
  std::string name;               ///< %22, %0D and %0A decoded, as browsers encode them
  std::string file_name;          ///< as sent; safe_file_name() before it goes anywhere
  std::string_view content_type;  ///< empty: none given
  std::string_view content;
  bool is_file = false;  ///< it has a file name, be that empty
};

enum class MultipartError {
  malformed = 1,  ///< not the syntax: no final boundary, a bad header, bytes where none belong
  too_many_parts,
};

/// The boundary parameter of a Content-Type value; empty where it is missing or not one of RFC 2046.
std::string multipart_boundary(std::string_view content_type);

/// Reads a whole body, which outlives the parts. Strict: no preamble or epilogue, CRLF only, each part a
/// form-data with a name, the closing boundary present, no transfer encoding. `parts_max`: more is
/// too_many_parts.
std::expected<std::vector<Part>, MultipartError> parse_multipart(std::string_view body,
                                                                 std::string_view boundary,
                                                                 std::size_t parts_max);

/// A name that is safe to show and to store under: the last component of a path with either slash, without
/// control and bidirectional formatting characters, not "." or "..", valid UTF-8 of at most
/// limits::file_name_bytes_max bytes; "unnamed" where nothing is left.
std::string safe_file_name(std::string_view name);

}  // namespace leadhub::webform
