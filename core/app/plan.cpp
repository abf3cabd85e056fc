#include "app/plan.hpp"

#include <algorithm>
#include <future>
#include <tuple>
#include <utility>

#include "app/hub_parts.hpp"
#include "app/lead_walk.hpp"
#include "app/replay.hpp"
#include "lead/action.hpp"
#include "lead/event.hpp"
#include "ops/limits.hpp"
#include "store/inbox_replay.hpp"

namespace leadhub::app {
namespace {

using Detail = store::InboxEntryDetail;

/// Actions that name addresses rather than leads, whose ids are others in a replay.
bool is_repeatable(const store::InboxEntry& entry) {
  const auto documents = lead::event_documents(entry.events);
  if (documents.empty() || documents.front() == lead::erased_event) return false;
  const auto action = lead::parse_action(documents.front());
  return action && (std::holds_alternative<lead::VerifyContacts>(*action) ||
                    std::holds_alternative<lead::SuppressAddress>(*action) ||
                    std::holds_alternative<lead::LiftSuppression>(*action));
}

/// What people did with the mails that they had got: events that stand in the log as actions.
bool has_signals(const store::InboxEntry& entry) {
  const auto documents = lead::event_documents(entry.events);
  const auto first = std::ranges::find_if(
      documents, [](std::string_view document) { return document != lead::erased_event; });
  if (first == documents.end()) return false;
  const auto action = lead::parse_action(*first);
  return action && std::holds_alternative<lead::RecordSignal>(*action);
}

class Planner {
 public:
  Planner(const LoadedConfig& running, const LoadedConfig& next, const PlanRequest& request,
          const Clock& clock)
      : running_(running), next_(next), request_(request) {
    plan_.now = clock.now();
    plan_.since = plan_.now - request.window;
  }

  Result<Plan> make() {
    const auto started = std::chrono::steady_clock::now();
    for (const auto step :
         {&Planner::open, &Planner::replay, &Planner::compare_quarantines, &Planner::compare_leads})
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    plan_.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    return std::move(plan_);
  }

 private:
  Result<void> open() {
    const auto files = hub_files(running_.config->store.url.location);
    auto record = store::InboxReplay::open(files.inbox, running_.config->workspace);
    if (!record) return std::unexpected(record.error());
    record_ = *std::move(record);
    auto keys = ops::KeyRing::open(files.keys);
    if (!keys) return std::unexpected(keys.error());
    keys_ = std::make_unique<ops::KeyRing>(*std::move(keys));
    auto folder = ScratchFolder::make(ScratchFolder::Place::disk);
    if (!folder) return std::unexpected(folder.error());
    folder_ = std::make_unique<ScratchFolder>(*std::move(folder));
    for (auto [replay, loaded, name] :
         {std::tuple{&before_, &running_, "running"}, std::tuple{&after_, &next_, "next"}}) {
      const auto place = folder_->path() / name;
      std::error_code error;
      std::filesystem::create_directory(place, error);
      auto opened = Replay::open(*loaded, place, *keys_, plan_.since);
      if (!opened) return std::unexpected(opened.error());
      *replay = *std::move(opened);
    }
    return {};
  }

  Result<void> replay() {
    const auto begin = record_->before(plan_.since);
    if (!begin) return std::unexpected(begin.error());
    const auto read = [this](std::int64_t after) {
      return record_->next(after, limits::batch_entries_max, limits::batch_bytes_max);
    };
    auto entries = read(*begin);
    while (entries && !entries->empty()) {
      auto ahead = std::async(std::launch::async, read, entries->back().entry.seq);
      const auto taken = take(*entries);
      entries = ahead.get();
      if (!taken) return taken;
    }
    if (!entries) return std::unexpected(entries.error());
    for (auto* replay : {before_.get(), after_.get()})
      if (auto ended = replay->end(plan_.now); !ended) return ended;
    plan_.entries = static_cast<std::int64_t>(numbers_.size());
    plan_.events_before = before_->events();
    plan_.events_after = after_->events();
    return {};
  }

  Result<void> take(const std::vector<Detail>& entries) {
    std::vector<Replay::Item> items;
    for (const auto& entry : entries) {
      numbers_.push_back(entry.entry.seq);
      items.push_back({&entry, way_of(entry)});
    }
    auto in_parallel = std::async(std::launch::async, [&] { return after_->take(items, numbers_); });
    const auto before = before_->take(items, numbers_);
    const auto after = in_parallel.get();
    if (!before) return std::unexpected(before.error());
    if (!after) return std::unexpected(after.error());
    for (std::size_t i = 0; i < items.size(); ++i)
      note_failure(entries[i].entry.seq, entries[i].entry.channel, (*before)[i], (*after)[i]);
    return {};
  }

  ReplayWay way_of(const Detail& detail) {
    const auto& entry = detail.entry;
    const auto left_out = [&](const char* why) {
      ++plan_.unknown[why];
      return ReplayWay::left_out;
    };
    if (entry.kind == store::EntryKind::action && has_signals(entry)) return ReplayWay::signals;
    if (entry.kind == store::EntryKind::action)
      return is_repeatable(entry) ? ReplayWay::action
                                  : left_out("merges, erasures, replies and the like were not done again");
    if (entry.kind == store::EntryKind::redrive) return ReplayWay::left_out;  // its original is read again
    if (entry.state == store::EntryState::held || entry.state == store::EntryState::conflict)
      return left_out("entries that were held or in conflict stayed so");
    if (entry.kind == store::EntryKind::follow_up) {
      ++plan_.unknown["follow-ups were not done again; what they brought was taken as recorded"];
      return ReplayWay::as_recorded;
    }
    const auto& path = detail.request.path;
    if (path.starts_with("/in/") || path.starts_with("/f/")) return ReplayWay::read_again;
    if (path.empty())
      ++plan_.unknown["entries have no raw request (polled, or erased); their events were taken as recorded"];
    return ReplayWay::as_recorded;
  }

