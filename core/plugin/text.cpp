#include "plugin/text.hpp"

#include <cstdint>
#include <cstring>

namespace leadhub::plugin {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

/// The length of the well-formed character at the front, 0 where there is none. Table 3-7 of the Unicode
/// standard.
std::size_t character_size(const unsigned char* at, std::size_t left) {
  const auto continues = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
    return index < left && at[index] >= low && at[index] <= high;
  };
  const unsigned first = at[0];
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  while (left > 0) {
    std::uint64_t eight = high_bits;
    if (left >= sizeof eight) std::memcpy(&eight, at, sizeof eight);
    const std::size_t size = (eight & high_bits) == 0 ? sizeof eight : character_size(at, left);
    if (size == 0) return false;
    at += size;
    left -= size;
  }
  return true;
}

std::string plain_text(std::string_view text, std::size_t bytes_max) {
  const bool well_formed = is_utf8(text);
  if (text.size() > bytes_max) {
    std::size_t size = bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    text = text.substr(0, size);
  }
  std::string plain{text};
  for (char& c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
    if (byte >= 0x80 && !well_formed) c = '?';
  }
  return plain;
}

}  // namespace leadhub::plugin
