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

icu::UnicodeString decoded(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

/// NFC as UTF-8. Composed last: what was dropped may have kept a letter and its accent apart.
std::string composed(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  if (U_SUCCESS(status)) {
    auto result = nfc->normalize(text, status);
    if (U_SUCCESS(status)) return result.toUTF8String(out);
  }
  return text.toUTF8String(out);
}

/// Characters that show nothing and only disturb: controls, overrides of the writing direction and other
/// formatting. The joiners U+200C and U+200D stay, because several scripts need them inside names; so do the
/// few formatting characters that are seen: signs that embrace a number, and the tags inside flags.
bool is_unwanted(UChar32 c) {
  if (!u_iscntrl(c)) return false;  // to ICU that is Cc, Cf, Zl and Zp
  const bool joiner = c == 0x200C || c == 0x200D;
  const bool tag = c >= 0xE0020 && c <= 0xE007F;
  return !joiner && !tag && !u_hasBinaryProperty(c, UCHAR_PREPENDED_CONCATENATION_MARK);
}

bool ends_a_line(UChar32 c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::string clean_line(std::string_view text) {
  if (is_clean_ascii(text)) return std::string{text};
  const auto source = decoded(text);
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
  return composed(out);
}

std::string clean_text(std::string_view text) {
  if (is_clean_ascii(text)) return std::string{text};
  const auto source = decoded(text);
  icu::UnicodeString out;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 c = source.char32At(i);
    if (ends_a_line(c)) {
      if (c != '\r' || source.char32At(i + 1) != '\n') out.append(static_cast<UChar32>('\n'));
    } else if (c == '\t' || !is_unwanted(c)) {
      out.append(c);
    }
  }
  return composed(out.trim());
}

}  // namespace leadhub::normalise
