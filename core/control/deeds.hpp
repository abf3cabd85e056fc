#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ops/error.hpp"

namespace leadhub::control {

/// Reads what somebody wants done to a lead, and makes the event of it that lead::RecordDeed takes:
///
///   {"deed": "tag", "add": ["vip"], "remove": []}      {"deed": "note", "text": "..."}
///   {"deed": "assign", "owner": "Grace"}               {"deed": "answer"}
///   {"deed": "lose", "reason": "..."}                  {"deed": "recycle"}
///   {"deed": "convert", "value": 1200, "currency": "EUR", "at": "2026-01-05T12:00:00Z", "again": false}
///   {"deed": "account", "owner": "Grace", "renews_at": "...", "follow_up_at": "..."}
///
/// key: one key is one deed, however often it is asked for. Error: `invalid`, saying what to send.
[[nodiscard]] Result<std::string> deed_document(std::string_view body, const std::optional<std::string>& key);

}  // namespace leadhub::control
