#pragma once

#include <memory>
#include <string>
#include <utility>

#include "deliver/chat_transport.hpp"
#include "plugin/in_process_delivery.hpp"

namespace leadhub::plugin {

/// A chat by which replies leave. What goes in is checked and bounded before the plugin sees it.
class InProcessChatTransport final : public deliver::ChatTransport {
 public:
  /// As InProcessDelivery::make; null where the channel does not deliver.
  [[nodiscard]] static Result<std::unique_ptr<deliver::ChatTransport>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return delivery_.channel(); }
  [[nodiscard]] deliver::DeliveryResult deliver(const deliver::OutgoingChat& reply) override;

 private:
  explicit InProcessChatTransport(InProcessDelivery delivery) : delivery_(std::move(delivery)) {}

  InProcessDelivery delivery_;
};

/// What is wrong with a reply, as the rest of a sentence about it; empty where nothing is. Never what stands
/// in the reply itself, which is personal data.
[[nodiscard]] std::string chat_fault(const deliver::OutgoingChat& reply);

/// The reply as sdk/chat.schema.json has it. It has no fault.
[[nodiscard]] std::string to_document(const deliver::OutgoingChat& reply);

}  // namespace leadhub::plugin
