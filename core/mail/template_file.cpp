#include "mail/template_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/suggestion.hpp"
#include "config/yaml_document.hpp"
#include "mail/built_in.hpp"
#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

using config::Diagnostic;
using config::Place;
using nlohmann::json;

struct Parts {
  std::optional<std::string_view> front;  ///< YAML between the lines of dashes
  std::string_view body;
  std::size_t body_line = 1;
  bool is_open = false;  ///< the front matter does not end
};

Parts parts_of(std::string_view text) {
  constexpr std::string_view dashes = "---\n";
  if (!text.starts_with(dashes)) return {{}, text, 1, false};
  const auto end = text.substr(3).find("\n---\n");
  const bool ends_file = text.substr(3).ends_with("\n---");
  if (end == std::string_view::npos && !ends_file) return {{}, {}, 1, true};
  const auto front_end = end == std::string_view::npos ? text.size() - 3 : end + 4;
  const auto front = text.substr(4, front_end - 4);
  const auto body = text.substr(std::min(text.size(), front_end + 4));
  return {front, body, 3 + static_cast<std::size_t>(std::ranges::count(front, '\n')), false};
}

/// Where a scalar's own text begins in the file: behind its quote, or below the line of a "|".
SourceText scalar_source(const std::string& file, std::string_view text, config::Position at,
                         std::string value) {
  std::size_t offset = 0;
  for (std::size_t line = 1; line < at.line; ++line) offset = text.find('\n', offset) + 1;
  const auto line = text.substr(offset, text.find('\n', offset) - offset);
  std::size_t begin = 0;
  for (std::size_t column = 1; column < at.column && begin < line.size(); ++column) do
      ++begin;
    while (begin < line.size() && (static_cast<unsigned char>(line[begin]) & 0xC0U) == 0x80U);
  const char first = begin < line.size() ? line[begin] : ' ';
  if (first == '"' || first == '\'') return {file, std::move(value), {at.line, at.column + 1}, 0};
  if (first != '|' && first != '>') return {file, std::move(value), at, 0};
  const auto below = text.substr(std::min(text.size(), offset + line.size() + 1));
  const auto indent = std::min(below.find_first_not_of(' '), below.size());
  return {file, std::move(value), {at.line + 1, indent + 1}, indent};
}

class FrontMatter {
 public:
  /// `text`: the whole file.
  FrontMatter(const std::string& file, std::string_view text, std::string_view front,
              std::vector<Diagnostic>& diagnostics)
      : file_(file), text_(text), diagnostics_(diagnostics) {
    auto result = config::read_yaml(file, "\n" + std::string{front});
    std::ranges::move(result.diagnostics, std::back_inserter(diagnostics_));
    document_ = std::move(result.document);
  }

  void check_keys(const std::vector<std::string>& known) {
    if (!document_) return;
    for (const auto& [key, unused] : document_->root.items())
      if (std::ranges::find(known, key) == known.end())
        say("/" + key, Place::key,
            "there is no key " + config::in_quotes(key) + "; " +
                config::suggestion(key, known, "known keys"));
  }

  [[nodiscard]] bool has(const char* key) const { return document_ && document_->root.contains(key); }
  [[nodiscard]] const json& at(const char* key) const { return document_->root.at(key); }

  /// The text of a key; nullopt: missing, or no text, which has been said.
  std::optional<std::string> text(const char* key) {
    if (!has(key)) return std::nullopt;
    if (at(key).is_string()) return at(key).get<std::string>();
    say(std::string{"/"} + key, Place::value,
        std::string{key} + " is a text; put it between quotes: " + key + ": \"...\"");
    return std::nullopt;
  }

  Piece piece(const char* key) {
    auto value = text(key);
    if (!value) return {};
    return read_piece(scalar_source(file_, text_, position(key), *std::move(value)), diagnostics_);
  }

  /// A piece of one line, for a header.
  Piece line(const char* key) {
    if (const auto value = text(key); value && value->find_first_of("\r\n") != std::string::npos) {
      say(std::string{"/"} + key, Place::value, std::string{key} + " is one line; take the line break out");
      return {};
    }
    return piece(key);
  }

  Mailbox mailbox(const char* key) {
    const auto value = text(key);
    if (!value) return {};
    auto found = mailbox_of(*value);
    if (!found)
      say(std::string{"/"} + key, Place::value,
          std::string{key} + " is no mailbox; write it as in Ada <ada@example.com>");
    return found.value_or(Mailbox{});
  }

  [[nodiscard]] config::Position position(const char* key) const {
    return document_->source.at(std::string{"/"} + key).value;
  }

  void say(const std::string& pointer, Place place, std::string message) {
    diagnostics_.push_back(document_->source.error(pointer, place, std::move(message)));
  }

