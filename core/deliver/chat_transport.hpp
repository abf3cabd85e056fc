#pragma once

#include <string>

#include "deliver/delivery_result.hpp"
#include "lead/external_id.hpp"
#include "ops/clock.hpp"

namespace leadhub::deliver {

/// What somebody of the team answers in a chat. All text is UTF-8.
struct OutgoingChat {
  std::string id;                 ///< the same id is the same reply, however often it is handed over
  lead::ExternalId conversation;  ///< {"telegram", "7"}: the person, as the channel's own events name them
  std::string text;               ///< lines end with LF; never empty
  TimePoint date;                 ///< when it was written
};

/// A way for replies to leave the hub by one chat channel. Implemented by the plugin host over the `deliver`
/// extension.
///
/// Threads, deadline, errors and checks as of MailTransport. A reply whose outcome is `unknown` is not handed
/// over again: a person would read it twice. One that is `retry` is.
class ChatTransport {
 public:
  ChatTransport() = default;
  ChatTransport(const ChatTransport&) = delete;
  ChatTransport& operator=(const ChatTransport&) = delete;
  virtual ~ChatTransport() = default;

  /// The channel's name in hub.yaml.
  [[nodiscard]] virtual const std::string& name() const = 0;

  [[nodiscard]] virtual DeliveryResult deliver(const OutgoingChat& reply) = 0;
};

}  // namespace leadhub::deliver
