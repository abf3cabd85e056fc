#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace leadhub::report {

/// Times of which somebody wants percentiles. Keeps each of them, to the second, rounded down.
///
/// Percentiles are exact, by the nearest rank: the p-percentile of n times is the one at place ceil(p * n) in
/// their order, so it is always a time that occurred. Of 10 times p50 is the 5th, p90 the 9th, p99 the 10th.
class Distribution {
 public:
  /// A span of at least no time; longer than 136 years counts as those.
  void add(std::chrono::milliseconds span);
  void add(Distribution&& other);
  [[nodiscard]] std::size_t size() const { return seconds_.size(); }

  /// `share`: from 0, excluded, to 1. None: there are no times.
  [[nodiscard]] std::optional<std::chrono::seconds> percentile(double share);

 private:
  std::vector<std::uint32_t> seconds_;  ///< in no order
};

}  // namespace leadhub::report
