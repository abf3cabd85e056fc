#pragma once

#include <string>
#include <string_view>

#include "mail/fields.hpp"

/// How a value is written once it is known where it stands.
namespace leadhub::mail {

/// One line of text: white space folded, control, bidirectional and other invisible characters dropped, cut
/// to limits::mail_value_bytes_max. Mail programs make links of bare addresses that they find in a text, so
/// a value of type `text` gets a zero-width space (U+200B) behind each dot or colon that could make it one:
/// "www.evil.example" reads the same and leads nowhere. The types that the hub itself has made or checked
/// (url, address, time, number) stay as they are, for whoever copies them.
[[nodiscard]] std::string shown(std::string_view value, FieldType type);

/// A part of a link's target: everything but RFC 3986's unreserved characters is percent-encoded; of an
/// address "@" stays, and a url stays whole.
[[nodiscard]] std::string in_url(std::string_view value, FieldType type);

/// A value behind `before`: shown, or in_url where mail programs would take it as the rest of a bare address,
/// as in "https://www.example.com/?lead=".
[[nodiscard]] std::string shown_behind(std::string_view before, std::string_view value, FieldType type);

/// At most `bytes_max` bytes, cut between characters; "..." says so.
[[nodiscard]] std::string cut(std::string text, std::size_t bytes_max);

}  // namespace leadhub::mail
