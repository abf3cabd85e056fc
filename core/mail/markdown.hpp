#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/marks.hpp"
#include "ops/error.hpp"

namespace leadhub::mail {

/// CSS declarations by element; see Layout.
using Styles = std::map<std::string, std::string, std::less<>>;

enum class Part { body = 1, footer };

/// One Markdown as both parts of a mail. Lines of text end with LF and are wrapped at
/// limits::mail_text_columns where a word lets them; a link reads "text (address)",
/// and a bold link that is a paragraph of its own has its address in a line of its own.
struct Written {
  std::string html;
  std::string text;
};

/// Parses `markdown` (CommonMark), puts the values in at their marks and writes it down twice. Elements carry
/// their styles; in the footer those of "footer" besides. Error: as markdown_faults.
[[nodiscard]] Result<Written> write_markdown(std::string_view markdown, const Marks& marks,
                                             const Styles& styles, Part part);

/// What a mail must not have.
struct MarkdownFault {
  std::size_t line = 1;             ///< of the Markdown, from 1
  std::string near;                 ///< what stands there, or not far behind
  std::optional<std::size_t> mark;  ///< the number of the value that is to blame
  std::string message;
};

/// HTML in the Markdown, which would be missing in the text part; a link that is no whole address, or whose
/// host a value could choose; nesting so deep that nobody reads it.
[[nodiscard]] std::vector<MarkdownFault> markdown_faults(std::string_view markdown, const Marks& marks);

}  // namespace leadhub::mail
