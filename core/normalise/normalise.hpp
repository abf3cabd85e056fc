#pragma once

#include <string>
#include <string_view>

#include "lead/profile.hpp"
#include "ops/error.hpp"

namespace leadhub::normalise {

struct Options {
  std::string default_country;  ///< ISO 3166 alpha-2, for phone numbers written without one; empty: none
};

/// One event as it comes out of the log.
struct LoggedEvent {
  lead::EventReference reference;
  std::string channel;
  TimePoint received_at{};
  std::string_view json;
};

/// Brings an event into the form that every later stage works with: texts trimmed and NFC, contact points
/// canonical, country a code, attribution complete, an occurred_at that is never in the future of
/// received_at. What was typed stays in the event's document.
///
/// A contact point that cannot be read is left out, not fatal: the person may have given another. Error:
/// `invalid` where the event is none, or where it names nobody at all.
[[nodiscard]] Result<lead::NormalisedEvent> normalise(const LoggedEvent& logged, const Options& options);

}  // namespace leadhub::normalise
