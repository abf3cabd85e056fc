#include "dkim_canonical.hpp"

#include <algorithm>
#include <map>

namespace leadhub::email {
namespace {

constexpr std::string_view line_end = "\r\n";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Blanks become one; those at the end go.
std::string with_single_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!is_blank(c))
      out += c;
    else if (out.empty() || out.back() != ' ')
      out += ' ';
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string name_of(std::string_view field) {
  std::string name{field.substr(0, field.find(':'))};
  while (!name.empty() && is_blank(name.back())) name.pop_back();
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

}  // namespace

std::string relaxed_header(std::string_view field) {
  const auto colon = std::min(field.find(':'), field.size());
  std::string value;
  for (const char c : field.substr(std::min(colon + 1, field.size())))
    if (c != '\r' && c != '\n') value += c;
  value = with_single_blanks(value);
  if (!value.empty() && value.front() == ' ') value.erase(0, 1);
  return name_of(field) + ":" + value;
}

std::string relaxed_body(std::string_view body) {
  std::string out;
  std::size_t last = 0;  // behind the last line that is not empty
  while (!body.empty()) {
    const auto end = body.find(line_end);
    out += with_single_blanks(body.substr(0, end));
    const bool is_empty = out.size() == last || out.ends_with(line_end);
    out += line_end;
    if (!is_empty) last = out.size();
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + line_end.size());
  }
  out.resize(last);
  return out;
}

MessageParts parts_of(std::string_view message) {
  const auto blank_line = message.find("\r\n\r\n");
  MessageParts parts;
  std::string_view head = message.substr(0, blank_line);
  if (blank_line != std::string_view::npos) parts.body = message.substr(blank_line + 4);
  while (!head.empty()) {
    auto end = head.find(line_end);
    while (end != std::string_view::npos && end + 2 < head.size() && is_blank(head[end + 2]))
      end = head.find(line_end, end + 2);
    parts.fields.push_back(head.substr(0, end));
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + line_end.size());
  }
  return parts;
}

std::string relaxed_headers(const MessageParts& message, std::span<const std::string> names) {
  std::map<std::string, std::vector<std::string_view>> by_name;
  for (const auto field : message.fields) by_name[name_of(field)].push_back(field);
  std::string out;
  for (const auto& name : names) {
    auto& fields = by_name[name_of(name)];
    if (fields.empty()) continue;
    out += relaxed_header(fields.back());
    out += line_end;
    fields.pop_back();
  }
  return out;
}

}  // namespace leadhub::email
