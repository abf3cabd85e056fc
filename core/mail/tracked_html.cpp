#include "mail/tracked_html.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "ops/markup.hpp"

namespace leadhub::mail {
namespace {

constexpr std::string_view blanks = " \t\r\n\f";

bool is_blank(char c) {
  return blanks.find(c) != blanks.npos;
}

/// The character of "&#38;" or "&#x26;", where it is one of ASCII.
std::optional<char> numbered(std::string_view digits) {
  const bool is_hexadecimal = digits.starts_with('x') || digits.starts_with('X');
  if (is_hexadecimal) digits.remove_prefix(1);
  unsigned number = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hexadecimal ? 16 : 10);
  if (error != std::errc{} || stop != digits.data() + digits.size() || number > 0x7f) return std::nullopt;
  return static_cast<char>(number);
}

/// What stands between "&" and ";".
std::optional<char> entity(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> named{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, character] : named)
    if (known == name) return character;
  return name.starts_with('#') ? numbered(name.substr(1)) : std::nullopt;
}

/// Of the named ones those that addresses have to have; the rest stays as it is.
std::string unescaped(std::string_view text) {
  constexpr std::size_t longest = 8;
  std::string out;
  while (!text.empty()) {
    const auto ampersand = std::min(text.find('&'), text.size());
    out += text.substr(0, ampersand);
    text.remove_prefix(ampersand);
    if (text.empty()) break;
    const auto end = text.substr(0, longest).find(';');
    const auto character = end == text.npos ? std::nullopt : entity(text.substr(1, end - 1));
    out += character.value_or('&');
    text.remove_prefix(character ? end + 1 : 1);
  }
  return out;
}

/// Where the value of an attribute stands in a tag.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The value of `href` in "<a ...", up to the end of the tag; nullopt where there is none in quotes.
std::optional<Place> href_of(std::string_view tag) {
  std::size_t at = 2;
  while (at < tag.size()) {
    at = tag.find_first_not_of(blanks, at);
    if (at == tag.npos || tag[at] == '>') return std::nullopt;
    const auto name_end = std::min(tag.find_first_of(" \t\r\n\f=>", at), tag.size());
    const auto name = ops::lower_case(tag.substr(at, name_end - at));
    const auto equals = tag.find_first_not_of(blanks, name_end);
    if (equals == tag.npos) return std::nullopt;
    if (tag[equals] != '=') {
      at = std::max(equals, at + 1);
      continue;
    }
    const auto quote = tag.find_first_not_of(blanks, equals + 1);
    if (quote == tag.npos || (tag[quote] != '"' && tag[quote] != '\'')) return std::nullopt;
    const auto end = tag.find(tag[quote], quote + 1);
    if (end == tag.npos) return std::nullopt;
    if (name == "href") return Place{quote + 1, end};
    at = end + 1;
  }
  return std::nullopt;
}

/// The next "<a" with a blank behind it; npos: there is none.
std::size_t next_link(std::string_view html, std::size_t from) {
  for (auto at = html.find('<', from); at != html.npos; at = html.find('<', at + 1))
    if (at + 2 < html.size() && (html[at + 1] == 'a' || html[at + 1] == 'A') && is_blank(html[at + 2]))
      return at;
  return html.npos;
}

std::string with_clicks(std::string_view html, const TrackedLinks& links) {
  std::string out;
  out.reserve(html.size() + html.size() / 2);
  std::size_t taken = 0;
  std::size_t asked = 0;
  for (auto at = next_link(html, 0); at != html.npos && asked < limits::tracked_links_max;
       at = next_link(html, std::max(at + 1, taken))) {
    const auto place = href_of(html.substr(at));
    if (!place) continue;
    ++asked;
    const auto target = links.click(unescaped(html.substr(at + place->begin, place->end - place->begin)));
    if (target.empty()) continue;
    out += html.substr(taken, at + place->begin - taken);
    out += ops::escape_markup(target);
    taken = at + place->end;
  }
  return out += html.substr(taken);
}

/// Last, so that it is loaded last and cannot be in the way of anything.
void add_picture(std::string& html, const std::string& address) {
  const auto picture =
      "<img src=\"" + ops::escape_markup(address) +
      R"(" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">)";
  const auto end = ops::lower_case(html).rfind("</body");
  html.insert(end == std::string::npos ? html.size() : end, picture);
}

}  // namespace

std::string tracked_html(std::string_view html, const TrackedLinks& links) {
  auto out = links.click ? with_clicks(html, links) : std::string{html};
  if (!links.open.empty()) add_picture(out, links.open);
  return out;
}

}  // namespace leadhub::mail
