#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The relaxed canonicalization of DKIM (RFC 6376 section 3.4) of a message with CR LF at each line end.
/// Pure.
namespace leadhub::email {

/// One header field: the name in lower case, a colon, and the unfolded value in which blanks are one. Without
/// CR LF.
std::string relaxed_header(std::string_view field);

/// The body: blanks within a line are one, those at its end and empty lines at the end are gone.
std::string relaxed_body(std::string_view body);

/// Head and body of a message, and the fields of its head, each with its continuation lines and without the
/// last CR LF.
struct MessageParts {
  std::vector<std::string_view> fields;
  std::string_view body;
};
MessageParts parts_of(std::string_view message);

/// What a signature over `names` is made of (section 5.4.2): of each name, in this order, the lowest field
/// that no earlier one has taken, with CR LF; nothing where there is none.
std::string relaxed_headers(const MessageParts& message, std::span<const std::string> names);

}  // namespace leadhub::email
