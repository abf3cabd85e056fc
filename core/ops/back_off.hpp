#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace leadhub::ops {

/// How long to wait after so many failures in a row: `first` after one, twice as long after each further one,
/// `longest` at most. `failures` below 1 counts as 1.
[[nodiscard]] constexpr std::chrono::milliseconds back_off(std::chrono::milliseconds first,
                                                           std::chrono::milliseconds longest,
                                                           std::int64_t failures) {
  constexpr std::int64_t doublings_max =
      20;  // a million times `first`: no wait is so long, and nothing overflows
  const auto doublings = std::clamp<std::int64_t>(failures - 1, 0, doublings_max);
  return std::min(first * (std::int64_t{1} << doublings), longest);
}

}  // namespace leadhub::ops
