#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "control/conversations.hpp"
#include "lead/action.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/conversion_reader.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::control {

/// What the control API reads from the stores, as JSON documents. Has read-only connections of its own;
/// thread-safe, one query at a time.
class Queries {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Queries>> open(const std::filesystem::path& leads,
                                                             std::int64_t leads_workspace,
                                                             const std::filesystem::path& inbox,
                                                             std::int64_t inbox_workspace,
                                                             const Clock& clock);

  /// Which region a phone number without a country is read in.
  void set_default_country(std::string country);
  /// The keyed hash by which suppressions know a canonical address.
  void set_hash_address(std::function<std::string(std::string_view canonical)> hash);

  struct LeadPage {
    std::optional<lead::Stage> stage;
    std::optional<lead::Temperature> temperature;
    std::optional<std::string> cursor;
    std::int64_t limit = 50;
  };
  /// {"items": [...], "next": cursor or null}, newest first.
  [[nodiscard]] Result<nlohmann::ordered_json> leads(const LeadPage& page);

  enum class LeadShape { whole = 1, flat };
  struct ExportPage {
    std::string after;  ///< `next` of the page before; empty: from the first
    LeadShape shape = LeadShape::whole;
  };
  /// {"items": [lead documents, or their flat fields], "next": cursor or null}, oldest first: who comes in
  /// while somebody goes through the pages comes last. Bounds: limits::export_page_leads, export_page_bytes.
  [[nodiscard]] Result<nlohmann::ordered_json> exported(const ExportPage& page);

  /// The lead document for an id, an e-mail address or a phone number. Errors: `not_found`; `conflict` where
  /// several leads have that phone number, naming their ids.
  [[nodiscard]] Result<nlohmann::ordered_json> lead(std::string_view reference);

  /// The lead itself. Errors as of lead().
  [[nodiscard]] Result<lead::Lead> stored_lead(std::string_view reference);

  /// The id for an id, an e-mail address or a phone number. Errors as of lead().
  [[nodiscard]] Result<std::string> lead_id(std::string_view reference);

  /// What was written with a lead in chats, as conversation_document has it. Errors as of lead().
  [[nodiscard]] Result<nlohmann::ordered_json> conversation(std::string_view reference);
  /// The id of the lead itself, or of the one that it became part of. Errors as of lead().
  [[nodiscard]] Result<std::string> root_of(std::string_view reference);
  /// Where a reply to the lead of that id goes. Errors of lead() and of control::reply_address().
  [[nodiscard]] Result<ReplyAddress> reply_address(const std::string& lead_id,
                                                   const std::vector<std::string>& channels,
                                                   const std::optional<std::string>& channel);
  /// The reply of that key. Error: `not_found`.
  [[nodiscard]] Result<lead::Message> reply(std::string_view key);

  /// {"items": [{first, second, reason, source, proposed_at}]}, oldest first: the pairs of leads that may be
  /// one person.
  [[nodiscard]] Result<nlohmann::ordered_json> proposals(std::int64_t limit);

  /// An address to suppress, or to lift from suppression. Error: `invalid` where it is none.
  [[nodiscard]] Result<lead::SuppressAddress> address(std::string_view given) const;
  /// The hashes of whatever messages to a lead go to: addresses and conversations; none where there is no
  /// such lead.
  [[nodiscard]] Result<std::vector<std::string>> address_hashes(const std::string& lead_id);
  /// {"items": [suppressions], "next": cursor or null}.
  [[nodiscard]] Result<nlohmann::ordered_json> suppressions(const std::string& after, std::int64_t limit);
  /// {"address", "suppressed": the suppression, or null}.
  [[nodiscard]] Result<nlohmann::ordered_json> suppression(const lead::SuppressAddress& address);

  /// Why the pipeline set the entry aside; empty where it did not.
  [[nodiscard]] Result<std::string> set_aside_reason(std::int64_t seq);

  /// Content and content type.
  [[nodiscard]] Result<std::pair<std::string, std::string>> attachment(std::string_view reference,
                                                                       const std::string& sha256);

  struct InboxPage {
    std::optional<std::string> channel;
    bool quarantined_only = false;
    std::optional<std::int64_t> before;  ///< newest first, below this
    std::optional<std::int64_t> after;   ///< oldest first, above this
    std::int64_t limit = 50;
  };
  /// {"items": [...], "next": cursor or null}.
  [[nodiscard]] Result<nlohmann::ordered_json> inbox(const InboxPage& page);
  [[nodiscard]] Result<nlohmann::ordered_json> inbox_entry(std::int64_t seq);
  [[nodiscard]] Result<store::InboxEntryDetail> stored_entry(std::int64_t seq);
  [[nodiscard]] Result<std::int64_t> lead_count();

  /// {"items": [{"id", "lead", "at", "value", "currency", "clicks": {"gclid": {"id", "at"}, ...}}], "next":
  /// cursor or null}: sales, the oldest first, with the clicks by which whoever bought had come; of each kind
  /// of click the last one that is known. `cursor`: `next` of the page before; empty: those of the last
  /// `since`. Error: `invalid`.
  [[nodiscard]] Result<nlohmann::ordered_json> conversions(std::chrono::milliseconds since,
                                                           const std::string& cursor);

  /// {"state": "on"}, or {"state": "paused", "reason": "operator" or "restored", "since": ...}.
  [[nodiscard]] Result<nlohmann::ordered_json> sending();

  /// How many requests of each channel wait to be followed up, and how many were given up.
  [[nodiscard]] Result<std::vector<store::InboxReader::FollowUpCount>> follow_ups();

 private:
  [[nodiscard]] Result<nlohmann::ordered_json> document_of(lead::LeadRecord record);
  Queries(std::unique_ptr<store::LeadReader> leads, std::unique_ptr<store::InboxReader> inbox,
          std::unique_ptr<store::ConversionReader> conversions, const Clock& clock)
      : leads_(std::move(leads)),
        inbox_(std::move(inbox)),
        conversions_(std::move(conversions)),
        clock_(clock) {}
  [[nodiscard]] Result<std::string> resolve(std::string_view reference);
  [[nodiscard]] Result<std::vector<store::InboxEntry>> entries(const InboxPage& page);
  [[nodiscard]] Result<std::vector<store::InboxEntry>> quarantined(const InboxPage& page);
  [[nodiscard]] Result<void> add_quarantined_by_pipeline(const InboxPage& page,
                                                         std::vector<store::InboxEntry>& entries);
  [[nodiscard]] Result<nlohmann::ordered_json> summary(const store::InboxEntry& entry, std::int64_t cursor);

  std::unique_ptr<store::LeadReader> leads_;
  std::unique_ptr<store::InboxReader> inbox_;
  std::unique_ptr<store::ConversionReader> conversions_;
  const Clock& clock_;
  std::mutex mutex_;
  std::string default_country_;
  std::function<std::string(std::string_view)> hash_address_;
};

}  // namespace leadhub::control
