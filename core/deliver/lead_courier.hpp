#pragma once

#include <functional>
#include <memory>
#include <string>

#include "deliver/courier.hpp"
#include "deliver/lead_transport.hpp"

namespace leadhub::deliver {

/// Brings leads to a destination: what a rule of `deliver` sends there, or, where route.notify names it, what
/// is handed over to the team. What goes is the lead as it is at that moment.
///
/// Whom it cannot reach it tries again for three days (limits::destination_retries), with waits that differ
/// from message to message, so that what has piled up does not come at once.
class LeadCourier final : public Courier {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    /// Where whoever was given the lead says that they have taken it up; empty: nowhere.
    std::function<std::string(const lead::Message&)> answer_link;
    /// Whether the log has taken the person back and the pipeline has not read that yet.
    std::function<Result<bool>(const lead::Lead&)> is_being_erased;
  };
  /// `kind`: delivery or hand_off. `transport` and `clock` outlive it.
  LeadCourier(lead::MessageKind kind, Ports ports, LeadTransport& transport, const Clock& clock)
      : kind_(kind), ports_(std::move(ports)), transport_(transport), clock_(clock) {}

  [[nodiscard]] store::MessagesOf messages() const override;
  [[nodiscard]] DeliveryResult deliver(const lead::Message& message) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry_delay(
      const lead::Message& message) const override;

 private:
  lead::MessageKind kind_;
  Ports ports_;
  LeadTransport& transport_;
  const Clock& clock_;
};

/// What a destination is given: JSON as sdk/lead-delivery.schema.json has it. Of the timeline it has the last
/// events only (limits::delivery_events_max).
[[nodiscard]] std::string lead_delivery(const lead::Message& message, const lead::LeadRecord& record,
                                        const std::string& answer_link, TimePoint now);

}  // namespace leadhub::deliver
