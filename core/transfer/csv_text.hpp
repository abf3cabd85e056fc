#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leadhub::transfer {

/// A cell that no spreadsheet takes for a formula: where the text begins with = + - @, a tab or a carriage
/// return, an apostrophe goes before it (OWASP, "CSV Injection"). A text that begins with apostrophes and
/// then such a sign gets one more, so that unguarded() gives every text back as it was.
[[nodiscard]] std::string guarded(std::string_view text);

/// The text of a cell: guarded() undone. Texts that were never guarded stay as they are, but for the rare one
/// that begins with an apostrophe and such a sign.
[[nodiscard]] std::string_view unguarded(std::string_view cell);

/// Adds one row of RFC 4180, guarded, quoted where it must be, ended by CR LF.
void append_csv_row(std::string& out, const std::vector<std::string>& cells);

}  // namespace leadhub::transfer