 private:
  static std::optional<Mailbox> mailbox_of(std::string_view text) {
    Mailbox mailbox;
    const auto open = text.rfind('<');
    if (open != std::string_view::npos) {
      if (!text.ends_with('>')) return std::nullopt;
      mailbox.name = text.substr(0, open);
      mailbox.name.resize(mailbox.name.find_last_not_of(" \"") + 1);
      mailbox.name.erase(0, mailbox.name.find_first_not_of(" \""));
      text = text.substr(open + 1, text.size() - open - 2);
    }
    mailbox.address = text;
    const auto at = text.find('@');
    const bool is_address =
        at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
        text.find('@', at + 1) == std::string_view::npos && std::ranges::none_of(text, [](char c) {
          return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == ',' || c == '{';
        });
    const bool is_line = std::ranges::none_of(
        mailbox.name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '<' || c == '{'; });
    if (!is_address || !is_line || text.size() > limits::mail_address_bytes_max ||
        mailbox.name.size() > limits::mail_name_bytes_max)
      return std::nullopt;
    return mailbox;
  }

  const std::string& file_;
  std::string_view text_;
  std::vector<Diagnostic>& diagnostics_;
  std::optional<config::YamlDocument> document_;
};

const std::vector<std::string>& template_keys() {
  static const std::vector<std::string> keys{"subject", "preheader", "from", "reply_to", "text", "layout"};
  return keys;
}

Diagnostic at_top(const std::string& file, std::string message) {
  return {file, {1, 1}, config::Severity::error, std::move(message)};
}

std::map<std::string, std::string, std::less<>> styles_of(FrontMatter& front) {
  std::map<std::string, std::string, std::less<>> styles;
  if (!front.at("styles").is_object()) {
    front.say("/styles", Place::value, "styles are elements with their CSS, as in {p: \"margin: 0\"}");
    return styles;
  }
  const auto& known = styled_elements();
  for (const auto& [element, css] : front.at("styles").items()) {
    const auto at = config::child("/styles", element);
    if (std::ranges::find(known, element) == known.end())
      front.say(at, Place::key,
                "Markdown makes no element " + config::in_quotes(element) + "; " +
                    config::suggestion(element, known, "known elements"));
    else if (!css.is_string())
      front.say(at, Place::value, "write the CSS of the element between quotes");
    else
      styles[element] = css.get<std::string>();
  }
  return styles;
}

}  // namespace

const std::vector<std::string>& styled_elements() {
  static const std::vector<std::string> elements{"p",  "h1", "h2",  "h3",         "h4",   "h5",     "h6",
                                                 "a",  "ul", "ol",  "li",         "em",   "img",    "strong",
                                                 "br", "hr", "pre", "blockquote", "code", "button", "footer"};
  return elements;
}

Piece read_piece(SourceText source, std::vector<Diagnostic>& diagnostics) {
  constexpr std::string_view private_use = "\xEE\x80";  // U+E000 to U+E03F: our marks of values
  auto scan = scan_tags(source.text);
  for (auto& fault : scan.faults) diagnostics.push_back(source.error(fault.offset, std::move(fault.message)));
  if (const auto mark = source.text.find(private_use); mark != std::string::npos)
    diagnostics.push_back(
        source.error(mark, "this character has no meaning outside of its font; take it out"));
  auto mustache = to_mustache(source.text, scan.tags);
  return {std::move(source), std::move(scan.tags), std::move(mustache)};
}

Template read_template(std::string name, const std::string& file, std::string_view text,
                       std::vector<Diagnostic>& diagnostics) {
  Template result;
  result.name = std::move(name);
  const auto parts = parts_of(text);
  if (!parts.front) {
    diagnostics.push_back(at_top(
        file, parts.is_open ? "the front matter does not end; write a line of --- behind it"
                            : "there is no front matter; begin the file with --- , subject: ... , ---"));
    return result;
  }
  FrontMatter front{file, text, *parts.front, diagnostics};
  front.check_keys(template_keys());
  result.subject = front.line("subject");
  if (!front.has("subject") || front.at("subject") == json(std::string{}))
    diagnostics.push_back(at_top(file, "the mail has no subject; write subject: ... in the front matter"));
  result.preheader = front.line("preheader");
  result.text = front.piece("text");
  result.from = front.mailbox("from");
  result.reply_to = front.mailbox("reply_to");
  if (auto layout = front.text("layout")) {
    result.layout = *std::move(layout);
    result.layout_position = front.position("layout");
  }
  result.body = read_piece({file, std::string{parts.body}, {parts.body_line, 1}, 0}, diagnostics);
  return result;
}

Layout read_layout(std::string name, const std::string& file, std::string_view text,
                   std::vector<Diagnostic>& diagnostics) {
  Layout layout;
  layout.name = std::move(name);
  const auto parts = parts_of(text);
  if (parts.is_open) {
    diagnostics.push_back(at_top(file, "the front matter does not end; write a line of --- behind it"));
    return layout;
  }
  layout.body = read_piece({file, std::string{parts.body}, {parts.body_line, 1}, 0}, diagnostics);
  std::optional<FrontMatter> front;
  if (parts.front) {
    front.emplace(file, text, *parts.front, diagnostics);
    front->check_keys({"styles"});
  }
  if (front && front->has("styles")) {
    layout.styles = styles_of(*front);
  } else if (text != built_in_layout) {
    std::vector<Diagnostic> none;
    layout.styles = read_layout(layout.name, file, built_in_layout, none).styles;
  }
  return layout;
}

}  // namespace leadhub::mail
