#include "plugin/in_process_lead_transport.hpp"

#include "ops/limits.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text_fault.hpp"

namespace leadhub::plugin {

using deliver::Delivery;
using deliver::DeliveryResult;

Result<std::unique_ptr<deliver::LeadTransport>> InProcessLeadTransport::make(
    std::unique_ptr<ChannelInstance> instance) {
  const std::string who = instance->who();
  auto delivery = InProcessDelivery::make(std::move(instance));
  if (!delivery) return std::unexpected(delivery.error());
  if (!*delivery) return std::unexpected(misbehaviour(who, "has no " LEADHUB_DELIVER));
  return std::unique_ptr<deliver::LeadTransport>{new InProcessLeadTransport{**std::move(delivery)}};
}

DeliveryResult InProcessLeadTransport::deliver(const std::string& idempotency_key,
                                               const std::string& document) {
  auto fault = text_fault("its id", idempotency_key, 1, limits::mail_id_bytes_max, Lines::one);
  if (fault.empty())
    fault = text_fault("its document", document, 2, limits::outbound_body_bytes_max, Lines::many);
  if (!fault.empty())
    return {Delivery::rejected, delivery_.who() + ": the lead was not handed over: " + fault, {}};
  return delivery_.hand_over(idempotency_key, document);
}

}  // namespace leadhub::plugin
