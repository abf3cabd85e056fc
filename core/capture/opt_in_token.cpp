#include "capture/opt_in_token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

std::string purpose_of(std::string_view workspace) {
  return std::string{"confirm/"}.append(workspace);
}

/// "17.0.1767614400" as its numbers.
std::optional<std::array<std::int64_t, 3>> numbers_of(std::string_view payload) {
  std::array<std::int64_t, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto end = i + 1 == numbers.size() ? payload.size() : payload.find('.');
    if (end == payload.npos) return std::nullopt;
    const auto part = payload.substr(0, end);
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
    if (error != std::errc{} || stop != part.data() + part.size()) return std::nullopt;
    payload.remove_prefix(std::min(payload.size(), end + 1));
  }
  return numbers;
}

/// Of the year 9999.
constexpr std::int64_t last_second = 253'402'300'799;

}  // namespace

std::string to_token(const OptInToken& token, const ops::KeyRing& keys, std::string_view workspace) {
  return keys.sign_link(purpose_of(workspace), lead::to_string(token.request) + "." +
                                                   std::to_string(to_milliseconds(token.expires) / 1'000));
}

std::optional<OptInToken> opt_in_token(std::string_view text, const ops::KeyRing& keys,
                                       std::string_view workspace) {
  const auto payload = keys.open_link(purpose_of(workspace), text);
  const auto numbers = payload ? numbers_of(*payload) : std::nullopt;
  if (!numbers) return std::nullopt;
  const auto [seq, index, expires] = *numbers;
  if (seq < 0 || index < 0 || index > static_cast<std::int64_t>(limits::events_per_request_max) ||
      expires < 0 || expires > last_second)
    return std::nullopt;
  return OptInToken{{seq, static_cast<std::int32_t>(index)}, from_milliseconds(expires * 1'000)};
}

}  // namespace leadhub::capture
