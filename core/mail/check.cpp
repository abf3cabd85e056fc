#include "mail/check.hpp"

#include <algorithm>

#include "config/suggestion.hpp"
#include "mail/markdown.hpp"
#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

using config::in_quotes;

std::string kinds_of(const Field& field) {
  std::string text;
  for (const auto kind : {MailKind::marketing, MailKind::confirmation, MailKind::hand_off})
    if (has(field, kind)) text += (text.empty() ? "" : " and ") + std::string{to_string(kind)};
  return text;
}

std::vector<std::string> names_of(const Pieces& pieces) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : pieces) names.push_back(name);
  return names;
}

/// What a section is over: the names within depend on it.
struct Scope {
  enum class Over { presence = 1, texts, records } over = Over::presence;
  std::string records;
};

class Walker {
 public:
  Walker(const Pieces& partials, std::optional<MailKind> kind) : partials_(partials), kind_(kind) {}

  void walk(const Piece& piece) {
    const auto outer = scopes_.size();
    for (const auto& tag : piece.tags) {
      if (expanded_ > limits::mail_expanded_bytes_max) break;
      expanded_ += tag.size + 1;
      visit(piece, tag, outer);
    }
    scopes_.resize(std::min(scopes_.size(), outer));  // sections that are not closed
    expanded_ += piece.source.text.size();
    if (expanded_ > limits::mail_expanded_bytes_max && path_.empty())
      say(piece, 0, "with its partials the template grows too large; name fewer of them");
  }

  [[nodiscard]] PieceReport take() { return std::move(report_); }

 private:
  void say(const Piece& piece, std::size_t offset, std::string message) {
    report_.diagnostics.push_back(piece.source.error(offset, std::move(message)));
  }

  void visit(const Piece& piece, const Tag& tag, std::size_t outer) {
    switch (tag.type) {
      case TagType::field:
        if (const auto* field = resolve(piece, tag)) check_shown(piece, tag, *field);
        break;
      case TagType::section:
        open(piece, tag);
        break;
      case TagType::inverted:
        resolve(piece, tag);
        scopes_.emplace_back();
        break;
      case TagType::close:
        if (scopes_.size() > outer) scopes_.pop_back();
        break;
      case TagType::partial:
        enter(piece, tag);
        break;
      case TagType::comment:
        break;
    }
  }

  [[nodiscard]] std::string records() const {
    const auto found =
        std::ranges::find(scopes_.rbegin(), scopes_.rend(), Scope::Over::records, &Scope::over);
    return found == scopes_.rend() ? std::string{} : found->records;
  }

  [[nodiscard]] bool is_in_list() const {
    return std::ranges::any_of(scopes_,
                               [](const Scope& scope) { return scope.over != Scope::Over::presence; });
  }

  /// nullptr: there is nothing more to check.
  const Field* resolve(const Piece& piece, const Tag& tag) {
    if (tag.name == ".") {
      const bool is_entry = std::ranges::find(scopes_, Scope::Over::texts, &Scope::over) != scopes_.end();
      if (!is_entry || tag.type != TagType::field || tag.fallback)
        say(piece, tag.offset, "{{.}} is the entry of a list; write it within a section, as in {{#tags}}");
      return nullptr;
    }
    const auto within = records();
    const auto* field = find_field(tag.name, within);
    if (field == nullptr) {
      say(piece, tag.offset,
          "there is no field " + in_quotes(tag.name) + "; " +
              config::suggestion(tag.name, field_names(within), "fields"));
      return nullptr;
    }
    if (kind_ && !has(*field, *kind_)) {
      say(piece, tag.offset,
          "a " + std::string{to_string(*kind_)} + " mail has no field " + in_quotes(tag.name) +
              "; it is one of " + kinds_of(*field) + " mails");
      return nullptr;
    }
    if (field->name.find('[') == std::string_view::npos) report_.names.insert(tag.name);
    return field;
  }

