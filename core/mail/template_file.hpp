#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "mail/source_text.hpp"
#include "mail/tags.hpp"

/// The files of a folder of templates, each read by itself.
namespace leadhub::mail {

/// A text with fields, and how mstch reads it.
struct Piece {
  SourceText source;
  std::vector<Tag> tags;
  std::string mustache;
};

/// Who a mail is from, or whom its answers go to.
struct Mailbox {
  std::string name;  ///< may be empty
  std::string address;
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

/// One mail: NAME.md.
struct Template {
  std::string name;
  Piece subject;
  Piece preheader;  ///< what mailboxes show behind the subject
  Piece body;       ///< Markdown
  Piece text;       ///< instead of the text made of the Markdown; empty: none
  Mailbox from;     ///< no address: the sending channel's
  Mailbox reply_to;
  std::string layout = "layout";
  config::Position layout_position;
  std::set<std::string>
      names;  ///< the fields that it and its partials name; whoever knows the partials sets it
};

/// NAME.html: what stands around the Markdown.
struct Layout {
  std::string name;
  Piece body;                                              ///< HTML
  std::map<std::string, std::string, std::less<>> styles;  ///< CSS declarations by element; "button": a
                                                           ///< paragraph that is a bold link
};

/// Reads NAME.md with its front matter; what is wrong is added to `diagnostics`. `text`: UTF-8 with LF.
[[nodiscard]] Template read_template(std::string name, const std::string& file, std::string_view text,
                                     std::vector<config::Diagnostic>& diagnostics);

/// Reads a piece of Markdown without front matter.
[[nodiscard]] Piece read_piece(SourceText source, std::vector<config::Diagnostic>& diagnostics);

/// Reads NAME.html; its front matter may be missing, and then `styles` are those of the built-in layout.
[[nodiscard]] Layout read_layout(std::string name, const std::string& file, std::string_view text,
                                 std::vector<config::Diagnostic>& diagnostics);

/// The elements that `styles` may name.
[[nodiscard]] const std::vector<std::string>& styled_elements();

}  // namespace leadhub::mail
