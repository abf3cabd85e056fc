#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lead/grouping.hpp"
#include "ops/clock.hpp"

namespace leadhub::report {

/// Sums by their currency, of ISO 4217.
using Money = std::map<std::string, double, std::less<>>;

/// What was paid for leads (`report.costs` of hub.yaml). Names whatever it was paid for; what is not named is
/// empty.
struct Cost {
  std::string channel;
  std::string source;
  std::string campaign;
  std::chrono::sys_days from;
  std::chrono::sys_days to;  ///< the last day, included
  double amount = 0;
  std::string currency;

  /// What it names of that grouping; empty: nothing.
  [[nodiscard]] std::string_view name(lead::Grouping grouping) const;
};

/// From, included, to, excluded.
struct Window {
  TimePoint since{};
  TimePoint until{};
};

/// The part of a cost that falls into a window: it is spread evenly over its days, as they are in the time
/// zone.
[[nodiscard]] double cost_within(const Cost& cost, const Window& window, const std::string& time_zone);

}  // namespace leadhub::report