  void check_shown(const Piece& piece, const Tag& tag, const Field& field) {
    const auto section = "{{#" + tag.name + "}} ... {{/" + tag.name + "}}";
    if (field.type == FieldType::records)
      say(piece, tag.offset, tag.name + " is a list; write " + section + " around what each entry shows");
    if (field.type == FieldType::truth)
      say(piece, tag.offset, tag.name + " is true or not; write " + section + " around what it decides");
  }

  void open(const Piece& piece, const Tag& tag) {
    const auto* field = resolve(piece, tag);
    Scope scope;
    if (field != nullptr && field->type == FieldType::records)
      scope = {Scope::Over::records, tag.name};
    else if (field != nullptr && (field->type == FieldType::list || field->name == "attributes.*"))
      scope.over = Scope::Over::texts;
    if (scope.over != Scope::Over::presence && is_in_list())
      say(piece, tag.offset, "a list within a list grows too large; close the outer one first");
    scopes_.push_back(std::move(scope));
  }

  void enter(const Piece& piece, const Tag& tag) {
    const auto found = partials_.find(tag.name);
    if (found == partials_.end())
      return say(
          piece, tag.offset,
          "there is no partial " + in_quotes(tag.name) + "; " +
              (partials_.empty() ? "write partials/" + tag.name + ".md"
                                 : config::suggestion(tag.name, names_of(partials_), "known partials")));
    if (std::ranges::find(path_, tag.name) != path_.end())
      return say(piece, tag.offset,
                 "the partial " + in_quotes(tag.name) + " names itself again; that would never end");
    if (path_.size() == limits::mail_partial_depth_max)
      return say(piece, tag.offset,
                 "partials are nested more than " + std::to_string(limits::mail_partial_depth_max) +
                     " deep; put the inner ones in one file");
    path_.push_back(tag.name);
    walk(found->second);
    path_.pop_back();
  }

  const Pieces& partials_;
  std::optional<MailKind> kind_;
  PieceReport report_;
  std::vector<Scope> scopes_;
  std::vector<std::string> path_;
  std::size_t expanded_ = 0;
};

/// What a name stands for, wherever it stands.
FieldType type_anywhere(std::string_view name) {
  for (const auto* records : {"", "contacts", "scores", "timeline"})
    if (const auto* field = find_field(name, records)) return field->type;
  return FieldType::text;
}

/// Where a line of the text begins.
std::size_t offset_of_line(std::string_view text, std::size_t line) {
  std::size_t offset = 0;
  for (; line > 1; --line) {
    const auto end = text.find('\n', offset);
    if (end == std::string_view::npos) break;
    offset = end + 1;
  }
  return offset;
}

/// Where a fault is: what stands there may be written otherwise, as entities are.
std::size_t offset_of(const MarkdownFault& fault, std::string_view text) {
  const auto line = offset_of_line(text, fault.line);
  const auto found = text.find(fault.near.substr(0, fault.near.find('\n')), line);
  return found == std::string_view::npos ? line : found;
}

bool is_in_comment(std::string_view before) {
  const auto open = before.rfind("<!--");
  return open != std::string_view::npos && before.find("-->", open) == std::string_view::npos;
}

bool is_in_tag(std::string_view before) {
  const auto open = before.rfind('<');
  return open != std::string_view::npos && before.find('>', open) == std::string_view::npos;
}

class LayoutCheck {
 public:
  explicit LayoutCheck(const Layout& layout) : body_(layout.body), text_(layout.body.source.text) {}

  PieceReport run() {
    for (const auto& tag : body_.tags) visit(tag);
    if (contents_ == 0) say(0, "the layout has no place for the mail; write {{content}} where it stands");
    return std::move(report_);
  }

 private:
  void say(std::size_t offset, std::string message) {
    report_.diagnostics.push_back(body_.source.error(offset, std::move(message)));
  }

