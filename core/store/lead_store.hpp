#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lead/action.hpp"
#include "lead/lead.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/access.hpp"
#include "store/broadcasts.hpp"
#include "store/channel_notes.hpp"
#include "store/destinations.hpp"
#include "store/outbox.hpp"
#include "store/pauses.hpp"
#include "store/suppressions.hpp"

namespace leadhub::store {

/// How far the pipeline has read which log.
struct Cursor {
  std::string log_id;  ///< empty: nothing read yet
  std::int64_t seq = 0;
};

/// How many leads may have a contact point.
enum class Sharing {
  by_few = 1,  ///< an address that is one person's
  by_many,  ///< a switchboard's number, an address of a function: whoever writes to us can make more of them
};

struct ContactKey {
  lead::ContactKind kind = lead::ContactKind::email;
  std::string canonical;
  Sharing sharing = Sharing::by_few;
};

/// A row of a lead: what belongs to it by id.
template <class Row>
struct OfLead {
  std::string lead_id;
  Row row;
};

struct NewAttachment {
  lead::StoredAttachment attachment;
  std::int32_t line = 0;
  std::string content;  ///< base64
};

/// A sale.
struct Conversion {
  lead::EventReference reference;
  std::optional<double> value;  ///< none: not told
  std::string currency;         ///< ISO 4217; empty: not told
  TimePoint at{};
};

struct QuarantinedEvent {
  lead::EventReference reference;
  std::string reason;
  TimePoint at{};
};

/// Timeline lines of an entry that a redrive replaces.
struct Superseded {
  std::int64_t seq = 0;
  std::int64_t by = 0;
};

/// One lead becomes part of another; both are among the changed leads.
struct Merge {
  std::string merged;
  std::string into;
  std::string reason;  ///< "operator" or "visitor"
  std::int64_t seq = 0;
  TimePoint at{};
};

/// A merge is undone: what is at home with `members` leaves `from` and belongs to `id` again.
struct Unmerge {
  std::string id;
  std::string from;
  std::vector<std::string> members;  ///< `id`, and whoever was merged into it
};

/// A person is removed; `entries` are what the inbox holds of them besides the events of their timeline.
struct Erasure {
  std::vector<std::string> ids;  ///< the lead and all that were merged into it
  std::vector<std::int64_t> entries;
  std::int64_t erased_by = 0;  ///< the entry of the log
};

/// An address whose domain DNS is to be asked about.
struct DueVerification {
  std::string canonical;
  TimePoint due_at{};
  std::int64_t attempts = 0;
};

/// Two leads that may be one person; `first` is the lesser id.
struct MergeProposal {
  std::string first;
  std::string second;
  std::string reason;  ///< the kind of contact point that both have
  lead::EventReference source;
  TimePoint at{};
};

/// How busy somebody of the team is.
struct StoredWorkload {
  std::int64_t turn = 0;
  std::int64_t open = 0;         ///< hand-offs without an answer
  std::vector<TimePoint> taken;  ///< the last ones they got, the oldest first
};

/// What a destination did not take goes out again.
struct RedrivenDeliveries {
  std::string channel;
  TimePoint at{};
};

/// What became of a message that was `unknown`.
struct SettledMessage {
  std::string id;
  lead::MessageState to = lead::MessageState::sent;
  TimePoint at{};
};

/// Who caused a signal is seen otherwise.
struct JudgedSignal {
  lead::EventReference event;
  lead::SignalTrust trust = lead::SignalTrust::unknown;
};

/// Everything that one batch of the pipeline changes.
struct LeadChanges {
  std::vector<const lead::Lead*> leads;  ///< new or changed, whole
  std::vector<const lead::Lead*>
      rebuilt;  ///< of those, the ones whose contact points and consents start anew
  std::unordered_set<const lead::Lead*>
      with_all_contacts;      ///< whose contact points are all written, not only those of this batch
  std::vector<Merge> merges;  ///< in order; rows of this batch already name the surviving lead
  std::vector<Unmerge> unmerges;
  std::vector<lead::Suppression> suppressions;
  std::vector<std::string> lifted;  ///< hashes of addresses that may get mails again; after `suppressions`
  std::vector<DueVerification> to_verify;
  std::vector<lead::VerifiedContact> verified;  ///< reaches whoever has the contact point; one without
                                                ///< retry_at need not be asked about again
  std::vector<Erasure> erasures;
  std::vector<MergeProposal> proposals;  ///< a pair that is known, dismissed ones included, stays as it is
  std::vector<MergeProposal> dismissed;
  std::vector<lead::Message> messages;
  std::vector<lead::EndedJourney> ended_journeys;  ///< after `messages`
  std::vector<RedrivenDeliveries> redriven;
  std::vector<SettledMessage> settled;
  std::vector<std::pair<lead::BroadcastAction, TimePoint>> broadcasts;  ///< before `messages`
  std::vector<lead::MailFeedback> feedback;                             ///< after `messages`
  std::vector<std::string> removed;                                     ///< leads that no event is left of
  std::vector<OfLead<lead::TimelineEntry>> timeline;
  std::vector<OfLead<lead::ConsentEntry>> consents;
  std::vector<OfLead<NewAttachment>> attachments;
  std::unordered_set<std::string> rejudged;  ///< leads whose score ledger and sales start anew
  std::vector<OfLead<lead::ScoreEntry>> scores;
  std::vector<OfLead<Conversion>> conversions;
  std::vector<OfLead<lead::Assignment>> assignments;  ///< new ones, and those that have come further
  std::vector<OfLead<lead::Enrolment>> enrolments;    ///< new ones, and those that have come further
  std::map<std::string, std::int64_t> turns;          ///< of the team, by name, where they have changed
  std::vector<JudgedSignal> signals;
  std::vector<QuarantinedEvent> quarantine;
  std::vector<Superseded> superseded;
  std::optional<lead::SendingSwitch> sending;
  std::int64_t first_seq = 0;  ///< contact points from this entry on are new or changed
  Cursor cursor;
};

/// The writing side of the lead model: the one connection that writes leadhub.db. Used by one thread, the
/// pipeline's.
class LeadStore {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LeadStore>> open(const std::filesystem::path& file,
                                                               std::string_view workspace, const Clock& clock,
                                                               Access access = Access::read_write);
  ~LeadStore();

