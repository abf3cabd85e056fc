#include "capture/importer.hpp"

#include <utility>

#include "ops/limits.hpp"

namespace leadhub::capture {

Result<store::DraftEvent> Importer::check(std::string line, TimePoint now) const {
  auto checked = check_event(std::string{import_channel}, std::move(line), now, rules_);
  if (!checked) return std::unexpected(checked.error());
  if (auto named = names_somebody_(checked->event); !named) return std::unexpected(named.error());
  return std::move(checked->draft);
}

Result<ImportReport> Importer::import(std::string_view lines, ImportMode mode) {
  ImportReport report;
  store::DraftEntry draft;
  draft.channel = import_channel;
  draft.received_at = clock_.now();
  draft.request.method = "POST";
  draft.request.path = "/api/v1/import";
  for (std::int64_t number = 1; !lines.empty(); ++number) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (draft.events.size() + report.refused.size() == limits::import_batch_events_max)
      return fail(ErrorCode::invalid, "these are more than " +
                                          std::to_string(limits::import_batch_events_max) +
                                          " lines; send them in several requests");
    auto event = check(std::string{line}, draft.received_at);
    if (event)
      draft.events.push_back(std::move(*event));
    else
      report.refused.push_back({number, event.error().message});
  }
  const auto sound = static_cast<std::int64_t>(draft.events.size());
  report.accepted = sound;
  if (mode == ImportMode::check || sound == 0) return report;

  const auto outcome = inbox_.append_and_wait(std::move(draft));
  if (!outcome) return std::unexpected(outcome.error());
  report.accepted = outcome->fresh_events;
  report.conflicts = outcome->twin_events;
  report.duplicates = sound - report.accepted - report.conflicts;
  return report;
}

}  // namespace leadhub::capture
