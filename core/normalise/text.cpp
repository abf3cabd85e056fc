#include "normalise/text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace leadhub::normalise {
namespace {

/// The common case needs no Unicode: printable ASCII without runs of blanks.
bool is_clean_ascii(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ') return false;
  char previous = 0;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const bool clean = c >= 0x20 && c < 0x7f && !(c == ' ' && previous == ' ');
    previous = c;
    return clean;
  });
}

icu::UnicodeString composed(std::string_view text) {
  const auto given = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return given;
  auto result = nfc->normalize(given, status);
  return U_FAILURE(status) ? given : result;
}

/// Characters that show nothing and only disturb: controls and overrides of the writing direction. The
/// joiners U+200C and U+200D stay: several scripts need them inside names.
bool is_unwanted(UChar32 c) {
  return u_iscntrl(c) || c == 0xFEFF || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

}  // namespace

std::string clean_line(std::string_view text) {
  if (is_clean_ascii(text)) return std::string{text};
  const auto source = composed(text);
  icu::UnicodeString out;
  bool blank = false;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 c = source.char32At(i);
    if (u_isUWhiteSpace(c)) {
      blank = true;
    } else if (!is_unwanted(c)) {
      if (blank && !out.isEmpty()) out.append(static_cast<UChar32>(' '));
      blank = false;
      out.append(c);
    }
  }
  return to_utf8(out);
}

std::string clean_text(std::string_view text) {
  if (is_clean_ascii(text)) return std::string{text};
  const auto source = composed(text);
  icu::UnicodeString out;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 c = source.char32At(i);
    if (c == '\r') {
      if (source.char32At(i + 1) != '\n') out.append(static_cast<UChar32>('\n'));
    } else if (c == '\n' || c == '\t' || !is_unwanted(c)) {
      out.append(c);
    }
  }
  return to_utf8(out.trim());
}

}  // namespace leadhub::normalise