  [[nodiscard]] Result<Cursor> cursor();

  /// The leads that have one of these contact points, each once, with all of their contact points. Of a point
  /// that may be shared by many at most limits::sharing_leads_max + 1: so many tell that it identifies
  /// nobody.
  [[nodiscard]] Result<std::vector<lead::Lead>> find_by_contacts(std::span<const ContactKey> keys);
  [[nodiscard]] Result<std::vector<lead::Lead>> load(std::span<const std::string> ids);
  /// The leads that have timeline lines from this entry.
  [[nodiscard]] Result<std::vector<std::string>> leads_of_entry(std::int64_t seq);
  /// The lead and all that were merged into it, directly or by way of another; the lead itself first.
  [[nodiscard]] Result<std::vector<std::string>> merged_into(const std::string& id);
  /// The entries that have events in quarantine.
  [[nodiscard]] Result<std::vector<std::int64_t>> quarantined_entries();
  /// The entry of the log that merged this lead; 0 where it is not merged.
  [[nodiscard]] Result<std::int64_t> merge_entry(const std::string& merged_id);
  /// The lines of a lead's timeline that still count, in the order of the log.
  [[nodiscard]] Result<std::vector<lead::TimelineEntry>> timeline_of(const std::string& lead_id);

  /// The consent ledger of a lead, in the order of the log.
  [[nodiscard]] Result<std::vector<lead::ConsentEntry>> consents_of(const std::string& lead_id);
  /// The same of many leads; a lead that has none is left out.
  [[nodiscard]] Result<std::map<std::string, std::vector<lead::ConsentEntry>>> consents_of(
      std::span<const std::string> lead_ids);
  /// The hand-offs of a lead, in the order of their rounds.
  [[nodiscard]] Result<std::vector<lead::Assignment>> assignments_of(const std::string& lead_id);
  /// `taken_max`: how many of the last hand-offs are asked for.
  [[nodiscard]] Result<StoredWorkload> workload_of(const std::string& name, std::size_t taken_max);
  /// Who has the lead of that company that was heard of last; empty: nobody has one.
  [[nodiscard]] Result<std::string> owner_of_company(const std::string& company);
  /// The lead to whose timeline the event belongs, and the line. Error: `not_found`.
  [[nodiscard]] Result<std::string> lead_of_event(lead::EventReference reference);
  /// The score ledger of a lead, in the order of the log.
  [[nodiscard]] Result<std::vector<lead::ScoreEntry>> scores_of(const std::string& lead_id);
  [[nodiscard]] Pauses& pauses();
  [[nodiscard]] Broadcasts& broadcasts();
  [[nodiscard]] Outbox& outbox();
  [[nodiscard]] Destinations& destinations();
  [[nodiscard]] Suppressions& suppressions();
  [[nodiscard]] ChannelNotes& channel_notes();

  /// Writes all changes and the cursor in one transaction, on disk when it returns.
  [[nodiscard]] Result<void> save(const LeadChanges& changes);

  /// Whoever is on a journey is looked at again now, since the journeys have changed.
  [[nodiscard]] Result<void> wake_enrolled(TimePoint now);

  [[nodiscard]] Result<void> checkpoint_if_due();
  [[nodiscard]] std::int64_t workspace() const;

 private:
  struct Implementation;
  explicit LeadStore(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
