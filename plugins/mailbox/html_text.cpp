#include "html_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text.hpp"

namespace leadhub::mailbox {
namespace {

constexpr std::array<std::string_view, 9> elements_on_lines{"br", "p",  "div", "tr",   "li",
                                                            "h1", "h2", "h3",  "table"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> entities{
    {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&nbsp;", " "}, {"&amp;", "&"}}};

std::string name_of(std::string_view tag) {
  if (tag.starts_with('/')) tag.remove_prefix(1);
  return lower_case(tag.substr(0, tag.find_first_of(" \t\r\n/")));
}

/// What `text` starts with, as (bytes read, what they mean).
std::pair<std::size_t, std::string_view> character_at(std::string_view text) {
  for (const auto& [entity, meaning] : entities)
    if (text.starts_with(entity)) return {entity.size(), meaning};
  return {1, text.substr(0, 1)};
}

/// Behind the end of the element that begins before `at`; the end of the text where it never ends.
std::size_t behind_element(std::string_view html, std::size_t at, std::string_view name) {
  for (auto end = html.find("</", at); end != html.npos; end = html.find("</", end + 2))
    if (lower_case(html.substr(end + 2, name.size())) == name)
      return std::min(html.find('>', end), html.size() - 1) + 1;
  return html.size();
}

}  // namespace

std::string text_of_html(std::string_view html) {
  std::string out;
  std::size_t at = 0;
  while (at < html.size()) {
    if (html[at] != '<') {
      const auto [size, meaning] = character_at(html.substr(at, 8));
      out += meaning;
      at += size;
      continue;
    }
    const auto end = html.find('>', at);
    if (end == html.npos) break;
    const std::string name = name_of(html.substr(at + 1, std::min<std::size_t>(end - at - 1, 32)));
    at = end + 1;
    if (name == "script" || name == "style") at = behind_element(html, at, name);
    if (std::find(elements_on_lines.begin(), elements_on_lines.end(), name) != elements_on_lines.end())
      out += '\n';
  }
  return out;
}

}  // namespace leadhub::mailbox
