#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lead/lead.hpp"

namespace leadhub::lead {

enum class MessageKind {
  opt_in = 1,  ///< asks the owner of a mailbox to confirm; transactional
};
[[nodiscard]] std::string_view to_string(MessageKind kind);
[[nodiscard]] std::optional<MessageKind> message_kind_from(std::string_view name);

enum class MessageState {
  queued = 1,
  attempting,  ///< a sender has it; found so at a start, nobody knows whether it went out
  sent,
  failed,    ///< refused for good, or tried too often
  withheld,  ///< its address is suppressed
};
[[nodiscard]] std::string_view to_string(MessageState state);
[[nodiscard]] std::optional<MessageState> message_state_from(std::string_view name);

/// One mail in the outbox.
struct Message {
  std::string id;          ///< UUIDv7; also what its Message-ID is made of
  std::string occurrence;  ///< what it is sent for; written once whatever happens
  std::string lead_id;
  MessageKind kind = MessageKind::opt_in;
  std::string channel;    ///< the channel for which it is sent
  std::string address;    ///< as the person wrote it
  std::string canonical;  ///< what identifies the address
  EventReference source;  ///< the event that asked for it
  TimePoint created_at{};
  MessageState state = MessageState::queued;
  std::int64_t attempts = 0;
  TimePoint due_at{};
  std::optional<TimePoint> sent_at;
  std::string detail;  ///< what the transport said last
};

/// While sending is paused, mails are written to the outbox and stay there.
struct SendingPause {
  std::string
      reason;  ///< "operator"; "restored": this store is a copy, and the original may have gone on sending
  TimePoint since{};
};

/// An entry of the log pauses sending or lifts the pauses before it.
struct SendingSwitch {
  enum class To { paused = 1, on };
  To to = To::paused;
  std::int64_t seq = 0;
  TimePoint at{};
};

}  // namespace leadhub::lead
