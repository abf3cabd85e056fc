#include "pipeline/batch.hpp"

#include <algorithm>
#include <functional>
#include <ranges>
#include <set>
#include <utility>

#include "identify/matcher.hpp"
#include "lead/deed.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "ops/uuid.hpp"
#include "qualify/qualify.hpp"

namespace leadhub::pipeline {
namespace {

/// Who asks for somebody at info@ can be anybody, as often as they like.
store::Sharing sharing_of(const lead::NamedContact& contact) {
  const bool is_personal = contact.kind == lead::ContactKind::email && !contact.marks.role;
  return is_personal ? store::Sharing::by_few : store::Sharing::by_many;
}

bool names_one_of(const lead::NormalisedEvent& event, const std::vector<lead::ContactPoint>& points) {
  return std::any_of(points.begin(), points.end(), [&](const lead::ContactPoint& point) {
    return std::any_of(event.contacts.begin(), event.contacts.end(), [&](const lead::NamedContact& contact) {
      return contact.kind == point.kind && contact.canonical == point.canonical;
    });
  });
}

}  // namespace

std::string contact_key(lead::ContactKind kind, std::string_view canonical) {
  std::string key{static_cast<char>('0' + static_cast<int>(kind))};
  key += canonical;
  return key;
}

void keep_verification(lead::Lead& lead, const std::vector<lead::ContactPoint>& before) {
  for (auto& point : lead.contact_points)
    for (const auto& old : before)
      if (old.kind == point.kind && old.canonical == point.canonical) {
        point.verified_at = old.verified_at;
        point.verdict = old.verdict;
        point.reason = old.reason;
      }
}

Batch::Batch(store::LeadStore& store, const StageOptions& options, const Clock& clock, std::string log_id,
             route::Desk desk)
    : store_(store), options_(options), clock_(clock), log_id_(std::move(log_id)), desk_(std::move(desk)) {
  for (const auto& [name, workload] : desk_.workloads()) turns_before_.emplace(name, workload.turn);
}

void Batch::quarantine(lead::EventReference reference, std::string reason) {
  changes_.quarantine.push_back({reference, std::move(reason), clock_.now()});
}

void Batch::normalise(const store::InboxEntry& entry, std::vector<lead::NormalisedEvent>& events) {
  lead::EventReference reference{entry.seq, 0};
  for (const auto document : lead::event_documents(entry.events)) {
    if (document == lead::erased_event) {
      ++reference.index;
      continue;
    }
    auto event =
        normalise::normalise({reference, entry.channel, entry.received_at, document}, options_.normalise);
    if (event) {
      verify::verify_offline(*event, options_.policy, *options_.lists);
      events.push_back(std::move(*event));
    } else {
      quarantine(reference, event.error().message);
    }
    ++reference.index;
  }
}

Result<void> Batch::add(std::span<const store::InboxEntry> entries) {
  if (entries.empty()) return {};
  if (auto read = read_pauses(); !read) return read;
  changes_.first_seq = entries.front().seq;
  changes_.cursor = {log_id_, entries.back().seq};
  std::vector<lead::NormalisedEvent> events;
  events.reserve(entries.size());
  for (const auto& entry : entries)
    if (entry.state == store::EntryState::accepted) normalise(entry, events);
  if (auto loaded = load_candidates(events); !loaded) return loaded;
  for (const auto& event : events)
    if (auto processed = process(event); !processed) return processed;
  return {};
}

Result<void> Batch::redrive(const store::InboxEntry& entry, std::span<const std::int64_t> replaced) {
  if (auto read = read_pauses(); !read) return read;
  changes_.first_seq = entry.seq;
  changes_.cursor = {log_id_, entry.seq};
  std::set<std::string> affected;
  for (const auto seq : replaced) {
    changes_.superseded.push_back({seq, entry.seq});
    const auto ids = store_.leads_of_entry(seq);
    if (!ids) return std::unexpected(ids.error());
    affected.insert(ids->begin(), ids->end());
  }
  for (const auto& id : affected)
    if (auto rebuilt = rebuild(id, replaced); !rebuilt) return rebuilt;

  std::vector<lead::NormalisedEvent> events;
  normalise(entry, events);
  if (auto loaded = load_candidates(events); !loaded) return loaded;
  if (emptied_.size() == 1 && std::none_of(events.begin(), events.end(), [&](const auto& event) {
        return names_one_of(event, emptied_.front().points);
      }))
    without_heir_ = emptied_.front().lead;
  for (const auto& event : events)
    if (auto processed = process(event); !processed) return processed;
  for (const auto& emptied : emptied_)
    if (!changed_.contains(emptied.lead)) changes_.removed.push_back(emptied.lead->id);
  return {};
}

void Batch::set_aside(const store::InboxEntry& entry, const std::string& reason) {
  changes_.first_seq = entry.seq;
  changes_.cursor = {log_id_, entry.seq};
  const auto count = std::max<std::size_t>(lead::event_documents(entry.events).size(), 1);
  for (std::size_t i = 0; i < count; ++i) quarantine({entry.seq, static_cast<std::int32_t>(i)}, reason);
}

Result<void> Batch::load_candidates(std::span<const lead::NormalisedEvent> events) {
  const auto is_email = [](const lead::NamedContact& contact) {
    return contact.kind == lead::ContactKind::email;
  };
  const auto is_known = [this](const lead::NamedContact& contact) {
    return by_contact_.contains(contact_key(contact.kind, contact.canonical));
  };
  if (auto loaded = load_leads_of(events, is_email); !loaded) return loaded;
  const auto named_by_address = [&](const lead::NormalisedEvent& event) {
    return std::any_of(event.contacts.begin(), event.contacts.end(),
                       [&](const auto& contact) { return is_email(contact) && is_known(contact); });
  };
  // Who is known by the address need not be looked for by what they are known by, too; anything else may be
  // somebody else's.
  std::vector<const lead::NormalisedEvent*> others;
  std::vector<const lead::NormalisedEvent*> known;
  for (const auto& event : events) (named_by_address(event) ? known : others).push_back(&event);
  const auto dereferenced = [](const std::vector<const lead::NormalisedEvent*>& pointers) {
    return pointers | std::views::transform([](const auto* event) -> const auto& { return *event; });
  };
  if (auto loaded = load_leads_of(
          dereferenced(known), [&](const auto& contact) { return !is_email(contact) && !is_known(contact); });
      !loaded)
    return loaded;
  return load_leads_of(dereferenced(others), std::not_fn(is_email));
}

template <class Events, class Wanted>
Result<void> Batch::load_leads_of(Events&& events, const Wanted& wanted) {
  std::vector<store::ContactKey> keys;
  std::unordered_set<std::string> seen;
  for (const auto& event : events)
    for (const auto& contact : event.contacts)
      if (wanted(contact) && seen.insert(contact_key(contact.kind, contact.canonical)).second)
        keys.push_back({contact.kind, contact.canonical, sharing_of(contact)});
  if (keys.empty()) return {};
  auto found = store_.find_by_contacts(keys);
  if (!found) return std::unexpected(found.error());
  for (auto& lead : *found)
    if (!by_id_.contains(lead.id)) adopt(std::move(lead));
  return {};
}

lead::Lead& Batch::adopt(lead::Lead lead) {
  auto& adopted = leads_.emplace_back(std::move(lead));
  by_id_.emplace(adopted.id, &adopted);
  index(adopted, adopted.contact_points);
  return adopted;
}

void Batch::index(lead::Lead& lead, const std::vector<lead::ContactPoint>& points) {
  for (const auto& point : points) {
    auto& leads = by_contact_[contact_key(point.kind, point.canonical)];
    if (leads.size() > limits::sharing_leads_max) continue;
    if (std::find(leads.begin(), leads.end(), &lead) == leads.end()) leads.push_back(&lead);
  }
}

Result<void> Batch::process(const lead::NormalisedEvent& event) {
  try {
    auto& lead = lead_for(event);
    if (emptied_.empty())
      if (auto joined = join_visitors(lead, event); !joined) return joined;
    propose_merges(lead, event);
    if (auto applied = apply(lead, event); !applied) return applied;
    if (auto judged = suppress(lead, event); !judged) return judged;
    return ask_to_confirm(lead, event);
  } catch (const std::exception& error) {
    quarantine(event.reference, std::string{"processing failed: "} + error.what());
    return {};
  }
}

lead::Lead& Batch::lead_for(const lead::NormalisedEvent& event) {
  std::vector<const lead::Lead*> candidates;
  for (const auto& contact : event.contacts) {
    const auto found = by_contact_.find(contact_key(contact.kind, contact.canonical));
    // What many leads share (a switchboard's number) tells nobody apart.
    if (found == by_contact_.end() || found->second.size() > limits::sharing_leads_max) continue;
    for (const auto* lead : found->second)
      if (std::find(candidates.begin(), candidates.end(), lead) == candidates.end())
        candidates.push_back(lead);
  }
  if (const auto match = identify::match(event, candidates, options_.role_addresses); match.lead != nullptr)
    return *by_id_.at(match.lead->id);

  if (auto* lead = emptied_lead_for(event)) return *lead;

  lead::Lead lead;
  lead.id = ops::make_uuid(event.received_at, log_id_ + "/" + lead::to_string(event.reference));
  lead.created_at = event.received_at;
  return adopt(std::move(lead));
}

/// A corrected event stays with the person that it was given to: whoever it still names, or, where the
/// correction was the name itself, the only one it was given to.
lead::Lead* Batch::emptied_lead_for(const lead::NormalisedEvent& event) const {
  for (const auto& emptied : emptied_)
    if (!changed_.contains(emptied.lead) &&
        (emptied.lead == without_heir_ || names_one_of(event, emptied.points)))
      return emptied.lead;
  return nullptr;
}

Result<void> Batch::join_visitors(lead::Lead& lead, const lead::NormalisedEvent& event) {
  if (identify::is_visitor(lead) && !identify::names_person(event)) return {};
  for (const auto& contact : event.contacts) {
    if (contact.kind != lead::ContactKind::anonymous) continue;
    const auto found = by_contact_.find(contact_key(contact.kind, contact.canonical));
    if (found == by_contact_.end() || found->second.size() > limits::sharing_leads_max) continue;
    const auto sharing = found->second;  // merging changes it
    for (auto* other : sharing)
      if (other != &lead && identify::is_visitor(*other))
        if (auto merged = merge(lead, *other, "visitor", event.reference.seq); !merged) return merged;
  }
  return {};
}

void Batch::propose_merges(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  for (const auto& contact : event.contacts) {
    if (contact.kind != lead::ContactKind::phone && contact.kind != lead::ContactKind::external) continue;
    const auto found = by_contact_.find(contact_key(contact.kind, contact.canonical));
    if (found == by_contact_.end()) continue;
    std::vector<const lead::Lead*> others{found->second.begin(), found->second.end()};
    std::erase_if(others, [&](const auto* other) { return other == &lead || identify::is_visitor(*other); });
    // What several others share says nothing about this one.
    if (others.size() != 1) continue;
    const auto [first, second] = std::minmax(lead.id, others.front()->id);
    changes_.proposals.push_back(
        {first, second, std::string{lead::to_string(contact.kind)}, event.reference, clock_.now()});
  }
}

void Batch::ask_about_new_addresses(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  for (const auto& contact : event.contacts) {
    if (contact.kind != lead::ContactKind::email || contact.verdict == lead::Verdict::invalid) continue;
    const bool is_known = std::any_of(
        lead.contact_points.begin(), lead.contact_points.end(), [&](const lead::ContactPoint& point) {
          return point.kind == contact.kind && point.canonical == contact.canonical;
        });
    if (!is_known) changes_.to_verify.push_back({contact.canonical, event.received_at});
  }
}

Result<void> Batch::apply(lead::Lead& lead, const lead::NormalisedEvent& given) {
  if (auto reckoned = reckon_anew(lead); !reckoned) return reckoned;
  auto event = given;
  event.home = lead::home_of(lead, event);
  if (options_.ask_dns) ask_about_new_addresses(lead, event);
  lead::apply(lead, event);
  judge(lead, event);
  index(lead, lead.contact_points);
  mark_changed(lead);
  changes_.timeline.push_back({lead.id, lead::timeline_entry(event)});
  for (auto& consent : lead::consent_entries(event))
    changes_.consents.push_back({lead.id, std::move(consent)});
  add_attachments(lead, event);
  note_feedback(event);
  ++applied_events_;
  if (auto routed = route(lead, event); !routed) return routed;
  const lead::Subject subject{lead, &event, event.received_at};
  send_on(lead, subject, event.reference);
  return develop(lead, subject, event.reference);
}

void Batch::add_attachments(const lead::Lead& lead, const lead::NormalisedEvent& event) {
  std::int32_t line = 0;
  for (const auto& attachment : event.event.attachments) {
    const auto content = ops::base64_decode(attachment.content);
    if (!content) {
      quarantine(event.reference, "the attachment \"" + attachment.field + "\" is no valid base64");
      continue;
    }
    changes_.attachments.push_back(
        {lead.id,
         {{ops::sha256_hex(*content), attachment.field, attachment.name, attachment.content_type,
           static_cast<std::int64_t>(content->size()), event.reference},
          line++,
          attachment.content}});
  }
}

void Batch::mark_changed(lead::Lead& lead) {
  if (changed_.insert(&lead).second) changes_.leads.push_back(&lead);
}

Result<lead::NormalisedEvent> Batch::normalised(const lead::TimelineEntry& line) const {
  const bool is_deed = line.channel == lead::hub_channel;
  auto event = is_deed ? lead::deed_event(line.reference, line.received_at, line.document)
                       : normalise::normalise({line.reference, line.channel, line.received_at, line.document},
                                              options_.normalise);
  if (!event)
    return fail(ErrorCode::internal, "timeline line " + lead::to_string(line.reference) +
                                         " can no longer be read: " + event.error().message);
  if (!is_deed) verify::verify_offline(*event, options_.policy, *options_.lists);
  event->event.trust = line.trust;
  event->home = line.home;
  return event;
}

void Batch::fold(lead::Lead& lead, const lead::NormalisedEvent& event) {
  lead::apply(lead, event);
  judge(lead, event);
  for (auto& consent : lead::consent_entries(event))
    changes_.consents.push_back({lead.id, std::move(consent)});
}

Result<void> Batch::rebuild(const std::string& lead_id, std::span<const std::int64_t> replaced) {
  const std::string ids[]{lead_id};
  auto loaded = store_.load(ids);
  if (!loaded) return std::unexpected(loaded.error());
  const auto timeline = store_.timeline_of(lead_id);
  if (!timeline) return std::unexpected(timeline.error());
  if (loaded->empty()) return {};

  auto lead = std::move(loaded->front());
  const auto points_before = lead.contact_points;
  lead::forget_events(lead);
  bool any = false;
  for (const auto& line : *timeline) {
    const bool is_replaced =
        std::find(replaced.begin(), replaced.end(), line.reference.seq) != replaced.end();
    if (is_replaced && line.channel != lead::hub_channel) continue;
    const auto event = normalised(line);
    if (!event) return std::unexpected(event.error());
    fold(lead, *event);
    any = any || !lead::is_deed(*event);  // what was done to a lead does not say who it is
  }
  keep_verification(lead, points_before);
  auto& adopted = adopt(std::move(lead));
  changes_.rebuilt.push_back(&adopted);
  changes_.rejudged.insert(adopted.id);
  changes_.with_all_contacts.insert(&adopted);
  if (any)
    mark_changed(adopted);
  else
    emptied_.push_back({&adopted, points_before});
  return {};
}

/// What this batch wrote for a lead that it then merged belongs to the other.
void Batch::follow_merges() {
  if (changes_.merges.empty()) return;
  const auto follow = [this](auto& rows, auto&& home) {
    for (auto& row : rows)
      for (const auto* lead = by_id_.at(row.lead_id); !lead->merged_into.empty();
           lead = by_id_.at(lead->merged_into)) {
        if (home(row.row).empty()) home(row.row) = row.lead_id;
        row.lead_id = lead->merged_into;
      }
  };
  follow(
      changes_.timeline, [](auto& row) -> auto& { return row.home; });
  follow(
      changes_.consents, [](auto& row) -> auto& { return row.home; });
  follow(
      changes_.attachments, [](auto& row) -> auto& { return row.attachment.home; });
}

store::LeadChanges Batch::take_changes() {
  follow_merges();
  for (const auto* changed : changes_.leads) set_alarm(*by_id_.at(changed->id));
  for (const auto* lead : developed_)
    for (const auto& enrolment : lead->development.enrolments)
      changes_.enrolments.push_back({lead->id, enrolment});
  for (const auto& [name, workload] : desk_.workloads())
    if (const auto before = turns_before_.find(name);
        before == turns_before_.end() || before->second != workload.turn)
      changes_.turns.emplace(name, workload.turn);
  return std::move(changes_);
}

}  // namespace leadhub::pipeline
