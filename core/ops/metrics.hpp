#pragma once

#include <string>
#include <utility>
#include <vector>

namespace leadhub::ops {

/// One number to show at /metrics. Parts of the hub keep plain counters; these are made from them when
/// somebody asks, so that counting costs nothing but the addition.
struct Metric {
  enum class Kind { counter = 1, gauge };
  std::string name;  ///< "leadhub_inbox_committed_total"; equal names must stand together
  std::string help;
  Kind kind = Kind::counter;
  double value = 0;
  std::vector<std::pair<std::string, std::string>> labels = {};
};

/// The Prometheus text format, version 0.0.4.
[[nodiscard]] std::string to_prometheus_text(const std::vector<Metric>& metrics);

}  // namespace leadhub::ops
