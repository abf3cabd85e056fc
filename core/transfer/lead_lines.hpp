#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::transfer {

/// One line as a JSON object. Error: `invalid` where it is none, or nests deeper than
/// limits::config_depth_max.
[[nodiscard]] Result<nlohmann::ordered_json> parse_object(std::string_view line);

/// Whether a JSON object is a lead document, as `leadhub leads export` writes it.
[[nodiscard]] bool is_lead_document(const nlohmann::ordered_json& object);

/// Whether a JSON object is a lead event: it has a `type` and no column of a table beside it.
[[nodiscard]] bool is_event_document(const nlohmann::ordered_json& object);

/// The events that a lead document tells: its timeline, each with the time at which it happened, so that the
/// hub that takes them makes the same lead of them, consents and withdrawals at their times included. An
/// event's key becomes CHANNEL/KEY, since keys are one channel's own and an import is one channel for all.
/// What the first hub alone knew stays behind: that a mailbox was confirmed, merges by hand, attachments'
/// contents (their names stay). Error: `invalid` where there is no timeline.
[[nodiscard]] Result<std::vector<std::string>> events_of_lead(const nlohmann::ordered_json& lead);

/// The document of a lead event, with a key where it has none: as of EventDraft's to_document.
[[nodiscard]] std::string keyed_event(nlohmann::ordered_json event);

}  // namespace leadhub::transfer
