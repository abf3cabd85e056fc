#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as Unicode 15 chapter 3 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
namespace leadhub::sdk {

/// What stands in place of bytes that are not UTF-8: U+FFFD.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// The sequence at the start of some text.
struct Utf8Sequence {
  std::size_t size;  ///< bytes to step over, at least 1 (text was not empty)
  bool valid;        ///< false: those bytes are no character; they amount to one U+FFFD
};

/// Looks at the first sequence of `text`, which must not be empty. An invalid one is stepped over as its
/// longest prefix that could have begun a character, which is how browsers count replacement characters.
inline Utf8Sequence first_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true};
  const std::size_t wanted = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (wanted == 0) return {1, false};
  for (std::size_t i = 1; i < wanted; ++i) {
    if (i == text.size()) return {i, false};
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (i == 1) {
      if (lead == 0xE0) low = 0xA0;   // overlong
      if (lead == 0xED) high = 0x9F;  // surrogates
      if (lead == 0xF0) low = 0x90;   // overlong
      if (lead == 0xF4) high = 0x8F;  // above U+10FFFF
    }
    if (byte(i) < low || byte(i) > high) return {i, false};
  }
  return {wanted, true};
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Sequence sequence = first_sequence(text);
    if (!sequence.valid) return false;
    text.remove_prefix(sequence.size);
  }
  return true;
}

/// `text` with every invalid sequence replaced by U+FFFD.
inline std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Sequence sequence = first_sequence(text);
    out += sequence.valid ? text.substr(0, sequence.size) : replacement_character;
    text.remove_prefix(sequence.size);
  }
  return out;
}

/// The longest start of `text` (UTF-8) that has at most `bytes` bytes and cuts no character in two.
inline std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u) --bytes;
  return text.substr(0, bytes);
}

}  // namespace leadhub::sdk
