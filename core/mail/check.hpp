#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "mail/fields.hpp"
#include "mail/template_file.hpp"

namespace leadhub::mail {

using Pieces = std::map<std::string, Piece, std::less<>>;

/// What a piece and the partials that it names need, and what is wrong with them.
struct PieceReport {
  std::set<std::string> names;  ///< fields outside of records
  std::vector<config::Diagnostic> diagnostics;
};

/// Fields that do not exist, or not in mails of `kind` (nullopt: of any kind), sections over what has none,
/// partials that are missing, name each other in a circle or grow beyond
/// limits::mail_expanded_bytes_max.
[[nodiscard]] PieceReport check_piece(const Piece& piece, const Pieces& partials,
                                      std::optional<MailKind> kind);

/// A piece for a header: no partials.
[[nodiscard]] PieceReport check_line(const Piece& piece, std::optional<MailKind> kind);

/// What markdown_faults finds, at its place in the file.
[[nodiscard]] std::vector<config::Diagnostic> check_markdown(const Piece& piece);

/// A layout has {{content}} once and {{footer}} once at most, outside of tags, comments and sections (but its
/// own), {{subject}} and {{preheader}} in text only, and no field of a lead.
[[nodiscard]] PieceReport check_layout(const Layout& layout);

}  // namespace leadhub::mail
