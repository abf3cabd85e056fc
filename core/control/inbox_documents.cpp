#include "control/inbox_documents.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ops/crypto.hpp"
#include "store/stored_text.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

EntryStatus status_of(const store::InboxEntry& entry, std::int64_t cursor, bool redriven,
                      std::span<const store::EventFate> fates) {
  if (redriven) return EntryStatus::redriven;
  if (entry.state != store::EntryState::accepted) return EntryStatus::quarantined;
  if (entry.seq > cursor) return EntryStatus::pending;
  const bool set_aside = std::any_of(fates.begin(), fates.end(), [&](const store::EventFate& fate) {
    return fate.reference.seq == entry.seq && fate.lead_id.empty();
  });
  return set_aside ? EntryStatus::quarantined : EntryStatus::applied;
}

std::string reason_of(const store::InboxEntry& entry, std::span<const store::EventFate> fates) {
  if (!entry.reason.empty()) return entry.reason;
  for (const auto& fate : fates)
    if (fate.reference.seq == entry.seq && !fate.reason.empty()) return fate.reason;
  return {};
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json events_summary(const store::InboxEntry& entry) {
  auto out = ordered_json::array();
  const auto events = ordered_json::parse(entry.events, nullptr, false);
  if (!events.is_array()) return out;
  for (const auto& event : events)
    out.push_back({{"type", event.value("type", "")}, {"key", event.value("key", "")}});
  return out;
}

ordered_json leads_of(const store::InboxEntry& entry, std::span<const store::EventFate> fates) {
  auto out = ordered_json::array();
  for (const auto& fate : fates)
    if (fate.reference.seq == entry.seq && !fate.lead_id.empty() &&
        std::find(out.begin(), out.end(), fate.lead_id) == out.end())
      out.push_back(fate.lead_id);
  return out;
}

/// A header line for people: bytes that are no text as \xHH.
std::string shown_header(std::string_view line) {
  const auto header = store::read_header_line(line);
  if (!header || store::is_plain_text(header->value)) return std::string{line};
  std::string shown = header->name + ": ";
  for (const char c : header->value) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      shown += c;
    else
      shown.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 0xf]);
  }
  return shown;
}

ordered_json request_document(const store::StoredRequest& request) {
  auto headers = ordered_json::array();
  std::string_view rest = request.headers;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    headers.push_back(shown_header(line));
  }
  ordered_json out{{"method", request.method},
                   {"path", request.path},
                   {"query", request.query},
                   {"headers", headers},
                   {"client_address", request.client_address}};
  // JSON can hold text only; anything else is shown as base64.
  auto body = ordered_json(request.body);
  try {
    static_cast<void>(body.dump());
    out["body"] = std::move(body);
  } catch (const ordered_json::type_error&) {
    out["body_base64"] = ops::base64_encode(request.body);
  }
  return out;
}

ordered_json follow_up_document(const store::FollowUpResult& follow_up) {
  const bool is_waiting = follow_up.state == store::FollowUpResult::State::waiting;
  return {{"state", is_waiting ? "waiting" : "failed"},
          {"attempts", follow_up.attempts},
          {"next", is_waiting ? ordered_json(format_rfc3339(follow_up.due_at)) : ordered_json(nullptr)},
          {"detail", text_or_null(follow_up.detail)}};
}

}  // namespace

std::string_view to_string(EntryStatus status) {
  constexpr std::array<std::string_view, 4> names{"pending", "applied", "quarantined", "redriven"};
  return names.at(static_cast<std::size_t>(status) - 1);
}

ordered_json entry_summary(const store::InboxEntry& entry, std::int64_t cursor, bool redriven,
                           std::span<const store::EventFate> fates) {
  return {{"seq", entry.seq},
          {"received_at", format_rfc3339(entry.received_at)},
          {"channel", entry.channel},
          {"kind", store::to_string(entry.kind)},
          {"redrive_of", entry.redrive_of ? ordered_json(*entry.redrive_of) : ordered_json(nullptr)},
          {"follows", entry.follows ? ordered_json(*entry.follows) : ordered_json(nullptr)},
          {"status", to_string(status_of(entry, cursor, redriven, fates))},
          {"state", store::to_string(entry.state)},
          {"reason", text_or_null(reason_of(entry, fates))},
          {"events", events_summary(entry)},
          {"leads", leads_of(entry, fates)}};
}

ordered_json entry_document(const store::InboxEntryDetail& detail, std::int64_t cursor,
                            std::span<const store::EventFate> fates) {
  auto out = entry_summary(detail.entry, cursor, detail.redriven_by.has_value(), fates);
  out["redriven_by"] = detail.redriven_by ? ordered_json(*detail.redriven_by) : ordered_json(nullptr);
  if (detail.follow_up) out["follow_up"] = follow_up_document(*detail.follow_up);
  out["events"] = ordered_json::parse(detail.entry.events, nullptr, false);
  if (detail.entry.kind == store::EntryKind::request) out["request"] = request_document(detail.request);
  return out;
}

}  // namespace leadhub::control
