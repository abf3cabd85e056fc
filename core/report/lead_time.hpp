#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lead/assignment.hpp"
#include "report/distribution.hpp"
#include "report/funnel.hpp"

namespace leadhub::report {

/// What is measured of a lead. lead_time is from captured to converted.
enum class Span {
  lead_time = 1,
  captured_to_registered,
  registered_to_developing,
  developing_to_converted,
  converted_to_customer,
  hand_off_to_answer,
};
inline constexpr std::array span_names{"lead_time",
                                       "captured_to_registered",
                                       "registered_to_developing",
                                       "developing_to_converted",
                                       "converted_to_customer",
                                       "hand_off_to_answer"};

/// Hand-offs with a time to answer. What somebody took away before either happened is none of them.
struct Answers {
  std::int64_t kept = 0;    ///< answered in time
  std::int64_t missed = 0;  ///< the time ran out
  std::int64_t open = 0;    ///< the time still runs
};

/// A hand-off as far as it is measured; as of lead::Assignment.
struct HandOff {
  TimePoint assigned_at{};
  std::optional<TimePoint> answer_by;
  std::optional<TimePoint> answered_at;
  lead::AssignmentState state = lead::AssignmentState::open;
};

/// How long the leads of a group took.
class LeadTimeTally {
 public:
  /// The spans between the stages that the lead entered one after the other. A span is left out where the
  /// lead passed one of its stages over, or entered the second before the first, as who was lost and comes
  /// back may have.
  void add(const StageTimes& times);
  void add(const HandOff& hand_off, TimePoint now);
  void add(LeadTimeTally&& other);

  [[nodiscard]] std::size_t size() const { return leads_; }  ///< leads
  [[nodiscard]] Distribution& of(Span span) { return spans_.at(static_cast<std::size_t>(span) - 1); }
  [[nodiscard]] const Answers& answers() const { return answers_; }

 private:
  void add(Span span, std::optional<TimePoint> from, std::optional<TimePoint> to);

  std::array<Distribution, span_names.size()> spans_;
  Answers answers_;
  std::size_t leads_ = 0;
};

}  // namespace leadhub::report
