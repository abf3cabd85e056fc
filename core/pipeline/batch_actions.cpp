#include <algorithm>
#include <string>

#include "ops/limits.hpp"
#include "pipeline/batch.hpp"

namespace leadhub::pipeline {
namespace {

std::string not_there(const std::string& id) {
  return "there is no lead " + id;
}

/// The withdrawals of an event that came while two leads were one.
std::vector<lead::ConsentEntry> withdrawals(const lead::NormalisedEvent& event) {
  auto entries = lead::consent_entries(event);
  std::erase_if(entries, [](const lead::ConsentEntry& entry) {
    return entry.statement.state != lead::ConsentState::withdrawn;
  });
  return entries;
}

}  // namespace

Result<void> Batch::act(const store::InboxEntry& entry, store::InboxReader& inbox) {
  if (auto read = read_pauses(); !read) return read;
  inbox_ = &inbox;
  asked_at_ = entry.received_at;
  changes_.first_seq = entry.seq;
  changes_.cursor = {log_id_, entry.seq};
  std::int32_t index = 0;
  for (const auto document : lead::event_documents(entry.events)) {
    const lead::EventReference reference{entry.seq, index++};
    if (document == lead::erased_event) continue;
    const auto action = lead::parse_action(document);
    const auto done = action ? std::visit([&](const auto& held) { return act(held, reference); }, *action)
                             : std::unexpected(action.error());
    if (done) continue;
    const auto code = done.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::conflict && code != ErrorCode::invalid)
      return done;
    quarantine(reference, done.error().message);
  }
  return {};
}

Result<lead::Lead*> Batch::load(std::string id) {
  while (true) {
    if (!by_id_.contains(id)) {
      auto loaded = store_.load(std::span{&id, 1});
      if (!loaded) return std::unexpected(loaded.error());
      if (loaded->empty()) return fail(ErrorCode::not_found, not_there(id));
      adopt(std::move(loaded->front()));
    }
    auto* lead = by_id_.at(id);
    if (lead->merged_into.empty()) return lead;
    id = lead->merged_into;
  }
}

Result<void> Batch::act(const lead::MergeLeads& action, lead::EventReference reference) {
  const auto into = load(action.into);
  if (!into) return std::unexpected(into.error());
  const auto merged = load(action.merged);
  if (!merged) return std::unexpected(merged.error());
  if (*into == *merged)
    return fail(ErrorCode::conflict, action.into + " and " + action.merged + " are one person already");
  return merge(**into, **merged, "operator", reference.seq);
}

Result<void> Batch::merge(lead::Lead& into, lead::Lead& merged, std::string reason, std::int64_t seq) {
  for (const auto& point : merged.contact_points) {
    auto& sharing = by_contact_[contact_key(point.kind, point.canonical)];
    std::erase(sharing, &merged);
    if (std::find(sharing.begin(), sharing.end(), &into) == sharing.end()) sharing.push_back(&into);
  }
  join_hand_offs(into, merged);
  join_journeys(into, merged);
  lead::absorb(into, merged);
  merged.merged_into = into.id;
  mark_changed(into);
  mark_changed(merged);
  changes_.with_all_contacts.insert(&into);
  changes_.merges.push_back({merged.id, into.id, std::move(reason), seq, clock_.now()});
  return judge_anew(into, merged.id);
}

Result<void> Batch::act(const lead::UnmergeLead& action, lead::EventReference) {
  const auto merge_entry = store_.merge_entry(action.merged);
  if (!merge_entry) return std::unexpected(merge_entry.error());
  auto loaded = store_.load(std::span{&action.merged, 1});
  if (!loaded) return std::unexpected(loaded.error());
  if (loaded->empty()) return fail(ErrorCode::not_found, not_there(action.merged));
  if (loaded->front().merged_into.empty())
    return fail(ErrorCode::conflict, action.merged +
                                         " stands for itself; `leadhub leads show` lists as aliases what was "
                                         "merged into a lead");
  const auto root = load(loaded->front().merged_into);
  if (!root) return std::unexpected(root.error());
  const auto members = store_.merged_into(action.merged);
  if (!members) return std::unexpected(members.error());
  auto& alone =
      *by_id_.emplace(action.merged, &leads_.emplace_back(std::move(loaded->front()))).first->second;
  return part(**root, alone, *members, *merge_entry);
}

