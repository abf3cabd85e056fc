#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::app {

/// Bars in groups that stand side by side: each series has one bar in each category.
struct BarChart {
  struct Series {
    std::string name;
    std::vector<double> values;  ///< from 0; one for each category
  };
  std::string title;
  std::string unit;  ///< of the values, at their axis
  std::vector<std::string> categories;
  std::vector<Series> series;
};

/// Draws the chart with PLplot into a file, which is written anew. Error: `io` where it cannot be. PLplot
/// keeps its state in globals: one chart at a time in a process, which the command line draws and the hub
/// never does.
[[nodiscard]] Result<void> write_svg(const BarChart& chart, const std::filesystem::path& file);

}  // namespace leadhub::app
