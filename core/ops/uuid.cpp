#include "ops/uuid.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>

#include "ops/crypto.hpp"

namespace leadhub::ops {
namespace {

std::string format(TimePoint time, std::array<unsigned char, 10> random) {
  std::array<unsigned char, 16> bytes{};
  const auto milliseconds = static_cast<std::uint64_t>(to_milliseconds(time));
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(milliseconds >> (8 * (5 - i)));
  std::copy(random.begin(), random.end(), bytes.begin() + 6);
  bytes[6] = static_cast<unsigned char>(0x70 | (bytes[6] & 0x0f));  // version 7
  bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3f));  // variant of RFC 9562

  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0xf];
  }
  return text;
}

}  // namespace

std::string make_uuid(TimePoint time) {
  thread_local std::mt19937_64 generator{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }()};
  std::array<unsigned char, 10> random{};
  const std::array<std::uint64_t, 2> words{generator(), generator()};
  std::memcpy(random.data(), words.data(), random.size());
  return format(time, random);
}

std::string make_uuid(TimePoint time, std::string_view name) {
  const auto digest = sha256(name);
  std::array<unsigned char, 10> random{};
  std::copy_n(digest.begin(), random.size(), random.begin());
  return format(time, random);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace leadhub::ops
