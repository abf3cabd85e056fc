#include "transport.hpp"

namespace leadhub::email {

sdk::Outcome failure_of(const sdk::ChannelError& error) {
  return {LEADHUB_DELIVERY_FAILED, {}, error.what(), error.retry_class(), error.retry_after_ms, error.code()};
}

void OneByOneTransport::deliver(MailQueue& queue) {
  while (const auto index = queue.wait_for_next()) {
    if (!queue.claim(*index)) continue;
    try {
      queue.settle(*index, deliver(queue.mail(*index)));
    } catch (const sdk::ChannelError& error) {
      queue.settle(*index, failure_of(error));
    }
  }
}

}  // namespace leadhub::email
