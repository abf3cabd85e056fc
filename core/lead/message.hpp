#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lead/lead.hpp"

namespace leadhub::lead {

enum class MessageKind {
  opt_in = 1,  ///< asks the owner of a mailbox to confirm; transactional
  chat_reply,  ///< what somebody of the team answers in a chat
  hand_off,    ///< gives a lead to somebody of the team, or says that nobody answered; transactional
  delivery,    ///< brings another program up to date about a lead
  journey,     ///< a mail of a journey to its lead; marketing
  notice,      ///< a mail of a journey to the lead's owner; transactional
  broadcast,   ///< one mail to many leads; marketing
};
[[nodiscard]] std::string_view to_string(MessageKind kind);
[[nodiscard]] std::optional<MessageKind> message_kind_from(std::string_view name);

/// Whether it needs a consent, and goes to nobody who has taken it back.
[[nodiscard]] bool is_marketing(MessageKind kind);

enum class MessageState {
  queued = 1,
  attempting,  ///< a sender has it; found so at a start, nobody knows whether it went out
  sent,
  failed,    ///< refused for good, or tried too often
  withheld,  ///< it must not go: `detail` says why
  unknown,   ///< it may have arrived or not, and is not sent again
};
[[nodiscard]] std::string_view to_string(MessageState state);
[[nodiscard]] std::optional<MessageState> message_state_from(std::string_view name);

/// What becomes of a message of which nobody can know whether it went out. A mail that asks to confirm is
/// queued again: it keeps its Message-ID, and two are better than none. So is a delivery, which keeps its id.
/// A chat reply and a marketing mail would be read twice by a person, so they stay `unknown`, for somebody to
/// see and to decide.
[[nodiscard]] MessageState state_where_unknown(MessageKind kind);

/// Whether a message of which nobody knew may become that: `sent`, `failed`, or `queued` to go again.
[[nodiscard]] bool settles_unknown(MessageState to);

/// The occurrence of a reply: one key, one message.
[[nodiscard]] std::string reply_occurrence(std::string_view key);

/// What came back of a mail.
struct MailFeedback {
  enum class What { opened = 1, clicked, bounced, complained };
  What what = What::opened;
  std::string message_id{};       ///< of the message; empty: that was not told
  std::string canonical{};        ///< then it is the last one that was sent to this address
  std::optional<TimePoint> at{};  ///< none: as is known by now, it was not
};

/// One message in the outbox: a mail, or a reply in a chat.
struct Message {
  std::string id;          ///< UUIDv7; also what its Message-ID is made of
  std::string occurrence;  ///< what it is sent for; written once whatever happens
  std::string lead_id;
  MessageKind kind = MessageKind::opt_in;
  std::string channel;    ///< the channel for which it is sent; of a reply also the one by which it goes
  std::string address;    ///< as the person wrote it; of a reply: the id of the conversation
  std::string canonical;  ///< what identifies the address
  EventReference source;  ///< the event that asked for it
  TimePoint created_at{};
  MessageState state = MessageState::queued;
  std::int64_t attempts = 0;
  TimePoint due_at{};
  std::optional<TimePoint> sent_at;
  std::string detail;  ///< what the transport said last
  // Of a chat reply.
  std::string system{};  ///< whose id the conversation has: "telegram"
  std::string text{};
  std::string author{};  ///< who of the team wrote it; empty: nobody said
  std::string home{};    ///< as ContactPoint::home; written, and never read back
  // Of what a journey or a broadcast sends.
  std::string template_name{};
  std::string journey{};    ///< or the broadcast
  std::string step{};       ///< of a broadcast: which of its subjects
  std::string purpose{};    ///< of the consent without which it does not go; empty: it needs none
  std::string time_zone{};  ///< by whose quiet hours it does not leave; empty: by nobody's
  // What came back of a mail; written and read by Outbox::note and its readers alone.
  std::optional<TimePoint> opened_at{};   ///< by a person, as far as can be told
  std::optional<TimePoint> clicked_at{};  ///< likewise
  std::optional<TimePoint> bounced_at{};
  std::optional<TimePoint> complained_at{};
  std::string lease{};  ///< under which a sender has it; given by the outbox, which asks for it back
};

/// A lead is on a journey no more; what waits in the outbox for that one must not go.
struct EndedJourney {
  std::string lead_id;  ///< empty: of `before_merge` alone
  std::string journey;
  std::string occurrence;  ///< of the enrolment that has ended
  std::string why;
  std::string before_merge{};  ///< the lead that was on it before it became part of another
};

/// How the occurrences of a lead's mails of a journey begin.
[[nodiscard]] std::string journey_occurrence(std::string_view lead_id, std::string_view journey);

/// A destination that has said never to come again gets nothing until somebody has its messages redriven.
struct DisabledDestination {
  std::string channel;
  std::string reason;
  TimePoint since{};
};

}  // namespace leadhub::lead
