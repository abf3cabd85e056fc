#include "report/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace leadhub::report {

void Distribution::add(std::chrono::milliseconds span) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span).count();
  seconds_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, most)));
}

void Distribution::add(Distribution&& other) {
  if (seconds_.empty())
    seconds_ = std::move(other.seconds_);
  else
    seconds_.insert(seconds_.end(), other.seconds_.begin(), other.seconds_.end());
  other.seconds_ = {};
}

std::optional<std::chrono::seconds> Distribution::percentile(double share) {
  if (seconds_.empty()) return std::nullopt;
  const auto count = static_cast<double>(seconds_.size());
  constexpr double rounding = 1e-9;  // 0.07 * 100 is a little more than 7
  const auto rank = static_cast<std::size_t>(std::clamp(std::ceil(share * count - rounding), 1.0, count));
  const auto place = seconds_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(seconds_, place);
  return std::chrono::seconds{*place};
}

}  // namespace leadhub::report
