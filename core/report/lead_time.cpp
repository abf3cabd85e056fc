#include "report/lead_time.hpp"

#include <utility>

namespace leadhub::report {
namespace {

const std::optional<TimePoint>& entered(const StageTimes& times, lead::Stage stage) {
  return times.at(static_cast<std::size_t>(stage) - 1);
}

}  // namespace

void LeadTimeTally::add(Span span, std::optional<TimePoint> from, std::optional<TimePoint> to) {
  if (from && to && *from <= *to) of(span).add(*to - *from);
}

void LeadTimeTally::add(const StageTimes& times) {
  using enum lead::Stage;
  ++leads_;
  const auto between = [&](Span span, lead::Stage from, lead::Stage to) {
    add(span, entered(times, from), entered(times, to));
  };
  between(Span::lead_time, captured, converted);
  between(Span::captured_to_registered, captured, registered);
  between(Span::registered_to_developing, registered, developing);
  between(Span::developing_to_converted, developing, converted);
  between(Span::converted_to_customer, converted, customer);
}

void LeadTimeTally::add(const HandOff& hand_off, TimePoint now) {
  using enum lead::AssignmentState;
  if (hand_off.state == answered) add(Span::hand_off_to_answer, hand_off.assigned_at, hand_off.answered_at);
  if (!hand_off.answer_by) return;
  const auto& by = *hand_off.answer_by;
  if (hand_off.answered_at)
    ++(*hand_off.answered_at <= by ? answers_.kept : answers_.missed);
  else if (hand_off.state == missed || (hand_off.state == open && by < now))
    ++answers_.missed;
  else if (hand_off.state == open)
    ++answers_.open;
}

void LeadTimeTally::add(LeadTimeTally&& other) {
  for (std::size_t i = 0; i < spans_.size(); ++i) spans_.at(i).add(std::move(other.spans_.at(i)));
  answers_.kept += other.answers_.kept;
  answers_.missed += other.answers_.missed;
  answers_.open += other.answers_.open;
  leads_ += other.leads_;
}

}  // namespace leadhub::report
