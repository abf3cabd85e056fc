#include "text.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>

#include "limits.hpp"

namespace leadhub::mailbox {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_domain_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.';
}
bool is_local_character(char c) {
  constexpr std::string_view others = "!#$%&'*+/=?^_`{|}~-.";
  return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

/// How Exchange writes an address into an X.400 one: "dda:SMTP=ada@example.com".
constexpr std::string_view x400_prefix = "smtp=";

std::string_view without_decoration(std::string_view local) {
  constexpr std::string_view decoration = "'*=-";
  while (!local.empty() && decoration.find(local.front()) != std::string_view::npos) local.remove_prefix(1);
  if (lower_case(local.substr(0, x400_prefix.size())) == x400_prefix) local.remove_prefix(x400_prefix.size());
  return local;
}

bool has_dots_between_atoms(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == text.npos;
}

bool is_domain(std::string_view domain) {
  const auto last_dot = domain.rfind('.');
  return has_dots_between_atoms(domain) && last_dot != domain.npos && domain.size() - last_dot > 2 &&
         is_letter(domain[last_dot + 1]);
}

/// The number of digits at `at`, at most three; 0: none, or more than three.
std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && is_digit(text[at + count])) ++count;
  return count > 3 ? 0 : count;
}

/// The enhanced status code that starts at `at`; empty: none does.
std::string_view status_at(std::string_view text, std::size_t at) {
  constexpr std::string_view classes = "245";
  const bool starts_word = at == 0 || (!is_digit(text[at - 1]) && text[at - 1] != '.');
  if (!starts_word || classes.find(text[at]) == classes.npos || text.substr(at + 1, 1) != ".") return {};
  const std::size_t subject = digits_at(text, at + 2);
  if (subject == 0 || text.substr(at + 2 + subject, 1) != ".") return {};
  const std::size_t detail_at = at + 3 + subject;
  const std::size_t detail = digits_at(text, detail_at);
  if (detail == 0) return {};
  const std::string_view behind = text.substr(detail_at + detail, 2);
  const bool goes_on = behind.size() == 2 && behind[0] == '.' && is_digit(behind[1]);
  return goes_on ? std::string_view{} : text.substr(at, detail_at + detail - at);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text, std::size_t lines_max) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < lines_max) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string single_line(std::string_view text, std::size_t bytes_max) {
  std::string out;
  for (const char c : sdk::to_utf8(text.substr(0, bytes_max * 2))) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return std::string{trimmed(sdk::cut_utf8(out, bytes_max))};
}

std::vector<FoundAddress> find_addresses(std::string_view text) {
  std::vector<FoundAddress> found;
  for (auto at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    const std::size_t begin_min = found.empty() ? 0 : found.back().end;
    while (begin > begin_min && at - begin < limits::address_bytes_max && is_local_character(text[begin - 1]))
      --begin;
    std::size_t end = at + 1;
    while (end < text.size() && end - at < limits::address_bytes_max && is_domain_character(text[end])) ++end;
    const std::string_view local = without_decoration(text.substr(begin, at - begin));
    std::string_view domain = text.substr(at + 1, end - at - 1);
    while (domain.ends_with('.') || domain.ends_with('-')) domain.remove_suffix(1);
    if (!has_dots_between_atoms(local) || !is_domain(domain)) continue;
    if (local.size() + domain.size() + 1 > limits::address_bytes_max) continue;
    found.push_back(
        {std::string{local} + "@" + std::string{domain}, at - local.size(), at + 1 + domain.size()});
  }
  return found;
}

std::string enhanced_status_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (const auto status = status_at(text, at); !status.empty()) return std::string{status};
  return {};
}

}  // namespace leadhub::mailbox
