#include "lead/enrolment.hpp"

#include <algorithm>
#include <array>

namespace leadhub::lead {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 4> states{"running", "arrived", "left", "completed"};

}  // namespace

std::string_view to_string(EnrolmentState state) {
  return states[static_cast<std::size_t>(state) - 1];
}

std::optional<EnrolmentState> enrolment_state_from(std::string_view name) {
  const auto found = std::ranges::find(states, name);
  if (found == states.end()) return std::nullopt;
  return static_cast<EnrolmentState>(found - states.begin() + 1);
}

const Enrolment* Development::find(std::string_view journey) const {
  const auto found = std::ranges::find(enrolments, journey, &Enrolment::journey);
  return found == enrolments.end() ? nullptr : &*found;
}

Enrolment* Development::find(std::string_view journey) {
  const auto found = std::ranges::find(enrolments, journey, &Enrolment::journey);
  return found == enrolments.end() ? nullptr : &*found;
}

}  // namespace leadhub::lead
