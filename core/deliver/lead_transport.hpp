#pragma once

#include <string>

#include "deliver/delivery_result.hpp"

namespace leadhub::deliver {

/// A destination that takes leads: another program's webhook, a CRM. Implemented by the plugin host over the
/// `deliver` extension.
///
/// Threads, deadline, errors and checks as of MailTransport. Both sides know a lead that comes twice by its
/// key, so what is `retry` may be handed over again even where some of it may have arrived. After `gone`
/// nothing is handed over any more, until somebody has looked at the destination.
class LeadTransport {
 public:
  LeadTransport() = default;
  LeadTransport(const LeadTransport&) = delete;
  LeadTransport& operator=(const LeadTransport&) = delete;
  virtual ~LeadTransport() = default;

  /// The channel's name in hub.yaml.
  [[nodiscard]] virtual const std::string& name() const = 0;

  /// `idempotency_key`: the message's id, the same at every repetition; one line of visible characters.
  /// `document`: JSON as sdk/lead-delivery.schema.json has it, limits::outbound_body_bytes_max at most.
  [[nodiscard]] virtual DeliveryResult deliver(const std::string& idempotency_key,
                                               const std::string& document) = 0;
};

}  // namespace leadhub::deliver
