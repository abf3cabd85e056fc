#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/access.hpp"

namespace leadhub::store {

/// A raw request as it is kept, for replay.
struct StoredRequest {
  std::string method;
  std::string path;
  std::string query;
  std::string headers;  ///< lines as of stored_text.hpp, names in lower case
  std::string body;     ///< any bytes
  std::string client_address;
};

enum class EntryKind {
  request = 1,
  redrive,    ///< replaces what a request gave
  action,     ///< done to leads, by the hub or whoever runs it: lead/action.hpp; has no raw request
  follow_up,  ///< what following a request up brought; has no raw request of its own
};
enum class EntryState {
  accepted = 1,  ///< the pipeline takes its events
  held,          ///< set aside by the channel as suspicious
  unreadable,    ///< authentic, but the channel could not read it
  conflict,      ///< its key came before with another body
};
[[nodiscard]] std::string_view to_string(EntryKind kind);
[[nodiscard]] std::string_view to_string(EntryState state);

/// Something that an event takes back: no mail for that purpose to that address, or none at all.
struct Withdrawal {
  std::string address_hash;  ///< keyed, of the canonical address
  std::string purpose;       ///< lead::every_purpose: all
};

/// One event on its way into the log.
struct DraftEvent {
  std::string json;
  std::string key_hash;   ///< empty: the key is fresh, no other event can have it
  std::string body_hash;  ///< of the event; tells a retry from a twin with another body
  std::vector<Withdrawal> withdrawals{};
};

/// What came of following a request up.
struct FollowUpResult {
  enum class State {
    done = 1,
    waiting,  ///< to be tried at `due_at`
    failed,   ///< given up
  };
  std::int64_t seq = 0;  ///< the entry of the request
  State state = State::done;
  std::int64_t attempts = 0;
  TimePoint due_at{};
  std::string detail{};  ///< why it is not done; no personal data
};

/// One entry on its way into the log.
struct DraftEntry {
  EntryKind kind = EntryKind::request;
  EntryState state = EntryState::accepted;
  std::string reason;  ///< why it is set aside
  std::string channel;
  TimePoint received_at{};
  StoredRequest request;
  std::vector<DraftEvent> events;
  std::optional<std::int64_t> redrive_of;
  /// Of a request that is to be followed up: a keyed hash by which its repetition is known where it gave no
  /// events.
  std::optional<std::string> follow_up_key{};
  /// What came of an earlier request's follow-up; written together with the events, and alone where there are
  /// none.
  std::optional<FollowUpResult> follows{};
  /// Of a poll: how far the channel was read with these events. Moved in their transaction, also where they
  /// are known already or there are none; in that case nothing else is stored.
  std::optional<std::string> poll_cursor{};

  [[nodiscard]] std::size_t bytes() const;
};

struct AppendOutcome {
  enum class Kind {
    committed = 1,  ///< stored under `seq`
    duplicate,      ///< every event of it is stored already, under `seq` or before; nothing was stored
    conflict,       ///< stored under `seq`, set aside: a key of it is known with another body
  };
  Kind kind = Kind::committed;
  std::int64_t seq = 0;
  std::int64_t fresh_events = 0;  ///< of a request: stored and on their way to the pipeline
  std::int64_t twin_events = 0;   ///< of a request: set aside, as of `conflict`; the rest is known
};

/// One entry of the log.
struct InboxEntry {
  std::int64_t seq = 0;
  EntryKind kind = EntryKind::request;
  EntryState state = EntryState::accepted;
  std::string reason;
  std::string channel;
  TimePoint received_at{};
  std::string events;  ///< a JSON array of event documents
  std::optional<std::int64_t> redrive_of;
  std::optional<std::int64_t> follows;  ///< the request that was followed up
};

/// An entry with its raw request.
struct InboxEntryDetail {
  InboxEntry entry;
  StoredRequest request;
  std::optional<std::int64_t> redriven_by;  ///< the latest entry that replaces this one
  std::optional<FollowUpResult>
      follow_up;  ///< of a request that is to be followed up, or was without success
};

/// Which of these entries the pipeline has in quarantine. Asked on the writer's thread.
using QuarantineLookup =
    std::function<Result<std::vector<std::int64_t>>(std::span<const std::int64_t> entries)>;

/// An event whose person was erased; index -1: the whole entry.
struct ErasedEvent {
  std::int64_t erased_by = 0;  ///< the entry of the log that asked
  std::int64_t seq = 0;
  std::int32_t index = 0;
};

/// What the next erasure behind an entry of the log leaves to be scrubbed. Asked on the writer's thread.
using ErasureLookup = std::function<Result<std::vector<ErasedEvent>>(std::int64_t after)>;

struct PurgeOrder {
  TimePoint before{};          ///< entries received earlier are old
  std::int64_t processed = 0;  ///< the pipeline's cursor, read before this call: the quarantine holds
                               ///< whatever it set aside up to there, since both are committed together
  std::int64_t after = 0;
  std::int64_t limit = 0;
  const QuarantineLookup& in_quarantine;
};

struct PurgeStep {
  std::int64_t purged = 0;
  std::optional<std::int64_t> next{};  ///< `after` of the next step; empty: nothing behind it is old
};

/// The writing side of the inbox: the one connection that writes leadhub-inbox.db. Used by one thread.
class InboxWriterStore {
 public:
  /// Opens or makes the file and brings its schema up to date.
  [[nodiscard]] static Result<std::unique_ptr<InboxWriterStore>> open(const std::filesystem::path& file,
                                                                      std::string_view workspace,
                                                                      const Clock& clock,
                                                                      Access access = Access::read_write);
  ~InboxWriterStore();

