#include "store/stored_text.hpp"

#include <simdjson.h>

#include "ops/crypto.hpp"

namespace leadhub::store {
namespace {

constexpr std::string_view plain_mark = ": ";
constexpr std::string_view encoded_mark = ":base64 ";

}  // namespace

bool is_plain_text(std::string_view bytes) {
  return bytes.find('\0') == bytes.npos && simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string header_line(std::string_view name, std::string_view value) {
  std::string line{name};
  if (is_plain_text(value)) return line.append(plain_mark).append(value);
  return line.append(encoded_mark).append(ops::base64_encode(value));
}

std::optional<HeaderLine> read_header_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  const auto name = line.substr(0, colon);
  const auto rest = line.substr(colon);
  if (rest.starts_with(plain_mark))
    return HeaderLine{std::string{name}, std::string{rest.substr(plain_mark.size())}};
  if (!rest.starts_with(encoded_mark)) return std::nullopt;
  auto value = ops::base64_decode(rest.substr(encoded_mark.size()));
  if (!value) return std::nullopt;
  return HeaderLine{std::string{name}, std::move(*value)};
}

}  // namespace leadhub::store
