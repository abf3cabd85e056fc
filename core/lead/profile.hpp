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
  std::string reason{};
  ContactMarks marks{};
};

/// What follows from what the person gave; a value that is given wins over it, whenever that was.
struct DerivedFields {
  std::string first_name;  ///< from a whole name
  std::string last_name;
  std::string country;    ///< the phone's
  std::string time_zone;  ///< the only one of the country
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
  std::string home{};    ///< as ContactPoint::home; see home_of
  DerivedFields derived{};
};

/// What an event does to the lead that it belongs to: fields with provenance (the later event wins, an empty
/// value never does), attributes, contact points, touches. Where no event gives a whole name, it follows from
/// the first and last name that the lead has; what an event derives fills fields that nobody gave. Pure:
/// folding the same events in the same order gives the same lead, which is what correcting and undoing rest
/// on.
void apply(Lead& lead, const NormalisedEvent& event);

/// Takes another lead in, as if the events of both had been applied to one: of each field the later event
/// wins, contact points, tags and touches are joined. Whose contact points came from `other` remembers it as
/// their home. What the rules made of the events is for whoever applies those anew. `other` itself stays as
/// it is.
void absorb(Lead& lead, const Lead& other);

/// Whose event it is among those that a merged lead consists of: whoever had the contact point that the event
/// names, the strongest first. Empty: the lead's own.
[[nodiscard]] std::string home_of(const Lead& lead, const NormalisedEvent& event);

/// The lead without what its events gave it: applying them again, and judging them by the rules, makes it
/// what it was. That nothing else is lost is what correcting and unmerging rest on; so whatever happens to a
/// lead must be an event of its timeline. How it stands with the team stays: nobody takes back a hand-off by
/// correcting a form.
void forget_events(Lead& lead);

/// Whether the event is the hub's own record that the owner of a mailbox confirmed it.
[[nodiscard]] bool is_confirmation(const NormalisedEvent& event);

/// The consent lines that an event adds to the ledger. What a `newsletter.requested` grants is only
/// requested.
[[nodiscard]] std::vector<ConsentEntry> consent_entries(const NormalisedEvent& event);

[[nodiscard]] TimelineEntry timeline_entry(const NormalisedEvent& event);

}  // namespace leadhub::lead
