#include "capture/event_check.hpp"

#include <string_view>
#include <utility>

#include "ops/crypto.hpp"
#include "ops/uuid.hpp"

namespace leadhub::capture {
namespace {

/// Puts the key that the provider did not give into the document.
std::string with_key(const std::string& json, std::string_view key) {
  const auto brace = json.find('{') + 1;
  std::string out;
  out.reserve(json.size() + key.size() + 10);
  out.append(json, 0, brace).append("\"key\":\"").append(key).append("\",").append(json, brace);
  return out;
}

}  // namespace

Result<CheckedEvent> check_event(const std::string& channel, std::string json, TimePoint received_at,
                                 const ops::KeyRing& keys) {
  auto event = lead::parse_event(json);
  if (!event) return std::unexpected(event.error());
  for (const auto& statement : event->consent)
    if (!statement.confirms.empty())
      return fail(ErrorCode::invalid,
                  "/consent/confirms: only the hub itself says that a mailbox was confirmed; leave it out");
  store::DraftEvent draft;
  if (event->key.empty()) {
    draft.json = with_key(json, ops::make_uuid(received_at));
  } else {
    draft.key_hash = keys.hash(channel, event->key);
    draft.body_hash = ops::base64url_encode(ops::as_text(ops::sha256(json)).substr(0, 16));
    draft.json = std::move(json);
  }
  return CheckedEvent{std::move(*event), std::move(draft)};
}

}  // namespace leadhub::capture
