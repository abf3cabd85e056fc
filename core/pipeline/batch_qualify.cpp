#include <algorithm>
#include <utility>

#include "pipeline/batch.hpp"
#include "qualify/qualify.hpp"

namespace leadhub::pipeline {

void Batch::judge(lead::Lead& lead, const lead::NormalisedEvent& event) {
  for (auto& entry : qualify::judge(options_.rules, lead, event).scores)
    changes_.scores.push_back({lead.id, std::move(entry)});
  if (event.event.type == "purchase.completed")
    changes_.conversions.push_back(
        {lead.id, {event.reference, event.event.value, event.event.currency, event.occurred_at}});
}

Result<void> Batch::reckon_anew(lead::Lead& lead) {
  if (!qualify::is_reckoned_otherwise(options_.rules, lead)) return {};
  auto ledger =
      changes_.rejudged.contains(lead.id) ? std::vector<lead::ScoreEntry>{} : store_.scores_of(lead.id);
  if (!ledger) return std::unexpected(ledger.error());
  for (const auto& added : changes_.scores)
    if (added.lead_id == lead.id) ledger->push_back(added.row);
  qualify::reckon(options_.rules, lead, *ledger);
  return {};
}

Result<std::vector<lead::TimelineEntry>> Batch::lines_of(std::set<std::string> ids) {
  // Whose lines still stand under the id of a lead that this batch has merged.
  for (auto before = std::size_t{0}; before != ids.size();) {
    before = ids.size();
    for (const auto& merge : changes_.merges)
      if (ids.contains(merge.into)) ids.insert(merge.merged);
  }
  std::vector<lead::TimelineEntry> lines;
  for (const auto& id : ids) {
    if (id.empty()) continue;
    auto stored = store_.timeline_of(id);
    if (!stored) return std::unexpected(stored.error());
    std::ranges::move(*stored, std::back_inserter(lines));
  }
  std::erase_if(lines, [this](const lead::TimelineEntry& line) {
    return std::ranges::find(changes_.superseded, line.reference.seq, &store::Superseded::seq) !=
           changes_.superseded.end();
  });
  for (auto& line : lines)
    for (const auto& signal : changes_.signals)
      if (signal.event == line.reference) line.trust = signal.trust;
  for (const auto& added : changes_.timeline)
    if (ids.contains(added.lead_id)) lines.push_back(added.row);
  std::ranges::sort(lines, {}, &lead::TimelineEntry::reference);
  return lines;
}

Result<void> Batch::judge_anew(lead::Lead& lead, const std::string& other) {
  const auto lines = lines_of({lead.id, other});
  if (!lines) return std::unexpected(lines.error());
  const auto is_of_either = [&](const auto& row) { return row.lead_id == lead.id || row.lead_id == other; };
  std::erase_if(changes_.scores, is_of_either);
  std::erase_if(changes_.conversions, is_of_either);
  changes_.rejudged.insert(lead.id);
  if (!other.empty()) changes_.rejudged.insert(other);

  lead::Lead judged;
  judged.id = lead.id;
  for (const auto& line : *lines) {
    const auto event = normalised(line);
    if (!event) return std::unexpected(event.error());
    lead::apply(judged, *event);
    judge(judged, *event);
  }
  lead.stage = judged.stage;
  lead.stage_entered = judged.stage_entered;
  lead.channel = std::move(judged.channel);
  lead.warm_until = judged.warm_until;
  lead.hot_until = judged.hot_until;
  lead.wake_at = judged.wake_at;
  lead.qualification = std::move(judged.qualification);
  lead.account = std::move(judged.account);
  lead.value = std::move(judged.value);
  return {};
}

}  // namespace leadhub::pipeline
