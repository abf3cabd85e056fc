#pragma once

#include <string>

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

/// Checks one event document from outside and makes it ready for the log: with the keyed hash under which its
/// retries are known, or with a fresh key where it has none. `channel` is the namespace of its key. Error:
/// `invalid`, as of lead::parse_event, and where it claims what only the hub may say. Thread-safe.
[[nodiscard]] Result<CheckedEvent> check_event(const std::string& channel, std::string json,
                                               TimePoint received_at, const ops::KeyRing& keys);

}  // namespace leadhub::capture
