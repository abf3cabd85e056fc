#include "lead/profile.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "lead/consent.hpp"
#include "lead/deed.hpp"
#include "ops/crypto.hpp"

namespace leadhub::lead {
namespace {

/// The later event wins; of two at the same time the one that arrived later.
template <class Sourced>
bool supersedes(const NormalisedEvent& event, const Sourced& current) {
  return event.occurred_at > current.at ||
         (event.occurred_at == current.at && event.reference >= current.source);
}

void set_field(Lead& lead, Field field, const std::string& value, const NormalisedEvent& event) {
  auto& current = lead.fields[static_cast<std::size_t>(field)];
  if (value.empty() || (!current.value.empty() && !supersedes(event, current))) return;
  current = {value, event.reference, event.occurred_at};
}

/// Of a value that nobody gave: any that is given wins over it, whenever that was.
constexpr TimePoint no_time{};

/// An empty value takes away what was derived before.
void derive_field(Lead& lead, Field field, const std::string& value, const NormalisedEvent& event) {
  auto& current = lead.fields[static_cast<std::size_t>(field)];
  if (!current.value.empty() && current.at != no_time) return;
  if (value.empty())
    current = {};
  else
    current = {value, event.reference, no_time};
}

/// Whether the lead has this field from the event: what follows from it follows the lead's value, no other.
bool has_from(const Lead& lead, Field field, const NormalisedEvent& event) {
  const auto& current = lead.fields[static_cast<std::size_t>(field)];
  return !current.value.empty() && current.source == event.reference;
}

/// A name that nobody gave as a whole follows from its parts.
void derive_name(Lead& lead) {
  const auto part = [&](Field field) -> const auto& {
    return lead.fields[static_cast<std::size_t>(field)];
  };
  auto& name = lead.fields[static_cast<std::size_t>(Field::name)];
  if (!name.value.empty() && name.at != no_time) return;
  const auto& first = part(Field::first_name);
  const auto& last = part(Field::last_name);
  const std::string_view between = first.value.empty() || last.value.empty() ? "" : " ";
  name = {first.value + std::string{between} + last.value, std::max(first.source, last.source), no_time};
}

void set_fields(Lead& lead, const NormalisedEvent& event) {
  const auto& person = event.event.person;
  set_field(lead, Field::name, person.name, event);
  set_field(lead, Field::first_name, person.first_name, event);
  set_field(lead, Field::last_name, person.last_name, event);
  if (has_from(lead, Field::name, event)) {
    derive_field(lead, Field::first_name, event.derived.first_name, event);
    derive_field(lead, Field::last_name, event.derived.last_name, event);
  }
  derive_name(lead);
  set_field(lead, Field::company, person.company, event);
  set_field(lead, Field::job_title, person.job_title, event);
  set_field(lead, Field::country, person.country, event);
  set_field(lead, Field::city, person.city, event);
  set_field(lead, Field::language, person.language, event);
  set_field(lead, Field::time_zone, person.time_zone, event);
  if (!event.derived.country.empty()) derive_field(lead, Field::country, event.derived.country, event);
  if (has_from(lead, Field::country, event))
    derive_field(lead, Field::time_zone, event.derived.time_zone, event);
}

/// An empty text or list: the person was asked and said nothing.
bool is_empty(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list->empty();
  return false;
}

void set_attributes(Lead& lead, const NormalisedEvent& event) {
  for (const auto& [name, value] : event.event.attributes) {
    if (is_empty(value)) continue;
    const auto found = std::find_if(lead.attributes.begin(), lead.attributes.end(),
                                    [&](const auto& attribute) { return attribute.first == name; });
    if (found == lead.attributes.end())
      lead.attributes.emplace_back(name, Sourced<AttributeValue>{value, event.reference, event.occurred_at});
    else if (supersedes(event, found->second))
      found->second = {value, event.reference, event.occurred_at};
  }
}

auto find_point(Lead& lead, ContactKind kind, std::string_view canonical) {
  return std::find_if(lead.contact_points.begin(), lead.contact_points.end(), [&](const ContactPoint& point) {
    return point.kind == kind && point.canonical == canonical;
  });
}

void add_contacts(Lead& lead, const NormalisedEvent& event) {
  for (const auto& contact : event.contacts) {
    const auto found = find_point(lead, contact.kind, contact.canonical);
    if (found == lead.contact_points.end()) {
      lead.contact_points.push_back({contact.kind, contact.canonical, contact.as_given, contact.verdict,
                                     std::nullopt, event.reference, event.occurred_at, contact.reason,
                                     contact.marks, event.home});
    } else if (supersedes(event, *found)) {
      found->as_given = contact.as_given;
      found->marks = contact.marks;
      found->source = event.reference;
      found->at = event.occurred_at;
    }
  }
}

void set_touches(Lead& lead, const NormalisedEvent& event) {
  if (event.event.attribution.empty()) return;
  const Touch touch{event.event.attribution, event.channel, event.occurred_at};
  if (!lead.first_touch || event.occurred_at < lead.first_touch->at) lead.first_touch = touch;
  if (!lead.last_touch || event.occurred_at >= lead.last_touch->at) lead.last_touch = touch;
}

/// Whoever pressed the button in the mail reads the mailbox.
void confirm_mailbox(Lead& lead, const NormalisedEvent& event) {
  for (const auto& contact : event.contacts) {
    if (contact.kind != ContactKind::email) continue;
    const auto point = find_point(lead, contact.kind, contact.canonical);
    if (point->verified_at && *point->verified_at <= event.occurred_at) continue;
    point->verified_at = event.occurred_at;
    point->verdict = Verdict::valid;
    point->reason = "confirmed";
  }
}

}  // namespace

namespace {

void add_value(Lead& lead, const std::string& currency, double value) {
  const auto found = std::find_if(lead.value.begin(), lead.value.end(),
                                  [&](const auto& sum) { return sum.first == currency; });
  if (found == lead.value.end())
    lead.value.emplace_back(currency, value);
  else
    found->second += value;
}

/// Neither time alone nor a machine that looks into mails shows that there is somebody.
bool is_sign_of_life(const NormalisedEvent& event) {
  return !is_of_time(event) && event.event.trust != SignalTrust::scanner;
}

}  // namespace

bool is_confirmation(const NormalisedEvent& event) {
  return std::any_of(event.event.consent.begin(), event.event.consent.end(),
                     [](const ConsentStatement& statement) { return !statement.confirms.empty(); });
}

void apply(Lead& lead, const NormalisedEvent& event) {
  if (is_deed(event)) {
    apply_deed(lead, event);
    if (event.event.type == deed::set) set_attributes(lead, event);
  } else {
    set_fields(lead, event);
    if (!is_about_itself(event)) set_attributes(lead, event);
    add_contacts(lead, event);
    set_touches(lead, event);
    if (is_confirmation(event)) confirm_mailbox(lead, event);
  }
  if (event.event.type == "purchase.completed" && event.event.value)
    add_value(lead, event.event.currency, *event.event.value);
  auto& captured = lead.stage_entered[0];
  const bool is_new = !captured;
  if (!captured || (!is_deed(event) && event.occurred_at < *captured)) {
    captured = event.occurred_at;
    lead.channel = event.channel;
  }
  if (is_new || is_sign_of_life(event)) lead.updated_at = std::max(lead.updated_at, event.received_at);
}

void absorb(Lead& lead, const Lead& other) {
  const auto later = [](const auto& one, const auto& two) {
    return std::tie(one.at, one.source) < std::tie(two.at, two.source);
  };
  for (std::size_t i = 0; i < lead.fields.size(); ++i)
    if (!other.fields[i].value.empty() &&
        (lead.fields[i].value.empty() || later(lead.fields[i], other.fields[i])))
      lead.fields[i] = other.fields[i];
  // What was derived follows what it was derived from.
  const auto follow = [&](Field derived, Field from) {
    auto& own = lead.fields[static_cast<std::size_t>(derived)];
    const auto& theirs = other.fields[static_cast<std::size_t>(derived)];
    const auto& source = lead.fields[static_cast<std::size_t>(from)];
    const auto& their_source = other.fields[static_cast<std::size_t>(from)];
    if (own.at == no_time && source.source == their_source.source && source.at == their_source.at)
      own = theirs;
  };
  follow(Field::first_name, Field::name);
  follow(Field::last_name, Field::name);
  follow(Field::time_zone, Field::country);
  derive_name(lead);
  for (const auto& [name, value] : other.attributes) {
    const auto found = std::find_if(lead.attributes.begin(), lead.attributes.end(),
                                    [&](const auto& attribute) { return attribute.first == name; });
    if (found == lead.attributes.end())
      lead.attributes.emplace_back(name, value);
    else if (later(found->second, value))
      found->second = value;
  }
  for (auto point : other.contact_points) {
    const auto found = find_point(lead, point.kind, point.canonical);
    if (point.home.empty()) point.home = other.id;
    if (found == lead.contact_points.end())
      lead.contact_points.push_back(std::move(point));
    else if (!found->verified_at && point.verified_at) {
      found->verified_at = point.verified_at;
      found->verdict = point.verdict;
      found->reason = point.reason;
    }
  }
  for (const auto& tag : other.tags)
    if (std::find(lead.tags.begin(), lead.tags.end(), tag) == lead.tags.end()) lead.tags.push_back(tag);
  if (other.first_touch && (!lead.first_touch || other.first_touch->at < lead.first_touch->at))
    lead.first_touch = other.first_touch;
  if (other.last_touch && (!lead.last_touch || other.last_touch->at > lead.last_touch->at))
    lead.last_touch = other.last_touch;
  for (const auto& [currency, value] : other.value) add_value(lead, currency, value);
  if (!lead.routing.assignment) lead.routing = other.routing;
  lead.updated_at = std::max(lead.updated_at, other.updated_at);
}

std::string home_of(const Lead& lead, const NormalisedEvent& event) {
  for (const auto kind :
       {ContactKind::email, ContactKind::external, ContactKind::phone, ContactKind::anonymous})
    for (const auto& contact : event.contacts)
      if (contact.kind == kind)
        for (const auto& point : lead.contact_points)
          if (point.kind == kind && point.canonical == contact.canonical) return point.home;
  return {};
}

void forget_events(Lead& lead) {
  Lead empty;
  empty.id = std::move(lead.id);
  empty.created_at = lead.created_at;
  empty.merged_into = std::move(lead.merged_into);
  empty.routing = std::move(lead.routing);
  empty.delivering = std::move(lead.delivering);
  empty.development = std::move(lead.development);
  lead = std::move(empty);
}

std::vector<ConsentEntry> consent_entries(const NormalisedEvent& event) {
  std::vector<ConsentEntry> entries;
  entries.reserve(event.event.consent.size());
  const bool waits = event.event.type == "newsletter.requested";
  for (auto& statement : with_implied_withdrawal(event.event)) {
    if (waits && statement.state == ConsentState::granted) statement.state = ConsentState::requested;
    const auto hash = statement.text.empty() ? std::string{} : ops::sha256_hex(statement.text);
    const auto line = static_cast<std::int32_t>(entries.size());
    entries.push_back({event.reference,
                       line,
                       std::move(statement),
                       hash,
                       event.occurred_at,
                       event.received_at,
                       event.home,
                       {}});
  }
  return entries;
}

TimelineEntry timeline_entry(const NormalisedEvent& event) {
  return {event.reference,   event.channel,     event.event.key, event.event.type, event.occurred_at,
          event.received_at, event.event.trust, event.document,  event.home};
}

}  // namespace leadhub::lead