  void visit(const Tag& tag) {
    if (tag.type == TagType::comment) return;
    if (tag.type == TagType::partial)
      return say(tag.offset, "a layout has no partials; write what the partial says");
    check_name(tag);
    if (tag.type == TagType::close) {
      if (!open_.empty()) open_.pop_back();
    } else if (tag.type != TagType::field) {
      open_.push_back(tag.name);
    } else {
      check_place(tag);
    }
  }

  void check_name(const Tag& tag) {
    static const std::vector<std::string> known{
        "content",    "footer",          "subject",         "preheader",     "site",
        "public_url", "unsubscribe_url", "preferences_url", "postal_address"};
    if (std::ranges::find(known, tag.name) == known.end())
      return say(tag.offset, "a layout has no field " + in_quotes(tag.name) + "; " +
                                 config::suggestion(tag.name, known, "its fields"));
    if (find_field(tag.name, "") != nullptr) report_.names.insert(tag.name);
  }

  void check_place(const Tag& tag) {
    const auto before = std::string_view{text_}.substr(0, tag.offset);
    const bool is_slot = tag.name == "content" || tag.name == "footer";
    if (is_in_comment(before)) {
      if (is_slot) say(tag.offset, "{{" + tag.name + "}} in a comment would show nothing; take it out of it");
      return;
    }
    if (is_in_tag(before) && !tag.name.ends_with("_url"))
      return say(tag.offset, "{{" + tag.name + "}} is text; it may not stand within a tag");
    if (is_slot) check_slot(tag);
  }

  void check_slot(const Tag& tag) {
    auto& count = tag.name == "content" ? contents_ : footers_;
    if (++count > 1) say(tag.offset, "{{" + tag.name + "}} stands here a second time; write it once");
    const bool is_hidden =
        std::ranges::any_of(open_, [&](const std::string& section) { return section != tag.name; });
    if (is_hidden)
      say(tag.offset,
          "{{" + tag.name + "}} must always be there; take it out of the section {{#" + open_.back() + "}}");
  }

  const Piece& body_;
  const std::string& text_;
  PieceReport report_;
  std::vector<std::string> open_;
  int contents_ = 0;
  int footers_ = 0;
};

}  // namespace

PieceReport check_piece(const Piece& piece, const Pieces& partials, std::optional<MailKind> kind) {
  Walker walker{partials, kind};
  walker.walk(piece);
  return walker.take();
}

PieceReport check_line(const Piece& piece, std::optional<MailKind> kind) {
  auto line = piece;
  std::erase_if(line.tags, [](const Tag& tag) { return tag.type == TagType::partial; });
  auto report = check_piece(line, {}, kind);
  for (const auto& tag : piece.tags)
    if (tag.type == TagType::partial)
      report.diagnostics.push_back(
          piece.source.error(tag.offset, "a header has no partials; write what the partial says"));
  return report;
}

std::vector<config::Diagnostic> check_markdown(const Piece& piece) {
  Marks marks;
  std::vector<std::size_t> offsets;
  const std::string_view text = piece.source.text;
  std::string markdown;
  std::size_t at = 0;
  for (const auto& tag : piece.tags) {
    markdown += text.substr(at, tag.offset - at);
    at = tag.offset + tag.size;
    if (tag.type == TagType::field) {
      markdown += marks.add("", type_anywhere(tag.name)) + tag.fallback.value_or("");
      offsets.push_back(tag.offset);
    } else {
      markdown += blank_mark;
    }
    markdown.append(static_cast<std::size_t>(std::ranges::count(text.substr(tag.offset, tag.size), '\n')),
                    '\n');
  }
  markdown += text.substr(at);
  std::vector<config::Diagnostic> diagnostics;
  for (auto& fault : markdown_faults(markdown, marks))
    diagnostics.push_back(piece.source.error(fault.mark ? offsets[*fault.mark] : offset_of(fault, text),
                                             std::move(fault.message)));
  return diagnostics;
}

PieceReport check_layout(const Layout& layout) {
  return LayoutCheck{layout}.run();
}

}  // namespace leadhub::mail
