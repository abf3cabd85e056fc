#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lead/profile.hpp"
#include "ops/error.hpp"

namespace leadhub::normalise {

/// ISO 3166 alpha-2 codes, for phone numbers written without a country where the lead has none either.
struct Options {
  std::string default_country;                                        ///< empty: none
  std::map<std::string, std::string, std::less<>> channel_country{};  ///< by channel; goes before the default

  /// Whose numbers the channel's forms ask for; empty: not known.
  [[nodiscard]] const std::string& country_of(std::string_view channel) const {
    const auto found = channel_country.find(channel);
    return found == channel_country.end() ? default_country : found->second;
  }
};

/// One event as it comes out of the log.
struct LoggedEvent {
  lead::EventReference reference;
  std::string channel;
  TimePoint received_at{};
  std::string_view json;
};

/// Brings an event into the form that every later stage works with: texts trimmed and NFC, contact points
/// canonical and with the verdict on their form, country a code, language a tag, attribution complete, an
/// occurred_at that is never in the future of received_at; and derives the parts of a name, the country of a
/// phone and the time zone of a country. What was typed stays in the event's document.
///
/// A contact point that cannot be read is left out, not fatal: the person may have given another. Error:
/// `invalid` where the event is none, or where it names nobody at all.
[[nodiscard]] Result<lead::NormalisedEvent> normalise(const LoggedEvent& logged, const Options& options);

}  // namespace leadhub::normalise
