#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The fields of machine-readable reports: RFC 3464 section 2.1, RFC 5965 section 3.
namespace leadhub::mailbox {

/// One group of fields, "Name: value" each, folded lines joined. Names are lower-case.
struct FieldGroup {
  std::vector<std::pair<std::string, std::string>> fields;

  /// The first of that name; empty: there is none.
  [[nodiscard]] std::string_view value(std::string_view name) const;
};

/// The groups of `text`, which blank lines part. Lines that are no field are left out. Values are one line of
/// UTF-8 of at most limits::field_bytes_max; there are at most limits::report_fields_max fields.
[[nodiscard]] std::vector<FieldGroup> read_field_groups(std::string_view text);

/// The mail address of "rfc822; ada@example.com" (RFC 3464 section 2.3.1) or "utf-8; ..." (RFC 6533), with or
/// without its type, angle brackets and a comment behind it. Empty for an address of another kind (x400),
/// where it holds none, and for one that somebody shortened ("ada...@example.com").
[[nodiscard]] std::string mail_address_of(std::string_view typed);

/// The characters that RFC 3461 section 4 has as "+2B" in Original-Recipient. Where a "+" stands before
/// anything but two upper-case hexadecimal digits the text is no xtext, as many systems write it, and stays.
[[nodiscard]] std::string decode_xtext(std::string_view text);

}  // namespace leadhub::mailbox
