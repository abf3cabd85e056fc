#include "plugin/text_fault.hpp"

#include <algorithm>

#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// C1 controls, U+0080 to U+009F, of which U+0085 ends a line for some; and the line and paragraph
/// separators.
bool has_unicode_line_end(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (byte(i) == 0xC2 && byte(i + 1) <= 0x9F) return true;
    if (i + 2 < text.size() && byte(i) == 0xE2 && byte(i + 1) == 0x80 && (byte(i + 2) | 1) == 0xA9)
      return true;
  }
  return false;
}

}  // namespace

std::string text_fault(std::string_view what, std::string_view text, std::size_t bytes_min,
                       std::size_t bytes_max, Lines lines) {
  const std::string name{what};
  if (text.size() < bytes_min) return name + " is empty";
  if (text.size() > bytes_max)
    return name + " has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(bytes_max) +
           " are sent";
  if (!is_utf8(text)) return name + " is no UTF-8";
  if (lines == Lines::many) {
    const bool broken = std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\0'; });
    return broken ? name + " holds a CR or NUL; its lines must end with LF" : std::string{};
  }
  if (std::ranges::any_of(text, is_control) || has_unicode_line_end(text))
    return name + " holds a control character (a line break?)";
  return {};
}

}  // namespace leadhub::plugin
