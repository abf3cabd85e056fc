#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How what a sender chose becomes text of the database: every tool and every JSON document must be able to
/// show it, and every byte must come back for a redrive.
namespace leadhub::store {

/// Whether the bytes can stand in the database as they are: UTF-8 without NUL.
[[nodiscard]] bool is_plain_text(std::string_view bytes);

struct HeaderLine {
  std::string name;
  std::string value;  ///< any bytes
};

/// A line of StoredRequest::headers, without its end: "name: value", or "name:base64 BASE64" where the value
/// is no plain text (RFC 9110, section 5.5, lets it hold any byte beyond ASCII).
[[nodiscard]] std::string header_line(std::string_view name, std::string_view value);
/// nullopt where the line is none.
[[nodiscard]] std::optional<HeaderLine> read_header_line(std::string_view line);

}  // namespace leadhub::store