Result<void> Batch::part(lead::Lead& from, lead::Lead& alone, const std::vector<std::string>& members,
                         std::int64_t merge_entry) {
  const auto timeline = store_.timeline_of(from.id);
  if (!timeline) return std::unexpected(timeline.error());
  const auto known = from.contact_points;
  lead::forget_events(from);
  lead::forget_events(alone);
  alone.merged_into.clear();
  for (const auto& line : *timeline) {
    auto event = normalised(line);
    if (!event) return std::unexpected(event.error());
    const bool of_alone = std::find(members.begin(), members.end(), event->home) != members.end();
    auto& owner = of_alone ? alone : from;
    const auto& other = of_alone ? from : alone;
    if (event->home == alone.id) event->home.clear();
    fold(owner, *event);
    if (line.reference.seq <= merge_entry) continue;
    for (auto& withdrawal : withdrawals(*event)) {
      withdrawal.home.clear();
      withdrawal.bound_from = owner.id;
      changes_.consents.push_back({other.id, std::move(withdrawal)});
    }
  }
  for (auto* lead : {&from, &alone}) {
    keep_verification(*lead, known);
    changes_.rebuilt.push_back(lead);
    changes_.rejudged.insert(lead->id);
    changes_.with_all_contacts.insert(lead);
    mark_changed(*lead);
  }
  part_journeys(from, alone);
  changes_.unmerges.push_back({alone.id, from.id, members});
  return {};
}

Result<void> Batch::act(const lead::DismissProposal& action, lead::EventReference reference) {
  const auto [first, second] = std::minmax(action.first, action.second);
  changes_.dismissed.push_back({first, second, {}, reference, clock_.now()});
  return {};
}

Result<void> Batch::act(const lead::VerifyContacts& action, lead::EventReference) {
  changes_.verified.insert(changes_.verified.end(), action.contacts.begin(), action.contacts.end());
  return {};
}

Result<void> Batch::act(const lead::PauseSending& action, lead::EventReference reference) {
  changes_.sending = {lead::SendingSwitch::To::paused, action.scope, action.reason, reference.seq,
                      clock_.now()};
  return {};
}

Result<void> Batch::act(const lead::ResumeSending& action, lead::EventReference reference) {
  changes_.sending = {lead::SendingSwitch::To::on, action.scope, {}, reference.seq, clock_.now()};
  return {};
}

Result<void> Batch::act(const lead::SettleMessage& action, lead::EventReference) {
  changes_.settled.push_back({action.id, action.to, asked_at_});
  return {};
}

Result<void> Batch::act(const lead::EraseLead& action, lead::EventReference reference) {
  const auto lead = load(action.id);
  if (!lead) return std::unexpected(lead.error());
  if (action.unless_heard_since && (*lead)->updated_at >= *action.unless_heard_since) return {};
  if (const auto& assignment = (*lead)->routing.assignment;
      assignment && assignment->state == lead::AssignmentState::open)
    desk_.settle(assignment->owner);
  auto members = store_.merged_into((*lead)->id);
  if (!members) return std::unexpected(members.error());
  std::vector<std::string> texts;
  for (const auto& point : (*lead)->contact_points)
    for (const auto* text : {&point.canonical, &point.as_given})
      if (!text->empty()) texts.push_back(*text);
  const auto quarantined = store_.quarantined_entries();
  if (!quarantined) return std::unexpected(quarantined.error());
  auto entries = inbox_->mentioning(texts, *quarantined);
  if (!entries) return std::unexpected(entries.error());
  std::erase_if(*entries, [&](std::int64_t seq) { return seq >= reference.seq; });  // came after it
  changes_.erasures.push_back({std::move(*members), std::move(*entries), reference.seq});
  return {};
}

}  // namespace leadhub::pipeline
