#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "lead/lead.hpp"
#include "lead/message.hpp"
#include "lead/suppression.hpp"

namespace leadhub::lead {

/// A lead with everything that is kept beside it.
struct LeadRecord {
  Lead lead;
  std::vector<TimelineEntry> timeline;
  std::vector<ConsentEntry> consents;
  std::vector<StoredAttachment> attachments;
  std::vector<ScoreEntry> scores{};         ///< the score ledger, in the order of the log
  std::vector<Assignment> assignments{};    ///< in the order of their rounds
  std::vector<Message> messages{};          ///< oldest first
  std::vector<Suppression> suppressions{};  ///< of their addresses; whoever reads the lead adds them
  std::vector<std::string> aliases{};       ///< the ids of the leads that became part of this one
};

/// The lead document (DESIGN section 8): the same in the API, on the command line and in hand-offs. `now`
/// decides the temperature.
[[nodiscard]] nlohmann::ordered_json lead_document(const LeadRecord& record, TimePoint now);

/// {"address", "reason", "source", "at"}; address: null where its person was erased.
[[nodiscard]] nlohmann::ordered_json suppression_document(const Suppression& suppression);

/// A message of the outbox with what became of it. A chat reply has "system", "text" and "author" besides.
[[nodiscard]] nlohmann::ordered_json message_document(const Message& message);

/// The flat fields only, for lists.
[[nodiscard]] nlohmann::ordered_json lead_summary(const Lead& lead, TimePoint now);

// Columns that hold JSON: attributes, touches, provenance and what the rules made of it all, written and read
// by the store. qualification_from_json comes last: it looks at warm_until and hot_until.
[[nodiscard]] std::string qualification_to_json(const Lead& lead);
void qualification_from_json(std::string_view json, Lead& lead);
[[nodiscard]] std::string attributes_to_json(const Lead& lead);
void attributes_from_json(std::string_view json, Lead& lead);
[[nodiscard]] std::string touch_to_json(const std::optional<Touch>& touch);
[[nodiscard]] std::optional<Touch> touch_from_json(std::string_view json);
[[nodiscard]] std::string provenance_to_json(const Lead& lead);
void provenance_from_json(std::string_view json, Lead& lead);
[[nodiscard]] std::string strings_to_json(const std::vector<std::string>& list);
[[nodiscard]] std::vector<std::string> strings_from_json(std::string_view json);

}  // namespace leadhub::lead
