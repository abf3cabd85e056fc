#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lead/reference.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {

enum class AssignmentState {
  open = 1,  ///< the owner has it and has not answered yet
  answered,
  missed,      ///< the time to answer ran out; it went to somebody else, or to everybody's notice
  superseded,  ///< somebody gave the lead to another owner
};
[[nodiscard]] std::string_view to_string(AssignmentState state);
[[nodiscard]] std::optional<AssignmentState> assignment_state_from(std::string_view name);

/// One hand-off of a lead to somebody of the team.
struct Assignment {
  std::int32_t round = 1;  ///< counts the hand-offs of the lead, from 1
  std::string owner;       ///< the name of one of the team
  std::string rule;        ///< in words; "operator" where somebody decided it
  std::string method;      ///< territory, round_robin, least_busy, sticky, or named
  EventReference source;   ///< the event that asked for it
  TimePoint assigned_at{};
  std::optional<TimePoint> answer_by;  ///< in working hours; none: nobody waits
  std::optional<TimePoint> answered_at;
  AssignmentState state = AssignmentState::open;
};

/// A lead that a rule wants handed over while nobody can take it.
struct WaitingForOwner {
  std::string rule;  ///< mark of the rule of route
  EventReference source;
  TimePoint since{};
  TimePoint again_at{};  ///< when to look for somebody again
};

/// How a lead stands with the team.
struct Routing {
  std::optional<Assignment> assignment;  ///< the last one
  std::optional<WaitingForOwner> waiting;
  std::vector<std::string> holding;  ///< marks of the rules that held when they were looked at last
};

/// What is kept of whoever bought.
struct Account {
  std::string owner;
  std::optional<TimePoint> renews_at;
  std::optional<TimePoint> follow_up_at;
};

}  // namespace leadhub::lead
