#include "mail/plain_text.hpp"

#include <algorithm>
#include <string_view>

#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

constexpr std::size_t columns_min = 20;  // of deeply nested lists

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Breaks at blanks; a word longer than a line, as addresses are, stays whole.
std::string wrapped(std::string_view line, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    if (word.empty()) continue;
    const auto width = columns_of(word);
    if (used > 0 && used + 1 + width > columns) {
      out += '\n';
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width;
  }
  return out;
}

template <class Visit>
void each_line(std::string_view text, Visit visit) {
  for (;;) {
    const auto end = text.find('\n');
    visit(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string wrapped_lines(std::string_view text, std::size_t columns) {
  std::string out;
  each_line(text, [&](std::string_view line) { out += wrapped(line, columns) + "\n"; });
  out.pop_back();
  return out;
}

/// `first` before the first line, as many blanks before the others.
std::string indented(std::string_view text, const std::string& first) {
  const std::string blanks(first.size(), ' ');
  std::string out;
  each_line(text, [&](std::string_view line) {
    if (!line.empty() || out.empty()) out.append(out.empty() ? first : blanks).append(line);
    out += '\n';
  });
  out.pop_back();
  return out;
}

std::string inlines(cmark_node* parent);

std::string link(cmark_node* node) {
  auto label = inlines(node);
  const auto url = url_of(node);
  if (label.empty()) return std::string{url};
  if (url.empty() || url == label || url == "mailto:" + label || url == "tel:" + label) return label;
  return label + " (" + std::string{url} + ")";
}

std::string inline_text(cmark_node* node) {
  switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
      return std::string{literal_of(node)};
    case CMARK_NODE_SOFTBREAK:
      return " ";
    case CMARK_NODE_LINEBREAK:
      return "\n";
    case CMARK_NODE_LINK:
      return link(node);
    case CMARK_NODE_HTML_INLINE:
      return {};
    default:
      return inlines(node);
  }
}

std::string inlines(cmark_node* parent) {
  std::string out;
  for (auto* node = cmark_node_first_child(parent); node != nullptr; node = cmark_node_next(node))
    out += inline_text(node);
  return out;
}

cmark_node* only_child(cmark_node* node, cmark_node_type type) {
  auto* child = cmark_node_first_child(node);
  const bool is_it =
      child != nullptr && cmark_node_next(child) == nullptr && cmark_node_get_type(child) == type;
  return is_it ? child : nullptr;
}

/// The link of a paragraph that is nothing but a bold link, which the HTML shows as a button; nullptr: it is
/// none.
cmark_node* button_of(cmark_node* paragraph) {
  auto* strong = only_child(paragraph, CMARK_NODE_STRONG);
  return strong == nullptr ? nullptr : only_child(strong, CMARK_NODE_LINK);
}

std::string blocks(cmark_node* parent, std::size_t columns, std::string_view between);

std::string list(cmark_node* node, std::size_t columns) {
  const bool is_numbered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
  const std::string between = cmark_node_get_list_tight(node) != 0 ? "\n" : "\n\n";
  auto number = cmark_node_get_list_start(node);
  std::string out;
  for (auto* item = cmark_node_first_child(node); item != nullptr; item = cmark_node_next(item)) {
    const auto first = is_numbered ? std::to_string(number++) + ". " : std::string{"- "};
    const auto inner = columns > columns_min + first.size() ? columns - first.size() : columns_min;
    if (!out.empty()) out += between;
    out += indented(blocks(item, inner, between), first);
  }
  return out;
}

std::string block(cmark_node* node, std::size_t columns) {
  constexpr std::size_t step = 4;
  const auto inner = columns > columns_min + step ? columns - step : columns_min;
  switch (cmark_node_get_type(node)) {
    case CMARK_NODE_LIST:
      return list(node, columns);
    case CMARK_NODE_BLOCK_QUOTE:
      return indented(blocks(node, inner, "\n\n"), std::string(step, ' '));
    case CMARK_NODE_CODE_BLOCK: {
      auto literal = literal_of(node);
      while (literal.ends_with('\n')) literal.remove_suffix(1);
      return indented(literal, std::string(step, ' '));
    }
    case CMARK_NODE_THEMATIC_BREAK:
      return std::string(20, '-');
    case CMARK_NODE_HTML_BLOCK:
      return {};
    default:
      // An address in a line of its own is safest to open, and to copy.
      if (auto* button = button_of(node)) return inlines(button) + ":\n" + std::string{url_of(button)};
      return wrapped_lines(inlines(node), columns);
  }
}

std::string blocks(cmark_node* parent, std::size_t columns, std::string_view between) {
  std::string out;
  for (auto* node = cmark_node_first_child(parent); node != nullptr; node = cmark_node_next(node)) {
    const auto text = block(node, columns);
    if (text.find_first_not_of(" \n") == std::string::npos) continue;
    if (!out.empty()) out += between;
    out += text;
  }
  return out;
}

}  // namespace

std::string plain_text(cmark_node* document) {
  auto text = blocks(document, limits::mail_text_columns, "\n\n");
  return text.empty() ? text : text + "\n";
}

}  // namespace leadhub::mail
