#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "qualify/rules.hpp"

namespace leadhub::qualify {

/// A rule that would make a lead hot.
struct Way {
  std::string rule;  ///< in words
  bool on_event = false;
  /// Points that are missing, where that is all it lacks; of `lead.score`, its groups included.
  std::optional<std::int64_t> missing_points;
};

/// A rule that could still give a lead points.
struct Gain {
  std::string rule;  ///< its name
  std::string when;  ///< in words
  std::int64_t points = 0;
};

struct Outlook {
  std::vector<Way> ways;    ///< empty where the lead is hot
  std::vector<Gain> gains;  ///< those that give the most first; empty where no way asks for points
};

/// What would make the lead hot. Of score rules those are left out that have given all they may.
[[nodiscard]] Outlook outlook(const Rules& rules, const lead::Lead& lead, TimePoint now);

}  // namespace leadhub::qualify
