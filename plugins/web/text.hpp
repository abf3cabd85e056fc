#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Small helpers for ASCII text in protocols and for text that people typed.
namespace leadhub::webform {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return ascii_lower(c); });
  return out;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The part of `text` before the first `separator`, and what follows it (empty where there is no separator).
struct Halves {
  std::string_view before, after;
};
inline Halves split_once(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// What somebody typed into a single-line field: control characters become spaces, so that no value can break
/// a line wherever it ends up; blanks around it go.
inline std::string single_line(std::string_view text) {
  std::string out(trim(text));
  for (char& c : out)
    if (is_control(c)) c = ' ';
  const std::string_view kept = trim(out);
  return kept.size() == out.size() ? out : std::string(kept);
}

/// What somebody typed into a text area: line ends become LF, other control characters but tab go, blanks
/// around it go.
inline std::string multi_line(std::string_view text) {
  text = trim(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else if (!is_control(c) || c == '\n' || c == '\t') {
      out += c;
    }
  }
  return out;
}

/// The one of `known` that `given` is most likely a misspelling of; empty where none is near.
std::string_view nearest(std::string_view given, const std::vector<std::string_view>& known);

}  // namespace leadhub::webform
