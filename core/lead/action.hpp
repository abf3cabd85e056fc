#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lead/broadcast.hpp"
#include "lead/external_id.hpp"
#include "lead/lead.hpp"
#include "lead/pause.hpp"
#include "ops/error.hpp"

namespace leadhub::lead {

/// `merged` becomes part of `into`.
struct MergeLeads {
  std::string into;
  std::string merged;
};

/// The lead that was merged stands for itself again.
struct UnmergeLead {
  std::string merged;
};

/// The two are not one person; nobody is asked again.
struct DismissProposal {
  std::string first;
  std::string second;
};

/// What was found out about a contact point, whoever has it.
struct VerifiedContact {
  ContactKind kind = ContactKind::email;
  std::string canonical;
  Verdict verdict = Verdict::unknown;
  std::string reason;
  std::optional<TimePoint> retry_at;  ///< of `unknown`: when to ask again
};
struct VerifyContacts {
  std::vector<VerifiedContact> contacts;
};

/// The person is removed everywhere; keyed hashes alone remain, by which retries are known.
struct EraseLead {
  std::string id;
  std::optional<TimePoint> unless_heard_since{};  ///< whoever has given a sign since then stays
};

/// Mails and chat replies wait in the outbox from here on, or those of the scope do.
struct PauseSending {
  PauseScope scope{};
  std::string reason{"operator"};
};

/// They leave again, unless a later entry or the restoring of a backup has paused them.
struct ResumeSending {
  PauseScope scope{};
};

/// No mail goes to the address any more, or mails may go to it again. canonical: of the address; its keyed
/// hash.
struct SuppressAddress {
  std::string canonical;
  std::string address_hash;
};
struct LiftSuppression {
  std::string address_hash;
};

/// Somebody of the team answers a lead in a chat.
struct ReplyInChat {
  std::string lead_id;
  std::string channel;
  ExternalId conversation;
  std::string text;
  std::string author;  ///< empty: nobody said
  std::string key;     ///< one key is one message, however often it is asked for
};

/// Something that the hub or one of its people does to a lead: deed.hpp. document: a lead event.
struct RecordDeed {
  std::string lead_id;
  std::string document;
};

/// Something that a mail's lead did with it, or a machine in its place: opened it, followed a link. document:
/// a lead event, which names the mail's address; channel: by which the mail left. Whoever has been erased
/// stays so.
struct RecordSignal {
  std::string lead_id;
  std::string channel;
  std::string document;
};

/// Time alone has changed something for these leads.
struct LookAgain {
  std::vector<std::string> lead_ids;
};

/// Who caused a signal is seen otherwise than before; whoever's it is, is scored anew.
struct JudgeSignal {
  EventReference event;
  SignalTrust trust = SignalTrust::unknown;
};

/// What a destination did not take goes to it again, and one that said never to come again is asked once
/// more.
struct RedriveDeliveries {
  std::string channel;
};

/// Somebody has found out what became of a message that was `unknown`, or has decided that it goes again.
struct SettleMessage {
  std::string id;
  MessageState to = MessageState::sent;
};

/// What is done to leads rather than by them: an operator's decision, an answer of the DNS. Actions come back
/// through the log like events, so that the pipeline stays the only writer and a replay gives the same leads.
using Action = std::variant<MergeLeads, UnmergeLead, DismissProposal, VerifyContacts, EraseLead, PauseSending,
                            ResumeSending, SuppressAddress, LiftSuppression, ReplyInChat, RecordDeed,
                            RecordSignal, LookAgain, JudgeSignal, RedriveDeliveries, SettleMessage,
                            StartBroadcast, ReachLeads, DecideBroadcast, CancelBroadcast>;

/// {"type": "lead.merged", "into": "...", "merged": "..."} and so on: the document of an action in the log.
[[nodiscard]] std::string to_json(const Action& action);

/// Error: `invalid` where the document is no action.
[[nodiscard]] Result<Action> parse_action(std::string_view json);

}  // namespace leadhub::lead
