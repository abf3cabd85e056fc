#include "mentions.hpp"

#include <algorithm>
#include <optional>

#include "bounds.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  const char lower = webform::ascii_lower(c);
  return lower >= 'a' && lower <= 'z';
}
constexpr bool is_word(char c) {
  return is_digit(c) || is_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_mailbox(char c) {
  return is_digit(c) || is_letter(c) || std::string_view("._%+-'").find(c) != std::string_view::npos;
}
constexpr bool is_domain(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-';
}

constexpr bool is_parenthesis(char c) {
  return c == '(' || c == ')';
}
constexpr bool may_group(char c) {
  return c == ' ' || c == '.' || c == '-' || c == '/' || is_parenthesis(c);
}

bool is_mailbox(std::string_view text) {
  return !text.empty() && text.size() <= bounds::mailbox_bytes_max && text.front() != '.' &&
         text.back() != '.' && text.find("..") == std::string_view::npos;
}

/// At least two labels, the last one of letters.
bool is_domain(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || text.size() > bounds::domain_bytes_max) return false;
  const std::string_view top = text.substr(dot + 1);
  return top.size() >= 2 && std::all_of(top.begin(), top.end(), [](char c) { return is_letter(c); }) &&
         text.front() != '-' && text.front() != '.' && text.find("..") == std::string_view::npos &&
         text.find("-.") == std::string_view::npos && text.find(".-") == std::string_view::npos;
}

bool stands_in_url(std::string_view before) {
  const std::size_t blank = before.find_last_of(" \t\r\n<\"(");
  return before.substr(blank == std::string_view::npos ? 0 : blank).find("://") != std::string_view::npos;
}

/// The address around the "@" at `at`.
std::string_view address_around(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  // One more than may be: what is too long is no mailbox, and the search stays short.
  while (begin > 0 && at - begin <= bounds::mailbox_bytes_max && is_mailbox(text[begin - 1])) --begin;
  while (begin < at && text[begin] == '\'') ++begin;  // quoted
  std::size_t end = at + 1;
  while (end < text.size() && end - at <= bounds::domain_bytes_max + 1 && is_domain(text[end])) ++end;
  const bool goes_on = (begin > 0 && is_word(text[begin - 1])) ||
                       (end < text.size() && (is_word(text[end]) || text[end] == '@'));
  while (end > at + 1 && !is_letter(text[end - 1]) && !is_digit(text[end - 1])) --end;  // of the sentence
  if (goes_on || !is_mailbox(text.substr(begin, at - begin)) ||
      !is_domain(text.substr(at + 1, end - at - 1)) || stands_in_url(text.substr(0, begin)))
    return {};
  return text.substr(begin, end - begin);
}

/// The digits of the number at the start of `text`, which stands behind "+" or "00"; nullopt: it is none.
std::optional<std::string> number_at(std::string_view text) {
  std::string digits;
  std::size_t gap = 0;  // characters since the last digit
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i, 3) == "(0)" && !digits.empty()) {
      i += 2;
      gap = 1;
    } else if (is_digit(c)) {
      digits += c;
      gap = 0;
    } else if (!may_group(c)) {
      break;
    } else {
      ++gap;
      if (gap > 2 || (gap == 2 && !is_parenthesis(c) && !is_parenthesis(text[i - 1]))) break;
    }
    if (digits.size() > bounds::phone_digits_max) return std::nullopt;
  }
  const bool goes_on = i < text.size() && gap == 0 && (is_word(text[i]) || text[i] == '@');
  if (goes_on || digits.size() < bounds::phone_digits_min || digits.front() == '0') return std::nullopt;
  return digits;
}

}  // namespace

std::string mentioned_email(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1))
    if (const std::string_view address = address_around(text, at); !address.empty())
      return std::string(address);
  return {};
}

std::string mentioned_phone(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t prefix = text[i] == '+' ? 1 : text.substr(i, 2) == "00" ? 2 : 0;
    // "1+44...", "EUR 1.00 12..." and times such as 10:00 are no numbers.
    const std::string_view no_start = prefix == 1 ? "+_" : "+_.,:/=-";
    if (prefix == 0 || (i > 0 && (is_digit(text[i - 1]) || is_letter(text[i - 1]) ||
                                  no_start.find(text[i - 1]) != std::string_view::npos)))
      continue;
    if (std::optional<std::string> digits = number_at(text.substr(i + prefix))) return "+" + *digits;
  }
  return {};
}

}  // namespace leadhub::chat
