#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::control {

/// Where an inbox entry stands, as people see it.
enum class EntryStatus {
  pending = 1,  ///< the pipeline has not come to it yet
  applied,      ///< its events took effect
  quarantined,  ///< set aside, at the door or by the pipeline, for the reason given
  redriven,     ///< a later entry replaces it
};
[[nodiscard]] std::string_view to_string(EntryStatus status);

/// An entry as lists and `tap` show it: number, time, channel, status, reason, the types and keys of its
/// events and the leads they went to. No personal data beyond the ids.
[[nodiscard]] nlohmann::ordered_json entry_summary(const store::InboxEntry& entry, std::int64_t cursor,
                                                   bool redriven, std::span<const store::EventFate> fates);

/// The same with the raw request and the whole events.
[[nodiscard]] nlohmann::ordered_json entry_document(const store::InboxEntryDetail& detail,
                                                    std::int64_t cursor,
                                                    std::span<const store::EventFate> fates);

}  // namespace leadhub::control
