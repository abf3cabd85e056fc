#include "capture/event_check.hpp"

#include <string_view>
#include <utility>

#include "lead/suppression.hpp"
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

std::vector<store::Withdrawal> withdrawals_of(const lead::LeadEvent& event, const EventRules& rules) {
  std::vector<store::Withdrawal> withdrawals;
  const auto purposes = lead::withdrawn_purposes(event);
  if (purposes.empty() || event.person.email.empty()) return withdrawals;
  const auto canonical = rules.canonical_email(event.person.email);
  if (canonical.empty()) return withdrawals;
  for (const auto& purpose : purposes) withdrawals.push_back({address_hash(rules.keys, canonical), purpose});
  return withdrawals;
}

}  // namespace

std::string address_hash(const ops::KeyRing& keys, std::string_view canonical) {
  return keys.hash("address", canonical);
}

Result<CheckedEvent> check_event(const std::string& channel, std::string json, TimePoint received_at,
                                 const EventRules& rules) {
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
    draft.key_hash = rules.keys.hash(channel, event->key);
    draft.body_hash = ops::base64url_encode(ops::as_text(ops::sha256(json)).substr(0, 16));
    draft.json = std::move(json);
  }
  draft.withdrawals = withdrawals_of(*event, rules);
  return CheckedEvent{std::move(*event), std::move(draft)};
}

}  // namespace leadhub::capture