  /// Appends the entries in one transaction, on disk when it returns; outcomes stand in the order of the
  /// drafts. An error means that none of them is stored; see Database::transaction for its classes.
  ///
  /// A key belongs to the entry that brought it first. Of a redrive those events are dropped whose key
  /// belongs to another entry than the ones that it replaces (the original and its earlier redrives): they
  /// took effect there. A key that is new on a redrive belongs to the redrive.
  [[nodiscard]] Result<std::vector<AppendOutcome>> append(std::span<const DraftEntry> drafts);

  /// Moves what the log file holds into the database where that is due.
  [[nodiscard]] Result<void> checkpoint_if_due();

  /// Withdrawals of entries that the pipeline is done with, received before that time, are in the leads.
  [[nodiscard]] Result<void> forget_withdrawals(TimePoint before, std::int64_t processed);
  /// Goes through the entries behind `order.after`, `order.limit` of them, and deletes those that are old and
  /// have done their work: processed, not set aside unless redriven, no redrive of theirs still to come, and
  /// neither they nor a redrive of theirs in the pipeline's quarantine. A redrive goes after its original.
  [[nodiscard]] Result<PurgeStep> purge(const PurgeOrder& order);

  /// Takes what the entries hold of one erased person: the raw requests, and the events themselves; those of
  /// others in the same entries stay. Of a redrive whatever it replaced goes, too. The keyed hashes stay,
  /// too, so that a late retry is a duplicate. What is overwritten is overwritten on disk as well.
  [[nodiscard]] Result<void> scrub(std::span<const ErasedEvent> events);
  /// The last erasure that was scrubbed.
  [[nodiscard]] std::int64_t scrubbed_up_to() const;

  [[nodiscard]] const std::string& log_id() const;
  /// The sequence number of the latest entry; 0 where there is none.
  [[nodiscard]] std::int64_t head() const;
  [[nodiscard]] std::int64_t workspace() const;

 private:
  struct Implementation;
  explicit InboxWriterStore(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

struct InboxFilter {
  std::optional<std::string> channel{};
  std::optional<EntryState> state{};
  bool set_aside_only = false;
  std::int64_t after = 0;                ///< entries with a larger seq, oldest first
  std::optional<std::int64_t> before{};  ///< entries with a smaller seq, newest first
  std::int64_t limit = 50;
};

/// A reading side of the inbox. Used by one thread at a time.
class InboxReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<InboxReader>> open(const std::filesystem::path& file,
                                                                 std::int64_t workspace);
  ~InboxReader();

  /// The next entries after `seq`, in order; at least one where there is one, else bounded by both limits.
  /// Raw requests are not read.
  [[nodiscard]] Result<std::vector<InboxEntry>> read_after(std::int64_t seq, std::size_t entries_max,
                                                           std::size_t bytes_max);
  [[nodiscard]] Result<std::vector<InboxEntry>> list(const InboxFilter& filter);
  /// Error: `not_found`.
  [[nodiscard]] Result<InboxEntryDetail> get(std::int64_t seq);
  /// Of the entries that are set aside, the actions, and `also`: those that hold one of these texts, in any
  /// case and percent-encoded or not. Looks at all of them, so it takes its time.
  [[nodiscard]] Result<std::vector<std::int64_t>> mentioning(std::span<const std::string> texts,
                                                             std::span<const std::int64_t> also);
  /// The entries that replace entry `seq`, in order.
  [[nodiscard]] Result<std::vector<std::int64_t>> redrives_of(std::int64_t seq);
  /// Requests of the channel that are to be followed up by now, the longest due first.
  [[nodiscard]] Result<std::vector<FollowUpResult>> due_follow_ups(const std::string& channel, TimePoint now,
                                                                   std::size_t limit);
  /// How it stands with the follow-up of entry `seq`; nullopt where there is none, or where it is done.
  [[nodiscard]] Result<std::optional<FollowUpResult>> follow_up_of(std::int64_t seq);
  /// How many of each channel wait and how many were given up.
  struct FollowUpCount {
    std::string channel;
    std::int64_t waiting = 0;
    std::int64_t failed = 0;
  };
  [[nodiscard]] Result<std::vector<FollowUpCount>> follow_up_counts();
  /// The purposes for which events behind entry `seq` took back that mails go to an address.
  [[nodiscard]] Result<std::vector<std::string>> withdrawn_after(std::int64_t seq,
                                                                 const std::string& address_hash);
  /// How far a channel was read by polling it; empty where it never was.
  [[nodiscard]] Result<std::string> poll_cursor(std::string_view channel);
  /// The oldest seq that is still kept; 0 where there is none.
  [[nodiscard]] Result<std::int64_t> tail();

 private:
  struct Implementation;
  explicit InboxReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
