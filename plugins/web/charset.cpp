#include "charset.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <array>

#include "text.hpp"

namespace leadhub::webform {
namespace {

/// What windows-1252 has at 0x80 to 0x9F, as the WHATWG index has it; elsewhere it is Unicode's first 256.
constexpr std::array<char16_t, 32> windows_1252_c1{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

/// Appends a code point below U+10000.
void append_utf8(std::string& out, char16_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::string from_windows_1252(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out,
                byte >= 0x80 && byte < 0xA0 ? windows_1252_c1[byte - 0x80u] : static_cast<char16_t>(byte));
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Charset charset_named(std::string_view label) {
  label = trim(label);
  for (const std::string_view name : {"utf-8", "utf8", "unicode-1-1-utf-8"})
    if (equal_ignoring_case(label, name)) return Charset::utf_8;
  for (const std::string_view name : {"windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1",
                                      "iso_8859-1", "latin1", "l1", "us-ascii", "ascii"})
    if (equal_ignoring_case(label, name)) return Charset::windows_1252;
  return Charset::undeclared;
}

bool needs_conversion(std::string_view text, Charset charset) {
  return charset == Charset::windows_1252 ? !is_ascii(text) : !sdk::is_utf8(text);
}

std::string to_utf8(std::string_view text, Charset charset) {
  if (!needs_conversion(text, charset)) return std::string(text);
  return charset == Charset::utf_8 ? sdk::to_utf8(text) : from_windows_1252(text);
}

}  // namespace leadhub::webform
