#pragma once

#include <string>
#include <vector>

#include "report/cost.hpp"
#include "report/objective.hpp"

namespace leadhub::report {

/// What hub.yaml says for reports (`report`, and the hub's time zone).
struct Rules {
  std::string time_zone = "UTC";  ///< of weeks, and of the days of costs
  std::vector<Cost> costs{};
  std::vector<Objective> objectives{};  ///< at most one a channel
};

}  // namespace leadhub::report
