#include "plugin/in_process_chat_transport.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "plugin/text_fault.hpp"

namespace leadhub::plugin {

using deliver::Delivery;
using deliver::DeliveryResult;
using deliver::OutgoingChat;

std::string chat_fault(const OutgoingChat& reply) {
  const std::array faults = {text_fault("its id", reply.id, 3, limits::mail_id_bytes_max, Lines::one),
                             text_fault("the conversation's system", reply.conversation.system, 1,
                                        limits::event_field_bytes_max, Lines::one),
                             text_fault("the conversation's id", reply.conversation.id, 1,
                                        limits::event_field_bytes_max, Lines::one),
                             text_fault("the text", reply.text, 1, limits::chat_text_bytes_max, Lines::many)};
  for (const auto& fault : faults)
    if (!fault.empty()) return fault;
  return {};
}

std::string to_document(const OutgoingChat& reply) {
  const nlohmann::ordered_json document{
      {"type", "chat"},
      {"version", 1},
      {"conversation", {{"system", reply.conversation.system}, {"id", reply.conversation.id}}},
      {"text", reply.text},
      {"date", format_rfc3339(reply.date)}};
  return document.dump();
}

Result<std::unique_ptr<deliver::ChatTransport>> InProcessChatTransport::make(
    std::unique_ptr<ChannelInstance> instance) {
  auto delivery = InProcessDelivery::make(std::move(instance));
  if (!delivery) return std::unexpected(delivery.error());
  if (!*delivery) return nullptr;
  return std::unique_ptr<deliver::ChatTransport>{new InProcessChatTransport{**std::move(delivery)}};
}

DeliveryResult InProcessChatTransport::deliver(const OutgoingChat& reply) {
  if (const auto fault = chat_fault(reply); !fault.empty())
    return {Delivery::rejected, delivery_.who() + ": the reply was not handed over: " + fault, {}};
  return one_of_many(delivery_.hand_over(reply.id, to_document(reply)));
}

}  // namespace leadhub::plugin
