#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lead/event.hpp"
#include "lead/lead.hpp"

namespace leadhub::lead {

/// A contact point that an event names, in its canonical form.
struct NamedContact {
  ContactKind kind = ContactKind::email;
  std::string canonical;
  std::string as_given;
  Verdict verdict = Verdict::unknown;
};

/// An event that has passed normalisation: what every later stage works with.
struct NormalisedEvent {
  EventReference reference;
  std::string channel;
  TimePoint received_at{};
  TimePoint occurred_at{};  ///< never later than received_at
  LeadEvent event;          ///< texts trimmed and NFC; contact data as given stand in `contacts`
  std::vector<NamedContact> contacts;
  std::string document;  ///< for the timeline
};

/// What an event does to the lead that it belongs to: fields with provenance (the later event wins, an empty
/// value never does), attributes, contact points, touches. Where no event gives a whole name, it follows from
/// the first and last name that the lead has. Pure: folding the same events in the same order gives the same
/// lead, which is what correcting and undoing rest on.
void apply(Lead& lead, const NormalisedEvent& event);

/// The consent lines that an event adds to the ledger.
[[nodiscard]] std::vector<ConsentEntry> consent_entries(const NormalisedEvent& event);

[[nodiscard]] TimelineEntry timeline_entry(const NormalisedEvent& event);

}  // namespace leadhub::lead