  PlanChange& count(const std::string& kind) {
    auto& change = plan_.changes[kind];
    ++change.count;
    return change;
  }

  void note(const std::string& kind, const std::string& who, const std::string& before,
            const std::string& after) {
    auto& change = count(kind);
    if (change.examples.size() < request_.examples) change.examples.push_back({who, before, after});
  }

  void note_failure(std::int64_t seq, const std::string& channel, const std::string& before,
                    const std::string& after) {
    const auto who = "entry " + std::to_string(seq) + (channel.empty() ? "" : " (" + channel + ")");
    if (before.empty() && !after.empty()) note("would_fail", who, {}, after);
    if (!before.empty() && after.empty()) note("would_fail_no_more", who, before, {});
  }

  /// What the pipelines set aside, side by side in the order of the log.
  Result<void> compare_quarantines() {
    auto before = quarantined(*before_);
    if (!before) return std::unexpected(before.error());
    auto after = quarantined(*after_);
    if (!after) return std::unexpected(after.error());
    for (const auto& [number, reason] : *before)
      if (!after->contains(number)) note_failure(recorded(number), {}, reason, {});
    for (const auto& [number, reason] : *after)
      if (!before->contains(number)) note_failure(recorded(number), {}, {}, reason);
    return {};
  }

  [[nodiscard]] std::int64_t recorded(std::int64_t number) const {
    return numbers_[static_cast<std::size_t>(number) - 1];
  }

  /// The first reason for each entry.
  Result<std::map<std::int64_t, std::string>> quarantined(Replay& replay) {
    auto reader = replay.hub().lead_reader();
    if (!reader) return std::unexpected(reader.error());
    std::map<std::int64_t, std::string> reasons;
    std::int64_t after = 0;
    while (true) {
      const auto page = (*reader)->quarantine(after, static_cast<std::int64_t>(limits::plan_page_leads));
      if (!page) return std::unexpected(page.error());
      if (page->empty()) return reasons;
      for (const auto& event : *page) reasons.emplace(event.reference.seq, event.reason);
      if (page->back().reference.seq == after) return reasons;
      after = page->back().reference.seq;
    }
  }

  Result<void> compare_leads() {
    auto before = LeadWalk::begin(before_->hub(), plan_.now);
    if (!before) return std::unexpected(before.error());
    auto after = LeadWalk::begin(after_->hub(), plan_.now);
    if (!after) return std::unexpected(after.error());
    auto& left = **before;
    auto& right = **after;
    while (left.current() != nullptr || right.current() != nullptr) {
      const auto* one = left.current();
      const auto* other = right.current();
      const bool from_left = one != nullptr && (other == nullptr || one->id <= other->id);
      const bool from_right = other != nullptr && (one == nullptr || other->id <= one->id);
      plan_.leads_before += from_left ? 1 : 0;
      plan_.leads_after += from_right ? 1 : 0;
      if (from_left && from_right)
        compare(*one, *other);
      else if (auto done = from_left ? compare_alone(*one, left, right) : note_alone(*other, left, right);
               !done)
        return done;
      if (from_left)
        if (auto gone = left.advance(); !gone) return gone;
      if (from_right)
        if (auto gone = right.advance(); !gone) return gone;
    }
    return {};
  }

  void compare(const LeadOutline& before, const LeadOutline& after) {
    for (std::size_t i = 0; i < before.values.size(); ++i)
      if (before.values[i].second != after.values[i].second)
        note(before.values[i].first, after.who, before.values[i].second, after.values[i].second);
  }

  /// The same person of the other side, whose lead begins with another event; empty: there is none.
  Result<std::string> partner(const LeadOutline& lead, LeadWalk& own, LeadWalk& other) {
    auto id = other.known_as(lead.who);
    if (!id || id->empty()) return id;
    const auto is_of_both = own.has(*id);
    if (!is_of_both) return std::unexpected(is_of_both.error());
    return *is_of_both ? std::string{} : *id;
  }

  Result<void> compare_alone(const LeadOutline& lead, LeadWalk& left, LeadWalk& right) {
    const auto id = partner(lead, left, right);
    if (!id) return std::unexpected(id.error());
    if (id->empty()) {
      note("leads_gone", lead.who, {}, {});
      return {};
    }
    const auto other = right.outline(*id);
    if (!other) return std::unexpected(other.error());
    compare(lead, *other);
    return {};
  }

  Result<void> note_alone(const LeadOutline& lead, LeadWalk& left, LeadWalk& right) {
    const auto id = partner(lead, right, left);
    if (!id) return std::unexpected(id.error());
    if (id->empty()) note("leads_new", lead.who, {}, {});
    return {};  // else it was compared from the other side
  }

  const LoadedConfig& running_;
  const LoadedConfig& next_;
  PlanRequest request_;
  Plan plan_;
  std::unique_ptr<ScratchFolder> folder_;  ///< goes after the replays
  std::unique_ptr<ops::KeyRing> keys_;
  std::unique_ptr<store::InboxReplay> record_;
  std::unique_ptr<Replay> before_;
  std::unique_ptr<Replay> after_;
  std::vector<std::int64_t> numbers_;  ///< of the entries so far, in the record
};

}  // namespace

Result<Plan> make_plan(const LoadedConfig& running, const LoadedConfig& next, const PlanRequest& request,
                       const Clock& clock) {
  return Planner{running, next, request, clock}.make();
}

}  // namespace leadhub::app
