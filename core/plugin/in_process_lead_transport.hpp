#pragma once

#include <memory>
#include <string>
#include <utility>

#include "deliver/lead_transport.hpp"
#include "plugin/in_process_delivery.hpp"

namespace leadhub::plugin {

/// A channel that takes leads. What goes in is checked and bounded before the plugin sees it.
class InProcessLeadTransport final : public deliver::LeadTransport {
 public:
  /// As InProcessDelivery::make; error also where the channel does not deliver.
  [[nodiscard]] static Result<std::unique_ptr<deliver::LeadTransport>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return delivery_.channel(); }
  [[nodiscard]] deliver::DeliveryResult deliver(const std::string& idempotency_key,
                                                const std::string& document) override;

 private:
  explicit InProcessLeadTransport(InProcessDelivery delivery) : delivery_(std::move(delivery)) {}

  InProcessDelivery delivery_;
};

}  // namespace leadhub::plugin
