#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lead/lead_json.hpp"
#include "lead/suppression.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_store.hpp"

namespace leadhub::store {

struct LeadFilter {
  std::optional<lead::Stage> stage{};
  std::optional<lead::Temperature> temperature{};
  std::optional<std::string> before{};  ///< leads made before this one, newest first
  std::optional<std::string> after{};   ///< leads made after this one, oldest first; "": from the first
  std::int64_t limit = 50;
};

/// Where an event of the log went.
struct EventFate {
  lead::EventReference reference;
  std::string lead_id;  ///< empty: quarantined
  std::string reason;   ///< why it is in quarantine
};

/// A reading side of the lead model: one read-only connection. Used by one thread at a time.
class LeadReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LeadReader>> open(const std::filesystem::path& file,
                                                                std::int64_t workspace);
  ~LeadReader();

  /// Newest first, unless the filter says `after`.
  [[nodiscard]] Result<std::vector<lead::Lead>> list(const LeadFilter& filter, TimePoint now);
  /// The lead with that id, or the one that it became part of. Error: `not_found`.
  [[nodiscard]] Result<lead::LeadRecord> get(const std::string& id);
  /// The same without what is kept beside it.
  [[nodiscard]] Result<lead::Lead> lead(const std::string& id);
  /// The ids of the leads with this contact point, oldest first.
  [[nodiscard]] Result<std::vector<std::string>> find(const ContactKey& key);
  /// The consent ledger of a lead, in the order of the log.
  [[nodiscard]] Result<std::vector<lead::ConsentEntry>> consents_of(const std::string& lead_id);
  /// The content, base64-decoded, and its content type. Error: `not_found`.
  [[nodiscard]] Result<std::pair<std::string, std::string>> attachment(const std::string& lead_id,
                                                                       const std::string& sha256);
  /// What became of the events of these entries.
  [[nodiscard]] Result<std::vector<EventFate>> fates(std::int64_t first_seq, std::int64_t last_seq);
  [[nodiscard]] Result<std::vector<QuarantinedEvent>> quarantine(std::int64_t after, std::int64_t limit);
  /// The entries behind `after` that have events in quarantine, oldest first.
  [[nodiscard]] Result<std::vector<std::int64_t>> quarantined_entries(std::int64_t after, std::int64_t limit);
  /// Those of these entries that have events in quarantine, in the order given.
  [[nodiscard]] Result<std::vector<std::int64_t>> in_quarantine(std::span<const std::int64_t> entries);
  /// One line of a timeline that counts, and whose it is. Error: `not_found`.
  [[nodiscard]] Result<std::pair<std::string, lead::TimelineEntry>> event(lead::EventReference reference);
  /// The message of that occurrence. Error: `not_found`.
  [[nodiscard]] Result<lead::Message> message(const std::string& occurrence);
  /// To read them only.
  [[nodiscard]] Broadcasts broadcasts();
  /// What is paused, the whole hub first.
  [[nodiscard]] Result<std::vector<lead::Pause>> pauses();
  /// As of Pauses.
  [[nodiscard]] Result<std::optional<TimePoint>> pause_lifted_at(const lead::PauseScope& scope);
  /// Suppressed addresses, in the order of their hashes, behind `after`.
  [[nodiscard]] Result<std::vector<lead::Suppression>> suppressions(const std::string& after,
                                                                    std::int64_t limit);
  /// nullopt: the address is not suppressed.
  [[nodiscard]] Result<std::optional<lead::Suppression>> suppression(const std::string& address_hash);
  /// The pairs that somebody should decide on, oldest first.
  [[nodiscard]] Result<std::vector<MergeProposal>> proposals(std::int64_t limit);
  /// The addresses that DNS is to be asked about by now, the longest due first.
  [[nodiscard]] Result<std::vector<DueVerification>> due_verifications(TimePoint now, std::int64_t limit);
  /// What the next erasure behind entry `after` of the log leaves to be scrubbed from the inbox.
  [[nodiscard]] Result<std::vector<ErasedEvent>> erased_after(std::int64_t after);
  /// The leads that are to be looked at by now though nothing happened to them, the longest due first.
  [[nodiscard]] Result<std::vector<std::string>> due(TimePoint now, std::int64_t limit);
  /// When the next one is; nullopt: never.
  [[nodiscard]] Result<std::optional<TimePoint>> next_due();
  struct SilentLeads {
    std::vector<std::string> ids;
    std::string next;  ///< where to go on; empty: that was all
  };
  /// Those of the `limit` leads behind `after`, oldest first, that nothing was heard of since then. Whoever
  /// buys from us is never among them.
  [[nodiscard]] Result<SilentLeads> silent_since(TimePoint since, const std::string& after,
                                                 std::int64_t limit);
  [[nodiscard]] Result<Cursor> cursor();
  [[nodiscard]] Result<std::int64_t> count();

 private:
  struct Implementation;
  explicit LeadReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
