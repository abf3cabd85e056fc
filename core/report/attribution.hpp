#pragma once

#include <cstdint>
#include <optional>

#include "report/cost.hpp"

namespace leadhub::report {

/// What came of leads by one of their touches.
struct Yield {
  std::int64_t leads = 0;
  std::int64_t converted = 0;
  Money value;  ///< of all that those converted have bought so far; empty currency: it was not told

  void add(const Yield& other);
};

/// What came of a channel, source or campaign, and what it cost. Each lead counts once by its first touch and
/// once by its last.
struct AttributionTally {
  Yield first;
  Yield last;
  Money cost;

  void add(const AttributionTally& other);
  [[nodiscard]] std::int64_t size() const { return first.leads + last.leads; }
};

/// A cost set against what came of it. Each is none where nothing is to be divided by.
struct Efficiency {
  std::optional<double> per_lead;
  std::optional<double> per_conversion;
  std::optional<double> returned;  ///< value for each unit of the cost, both of one currency
};
[[nodiscard]] Efficiency efficiency(double cost, std::string_view currency, const Yield& yield);

}  // namespace leadhub::report
