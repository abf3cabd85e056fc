#include "chat_event.hpp"

#include <algorithm>
#include <utility>

#include "mentions.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

/// "p" of "</p>", "br" of "<br/>".
std::string tag_name(std::string_view inside) {
  if (!inside.empty() && inside.front() == '/') inside.remove_prefix(1);
  return webform::ascii_lower(inside.substr(0, inside.find_first_of(" \t\r\n/")));
}

constexpr std::pair<std::string_view, char> entities[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                                                          {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};

}  // namespace

std::string international(std::string_view digits) {
  return digits.empty() || digits.front() == '+' ? std::string(digits) : "+" + std::string(digits);
}

std::string text_of_html(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const char c = html.front();
    if (c == '<') {
      const std::size_t end = html.find('>');
      const std::string name = tag_name(html.substr(1, end == std::string_view::npos ? end : end - 1));
      const bool breaks =
          name == "br" || (html.substr(0, 2) == "</" && (name == "p" || name == "div" || name == "li"));
      if (breaks) out += '\n';
      html = end == std::string_view::npos ? std::string_view{} : html.substr(end + 1);
      continue;
    }
    const auto* const entity = std::find_if(std::begin(entities), std::end(entities),
                                            [&](const auto& known) { return html.starts_with(known.first); });
    const bool is_entity = entity != std::end(entities);
    out += is_entity ? entity->second : c;
    html.remove_prefix(is_entity ? entity->first.size() : 1);
  }
  return std::string(webform::trim(out));
}

std::string html_of_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto* const entity = std::find_if(std::begin(entities), std::end(entities),
                                            [&](const auto& known) { return known.second == c && c != ' '; });
    if (c == '\n')
      out += "<br>";
    else if (entity != std::end(entities))
      out += entity->first;
    else
      out += c;
  }
  return out;
}

bool is_path_segment(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    const char lower = webform::ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void keep_mentions(sdk::LeadEvent& event) {
  if (event.message.empty()) return;
  const std::string email = mentioned_email(event.message);
  if (!webform::equal_ignoring_case(email, event.person.email)) keep_text(event, "mentioned_email", email);
  const std::string phone = mentioned_phone(event.message);
  if (phone != event.person.phone) keep_text(event, "mentioned_phone", phone);
}

}  // namespace leadhub::chat
