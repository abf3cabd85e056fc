#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lead/reference.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {

enum class ScoreGroup { fit = 1, engagement };
inline constexpr std::size_t score_group_count = 2;
[[nodiscard]] std::string_view to_string(ScoreGroup group);
[[nodiscard]] std::optional<ScoreGroup> score_group_from(std::string_view name);

/// One line of the score ledger: which rule gave how many points, for which event.
struct ScoreEntry {
  EventReference reference;
  std::int32_t line = 0;  ///< place among the lines of the event, from 0
  std::string rule;
  ScoreGroup group = ScoreGroup::engagement;
  std::int64_t points = 0;
  TimePoint at{};  ///< when the event happened; from then on its points fade, where the group decays
};

/// What points that were given at `at` are still worth. half_life zero: they do not fade. Before `at` they
/// are worth what they were given for.
[[nodiscard]] double faded(double points, TimePoint at, TimePoint now, std::chrono::milliseconds half_life);

/// The sum of a group of the ledger, kept as of a time, so that nobody has to read the ledger to know it: all
/// points of a group fade alike, so that their sum does, too.
struct Points {
  double sum = 0;
  TimePoint as_of{};
  std::chrono::milliseconds half_life{};

  [[nodiscard]] double at(TimePoint now) const { return faded(sum, as_of, now, half_life); }
  void add(std::int64_t points, TimePoint at);
};

/// What a rule that is bounded (`once`, `at_most`) has given already, the oldest first.
struct Tally {
  std::string rule;
  std::vector<std::pair<TimePoint, std::int64_t>> given;
};

/// Why a temperature holds, and until when.
struct Warmth {
  TimePoint until{};
  std::string rule;
  EventReference source;
  TimePoint at{};  ///< when that event happened
};

/// Why a lead is in a stage.
struct StageReason {
  std::int32_t stage = 0;  ///< lead::Stage
  std::string rule;
  EventReference source;
};

/// From how many points on a lead has which grade: fit gives the letter, engagement the number.
struct GradeLimits {
  double a = 20;
  double b = 0;
  double one = 50;
  double two = 20;
  friend bool operator==(const GradeLimits&, const GradeLimits&) = default;
};

/// What the rules have made of a lead's events.
struct Qualification {
  std::array<Points, score_group_count> points;  ///< by group
  std::vector<Tally> tallies;
  std::optional<Warmth> warm_event;  ///< the rule on an event that keeps it warm the longest
  std::optional<Warmth> hot_event;
  std::string warm_rule{};  ///< a rule on what the lead is that holds; empty: none
  std::string hot_rule{};
  std::vector<StageReason> stages;  ///< in the order of entry; one line a stage
  GradeLimits grade_limits{};
};

/// The time of what never ends.
inline constexpr TimePoint forever{std::chrono::milliseconds{253'402'300'799'000}};  // the end of year 9999

}  // namespace leadhub::lead
