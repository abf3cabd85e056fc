#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lead/event.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/key_ring.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// An event that may go into the log.
struct CheckedEvent {
  lead::LeadEvent event;
  store::DraftEvent draft;
};

/// What it takes to make an event ready for the log. Copied freely; `keys` outlives it. Thread-safe.
struct EventRules {
  const ops::KeyRing& keys;
  /// The canonical form of an e-mail address; empty where it is none.
  std::function<std::string(std::string_view given)> canonical_email;
};

/// The keyed hash under which withdrawals and suppressions know an address.
[[nodiscard]] std::string address_hash(const ops::KeyRing& keys, std::string_view canonical);

/// Checks one event document from outside and makes it ready for the log: with the keyed hash under which its
/// retries are known, or with a fresh key where it has none, and with what it takes back. `channel` is the
/// namespace of its key. Error: `invalid`, as of lead::parse_event, and where it claims what only the hub may
/// say. Thread-safe.
[[nodiscard]] Result<CheckedEvent> check_event(const std::string& channel, std::string json,
                                               TimePoint received_at, const EventRules& rules);

}  // namespace leadhub::capture
