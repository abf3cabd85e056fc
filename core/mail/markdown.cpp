#include "mail/markdown.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "mail/document.hpp"
#include "mail/plain_text.hpp"
#include "mail/value_text.hpp"
#include "ops/markup.hpp"

namespace leadhub::mail {
namespace {

constexpr std::size_t nesting_max = 32;  // quotes in lists in quotes; bounds the recursion of plain_text

bool is_link(cmark_node* node) {
  const auto type = cmark_node_get_type(node);
  return type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE;
}

bool is_html(cmark_node* node) {
  const auto type = cmark_node_get_type(node);
  return type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE;
}

/// Behind the host of a web address, where values may stand.
bool has_whole_host(std::string_view prefix) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!prefix.starts_with(scheme)) continue;
    const auto end = prefix.substr(scheme.size()).find_first_of("/?#");
    return end != std::string_view::npos && end > 0;
  }
  return false;
}

std::optional<std::string> link_fault(std::string_view url, const Marks& marks) {
  const auto mark = marks.first(url);
  const auto prefix = url.substr(0, mark ? mark->offset : url.size());
  if (!mark) {
    const bool is_whole = std::ranges::any_of(std::array{"https://", "http://", "mailto:", "tel:"},
                                              [&](const char* scheme) { return url.starts_with(scheme); });
    if (is_whole) return std::nullopt;
    return "a link of a mail leads to a whole address; begin it with https://, mailto: or tel:";
  }
  const auto type = marks.at(mark->number).type;
  const bool is_person = type == FieldType::address && (prefix == "mailto:" || prefix == "tel:");
  if ((prefix.empty() && type == FieldType::url) || is_person || has_whole_host(prefix)) return std::nullopt;
  return "a value must not choose where a link leads; begin it with a whole host, as in "
         "https://www.example.com/?lead=..., or with a field that ends with _url";
}

std::size_t line_of(cmark_node* node) {
  for (; node != nullptr; node = cmark_node_parent(node))
    if (const int line = cmark_node_get_start_line(node); line > 0) return static_cast<std::size_t>(line);
  return 1;
}

std::vector<MarkdownFault> faults_of(const Document& document, const Marks& marks) {
  std::vector<MarkdownFault> faults;
  bool is_deep = false;
  each_node(document, [&](cmark_node* node, std::size_t depth) {
    if (is_html(node) && !literal_of(node).starts_with("</"))
      faults.push_back({line_of(node), std::string{literal_of(node)}, std::nullopt,
                        "HTML has no place in the Markdown, for the text part cannot show it; write "
                        "Markdown, or put it into the layout"});
    if (is_link(node)) {
      const auto mark = marks.first(url_of(node));
      if (auto fault = link_fault(url_of(node), marks))
        faults.push_back({line_of(node), std::string{url_of(node)},
                          mark ? std::optional{mark->number} : std::nullopt, *std::move(fault)});
    }
    if (depth > nesting_max && !is_deep)
      faults.push_back(
          {line_of(node), "", std::nullopt, "lists and quotes are nested too deeply to be read"});
    is_deep = is_deep || depth > nesting_max;
  });
  return faults;
}

void put_values_in(const Document& document, const Marks& marks) {
  const auto as_text = [](const Marks::Value& value, std::string_view before) {
    return shown_behind(before, value.text, value.type);
  };
  const auto as_target = [](const Marks::Value& value, std::string_view) {
    return in_url(value.text, value.type);
  };
  each_node(document, [&](cmark_node* node, std::size_t) {
    if (const auto text = literal_of(node); marks.first(text))
      cmark_node_set_literal(node, marks.replaced(text, as_text).c_str());
    if (!is_link(node)) return;
    if (const auto url = url_of(node); marks.first(url))
      cmark_node_set_url(node, marks.replaced(url, as_target).c_str());
    if (const char* title = cmark_node_get_title(node); title != nullptr && marks.first(title))
      cmark_node_set_title(node, marks.replaced(title, as_text).c_str());
  });
}

class StyledHtml {
 public:
  StyledHtml(const Styles& styles, Part part) : styles_(styles), part_(part) {}

  /// `html` as cmark writes it: a "<" that begins no tag is an entity.
  std::string of(std::string_view html) {
    std::string out;
    std::string_view tags;  // those that stand directly one behind the other, up to here
    for (auto at = html.find('<'); at != std::string_view::npos; at = html.find('<')) {
      if (at > 0) tags = {};
      out += html.substr(0, at);
      html.remove_prefix(at);
      const auto name = html.substr(1, html.find_first_of(" />", 2) - 1);
      const auto end = html.find('>') + 1;
      out.append("<").append(name);
      add_style(out, name, tags.ends_with("<p><strong>") && ends_paragraph(html));
      out += html.substr(name.size() + 1, end - name.size() - 1);
      tags = {tags.empty() ? html.data() : tags.data(), tags.size() + end};
      html.remove_prefix(end);
    }
    return out += html;
  }

 private:
  /// Whether the link at the begin of `html` is the last of its bold paragraph.
  static bool ends_paragraph(std::string_view html) {
    constexpr std::string_view link_end = "</a>";
    const auto end = html.find(link_end);
    return end != std::string_view::npos && html.substr(end + link_end.size()).starts_with("</strong></p>");
  }

  void add_style(std::string& out, std::string_view name, bool is_alone) const {
    const bool is_button = is_alone && name == "a" && part_ == Part::body;
    auto css = style(is_button && styles_.contains("button") ? "button" : name);
    if (part_ == Part::footer && (name == "p" || name == "a")) css += style("footer");
    if (is_button) out += " class=\"button\"";
    if (!css.empty()) out += " style=\"" + ops::escape_markup(css) + "\"";
  }

  [[nodiscard]] std::string style(std::string_view element) const {
    const auto found = styles_.find(element);
    if (found == styles_.end() || found->second.empty()) return {};
    return found->second.ends_with(';') ? found->second : found->second + ";";
  }

  const Styles& styles_;
  Part part_;
};

std::string html_of(const Document& document) {
  const std::unique_ptr<char, decltype(&std::free)> html{cmark_render_html(document.get(), CMARK_OPT_DEFAULT),
                                                         &std::free};
  return html.get();
}

}  // namespace

std::vector<MarkdownFault> markdown_faults(std::string_view markdown, const Marks& marks) {
  return faults_of(parse_markdown(markdown), marks);
}

Result<Written> write_markdown(std::string_view markdown, const Marks& marks, const Styles& styles,
                               Part part) {
  const auto document = parse_markdown(markdown);
  if (auto faults = faults_of(document, marks); !faults.empty())
    return fail(ErrorCode::invalid, std::move(faults.front().message));
  put_values_in(document, marks);
  return Written{StyledHtml{styles, part}.of(html_of(document)), plain_text(document.get())};
}

}  // namespace leadhub::mail
