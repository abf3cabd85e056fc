#include "mail/value_text.hpp"

#include <algorithm>

#include "config/text_file.hpp"
#include "lead/words.hpp"
#include "normalise/text.hpp"
#include "ops/clock.hpp"
#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

constexpr std::string_view break_of_links = "\u200B";

bool is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

bool is_word(unsigned char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

/// "x.yz", "scheme:x": what mail programs look for. Times, numbers and initials are none.
bool could_make_link(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(' ');
  };
  if (at == 0) return false;
  if (text[at] == '.') return byte(at - 1) > ' ' && is_letter(byte(at + 1)) && is_word(byte(at + 2));
  return text[at] == ':' && is_word(byte(at - 1)) &&
         (is_letter(byte(at + 1)) || byte(at + 1) == '/' || (is_letter(byte(at - 1)) && byte(at + 1) > ' '));
}

std::string without_links(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (could_make_link(text, i)) out += break_of_links;
  }
  return out;
}

bool is_unreserved(char c) {
  return is_word(static_cast<unsigned char>(c)) ? static_cast<unsigned char>(c) < 0x80
                                                : std::string_view{"-._~"}.find(c) != std::string_view::npos;
}

bool is_web_address(std::string_view text) {
  const bool is_web = text.starts_with("https://") || text.starts_with("http://");
  return is_web && std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7f && std::string_view{"<>\"'`\\"}.find(c) == std::string_view::npos;
         });
}

std::string percent_encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

std::string one_line(std::string_view value) {
  return normalise::clean_line(cut(std::string{value}, limits::mail_value_bytes_max));
}

}  // namespace

std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text += "...";
}

std::string shown(std::string_view value, FieldType type) {
  if (type == FieldType::time)
    if (const auto time = parse_rfc3339(value)) return lead::minute_in_words(*time);
  if (type == FieldType::url) return is_web_address(value) ? std::string{value} : std::string{};
  const auto line = one_line(value);
  return type == FieldType::text || type == FieldType::list ? without_links(line) : line;
}

std::string in_url(std::string_view value, FieldType type) {
  if (type == FieldType::url) return shown(value, type);
  return percent_encoded(one_line(value), type == FieldType::address ? "@" : "");
}

std::string shown_behind(std::string_view before, std::string_view value, FieldType type) {
  const auto blank = before.find_last_of(" \t\n<>(\"");
  const auto word = before.substr(blank == std::string_view::npos ? 0 : blank + 1);
  return word.find("://") == std::string_view::npos ? shown(value, type) : in_url(value, type);
}

}  // namespace leadhub::mail
