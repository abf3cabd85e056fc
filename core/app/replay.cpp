#include "app/replay.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "capture/stored_request.hpp"
#include "lead/action.hpp"
#include "lead/event.hpp"

namespace leadhub::app {
namespace {

constexpr std::string_view confirms = "\"confirms\":\"";

/// The document with the number of the entry that it confirms as that is here; 0 where it was not replayed.
std::string renumbered(std::string document, std::span<const std::int64_t> numbers) {
  for (auto at = document.find(confirms); at != document.npos; at = document.find(confirms, at)) {
    at += confirms.size();
    std::int64_t number = 0;
    const auto* begin = document.data() + at;
    const auto [stop, error] = std::from_chars(begin, document.data() + document.size(), number);
    if (error != std::errc{}) continue;
    const auto found = std::ranges::lower_bound(numbers, number);
    const bool is_there = found != numbers.end() && *found == number;
    document.replace(at, static_cast<std::size_t>(stop - begin),
                     std::to_string(is_there ? found - numbers.begin() + 1 : 0));
  }
  return document;
}

/// The event of a document in the log.
std::string event_of(std::string_view document, ReplayWay way) {
  if (way != ReplayWay::signals) return std::string{document};
  const auto action = lead::parse_action(document);
  const auto* signal = action ? std::get_if<lead::RecordSignal>(&*action) : nullptr;
  return signal == nullptr ? std::string{lead::erased_event} : signal->document;
}

}  // namespace

Result<std::unique_ptr<Replay>> Replay::open(const LoadedConfig& loaded, const std::filesystem::path& folder,
                                             const ops::KeyRing& keys, TimePoint begin) {
  std::unique_ptr<Replay> replay{new Replay{begin}};
  auto hub = ScratchHub::open(loaded, folder, keys, replay->clock_);
  if (!hub) return std::unexpected(hub.error());
  replay->hub_ = *std::move(hub);
  return replay;
}

std::string Replay::read_again(const store::InboxEntryDetail& recorded, store::DraftEntry& draft) {
  const auto& name = recorded.entry.channel;
  const auto channel = hub_->channel(name);
  if (!channel) return "the channel \"" + name + "\" " + hub_->why_not(name);
  const auto request = capture::restored_request(recorded);
  auto reading = channel->read(request);
  if (!reading) return reading.error().message;
  if (reading->events.empty() && !channel->wants_follow_up(request))
    return "the channel \"" + name + "\" finds no event in it and answers " +
           std::to_string(reading->response.status);
  for (auto& json : reading->events) {
    auto checked = capture::check_event(name, std::move(json), draft.received_at, hub_->rules());
    if (!checked) {
      draft.events.clear();
      return checked.error().message;
    }
    if (!checked->event.key.empty() &&
        !keys_seen_.insert(std::hash<std::string>{}(name + '\n' + checked->event.key)).second)
      continue;
    // No key of the log's own: it would drop an entry whose events are all known, and shift the numbers.
    draft.events.push_back({std::move(checked->draft.json), {}, {}, std::move(checked->draft.withdrawals)});
  }
  return {};
}

Result<std::vector<std::string>> Replay::take(std::span<const Item> items,
                                              std::span<const std::int64_t> numbers) {
  std::vector<std::string> failures(items.size());
  std::vector<store::DraftEntry> drafts(items.size());
  auto now = clock_.now();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& recorded = *items[i].recorded;
    auto& draft = drafts[i];
    draft.channel = recorded.entry.channel;
    draft.received_at = recorded.entry.received_at;
    now = std::max(now, draft.received_at);
    if (items[i].way == ReplayWay::read_again) {
      failures[i] = read_again(recorded, draft);
    } else if (items[i].way != ReplayWay::left_out) {
      if (items[i].way == ReplayWay::action) draft.kind = store::EntryKind::action;
      for (const auto document : lead::event_documents(recorded.entry.events))
        if (document != lead::erased_event)
          draft.events.push_back({renumbered(event_of(document, items[i].way), numbers), {}, {}});
    }
    if (!failures[i].empty()) {
      draft.state = store::EntryState::unreadable;
      draft.reason = failures[i];
    }
    events_ += static_cast<std::int64_t>(draft.events.size());
  }
  clock_.set(now);
  if (auto appended = append(std::move(drafts)); !appended) return std::unexpected(appended.error());
  if (auto settled = hub_->settle(); !settled) return std::unexpected(settled.error());
  return failures;
}

Result<void> Replay::append(std::vector<store::DraftEntry> drafts) {
  auto last = std::move(drafts.back());
  drafts.pop_back();
  for (auto& draft : drafts) hub_->inbox().append(std::move(draft), [](const capture::AppendResult&) {});
  // One writer commits them in order, and refuses all that follow a failure.
  const auto appended = hub_->inbox().append_and_wait(std::move(last));
  if (!appended) return std::unexpected(appended.error());
  return {};
}

Result<void> Replay::end(TimePoint now) {
  if (now > clock_.now()) clock_.set(now);
  return hub_->settle();
}

}  // namespace leadhub::app
