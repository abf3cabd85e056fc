#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"

namespace leadhub::lead {

enum class EnrolmentState {
  running = 1,
  arrived,    ///< its goal was reached
  left,       ///< what says who leaves held, or its journey or step is gone
  completed,  ///< every step was taken
};
[[nodiscard]] std::string_view to_string(EnrolmentState state);
[[nodiscard]] std::optional<EnrolmentState> enrolment_state_from(std::string_view name);

/// A lead on a journey. A lead has one of each journey at most, the last one.
struct Enrolment {
  std::string journey;
  std::string occurrence;  ///< by which event it began: two events are two, the same one again is the same
  EnrolmentState state = EnrolmentState::running;
  std::string step;  ///< the name of the step at which it is, or was when it ended
  TimePoint entered_at{};
  TimePoint reached_at{};           ///< since when it is at the step
  std::optional<TimePoint> due_at;  ///< when it goes on; none: it has ended
  std::string why;                  ///< why it waits, or has ended: for people
  std::optional<TimePoint> ended_at;
  bool would_enter = false;  ///< what says who enters, of what the lead is rather than of an event, held last

  friend bool operator==(const Enrolment&, const Enrolment&) = default;
};

/// How a lead is being developed.
struct Development {
  std::vector<Enrolment> enrolments;
  std::vector<TimePoint>
      mails;  ///< when it got marketing mails, as many as the cap asks about, the oldest first

  [[nodiscard]] const Enrolment* find(std::string_view journey) const;
  [[nodiscard]] Enrolment* find(std::string_view journey);
};

}  // namespace leadhub::lead
