#include "app/broadcast_facts.hpp"

#include <optional>
#include <utility>

namespace leadhub::app {

Result<const lead::StoredBroadcast*> BroadcastFacts::find(const std::string& name) {
  if (const auto found = known_.find(name); found != known_.end()) return &found->second;
  auto read = leads_->broadcasts().find(name);
  if (!read) return std::unexpected(read.error());
  if (!*read) return fail(ErrorCode::not_found, "there is no broadcast \"" + name + "\"");
  return &known_.insert_or_assign(name, *std::move(*read)).first->second;
}

Result<std::string> BroadcastFacts::subject(const lead::Message& message) {
  if (message.step.empty()) return std::string{};
  auto stored = find(message.journey);
  if (stored && message.step == lead::best_subject && !(*stored)->progress.winner) {
    known_.erase(message.journey);  // it may have been decided since
    stored = find(message.journey);
  }
  if (!stored) return std::unexpected(stored.error());
  const auto& [broadcast, progress] = **stored;
  const auto chosen = message.step == lead::best_subject ? progress.winner : lead::subject_from(message.step);
  if (!chosen || !broadcast.test || *chosen >= broadcast.test->subjects.size())
    return fail(ErrorCode::invalid,
                "the best subject of the broadcast \"" + broadcast.name + "\" is not known yet");
  return broadcast.test->subjects[*chosen];
}

Result<lead::Tracking> BroadcastFacts::tracking(const lead::Message& message) {
  const auto stored = find(message.journey);
  if (!stored) return std::unexpected(stored.error());
  return (*stored)->broadcast.track;
}

}  // namespace leadhub::app
