#include "capture/gateway.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "capture/event_check.hpp"
#include "capture/importer.hpp"
#include "capture/poller.hpp"
#include "capture/stored_request.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {
namespace {

HttpResponse text_answer(int status, std::string text) {
  return {status,
          {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
          std::move(text)};
}

HttpResponse not_found() {
  return text_answer(404, "There is nothing here.\n");
}

HttpResponse come_back_later() {
  auto answer = text_answer(503, "The hub is busy. Please try again in a moment.\n");
  answer.headers.push_back({"retry-after", std::to_string(limits::retry_after.count())});
  return answer;
}

std::string entry_number(std::int64_t seq) {
  return "entry " + std::to_string(seq);
}

std::string nothing_to_redrive(std::int64_t seq, std::int64_t holder) {
  return entry_number(seq) + " has no event of its own: the key of what it holds belongs to " +
         entry_number(holder) + ", whose events count. Compare the two with `leadhub inbox show`; where " +
         entry_number(seq) + " is another event, let its sender post it again with another key";
}

std::vector<std::string> documents_of(const store::InboxEntry& entry) {
  std::vector<std::string> documents;
  for (const auto document : lead::event_documents(entry.events))
    if (document != lead::erased_event) documents.emplace_back(document);
  return documents;
}

}  // namespace

std::string_view channel_of_path(std::string_view path) {
  if (path.starts_with("/in/")) {
    path.remove_prefix(4);
  } else if (path.starts_with("/f/")) {
    path.remove_prefix(3);
    if (path.ends_with(".js")) path.remove_suffix(3);
  } else {
    return {};
  }
  return path.find('/') == path.npos ? path : std::string_view{};
}

Gateway::Gateway(const ChannelDirectory& channels, InboxWriter& inbox, EventRules rules, const Clock& clock,
                 std::function<std::int64_t()> backlog,
                 std::function<void(const std::string& channel)> on_follow_up)
    : channels_(channels),
      inbox_(inbox),
      rules_(std::move(rules)),
      clock_(clock),
      backlog_(std::move(backlog)),
      on_follow_up_(std::move(on_follow_up)) {}

bool Gateway::is_overloaded() const {
  return inbox_.is_full() || backlog_() >= limits::backlog_entries_max;
}

std::optional<HttpResponse> Gateway::refuse_early(const HttpRequest& head) {
  const auto name = channel_of_path(head.path);
  if (name.empty() || !channels_.find(name)) {
    ++counters_.unknown_path;
    return not_found();
  }
  if (head.method == "POST" && is_overloaded()) {
    ++counters_.unavailable;
    return come_back_later();
  }
  return std::nullopt;
}

void Gateway::handle(HttpRequest request, Reply reply) {
  const auto channel = channels_.find(channel_of_path(request.path));
  if (!channel) {
    ++counters_.unknown_path;
    return reply(not_found());
  }
  auto verdict = channel->authenticate(request, clock_.now());
  if (!verdict) {
    ++counters_.plugin_errors;
    log::error("capture", "channel " + channel->name() + ": " + verdict.error().message);
    return reply(text_answer(500, "The hub could not take this. It has been noted.\n"));
  }
  switch (verdict->kind) {
    case Authentication::Kind::answer:
      ++counters_.answered;
      return reply(std::move(verdict->response));
    case Authentication::Kind::refuse:
      ++counters_.refused;
      return reply(std::move(verdict->response));
    case Authentication::Kind::accept:
    case Authentication::Kind::hold:
      return capture(channel, std::move(request), *verdict, std::move(reply));
  }
}

void Gateway::capture(const std::shared_ptr<ChannelPort>& channel, HttpRequest request,
                      const Authentication& verdict, Reply reply) {
  store::DraftEntry draft;
  draft.channel = channel->name();
  draft.received_at = request.received_at;
  HttpResponse response = text_answer(202, "Kept for review.\n");

  auto reading = channel->read(request);
  if (reading) {
    response = std::move(reading->response);
    if (verdict.kind == Authentication::Kind::accept && channel->wants_follow_up(request))
      draft.follow_up_key = follow_up_key(draft.channel, request);
    if (reading->events.empty() && !draft.follow_up_key) {
      ++counters_.answered;
      return reply(std::move(response));
    }
  }
  auto events = reading ? check_events(draft.channel, std::move(reading->events), draft.received_at)
                        : std::unexpected(reading.error());
  if (!events) {
    ++counters_.unreadable;
    draft.follow_up_key.reset();
    draft.state = store::EntryState::unreadable;
    draft.reason = events.error().message;
  } else {
    draft.events = std::move(*events);
    if (verdict.kind == Authentication::Kind::hold) {
      ++counters_.held;
      draft.state = store::EntryState::held;
      draft.reason = verdict.reason;
    }
  }
  draft.request = stored_request(std::move(request));
  append(std::move(draft), std::move(response), std::move(reply));
}

Result<std::vector<store::DraftEvent>> Gateway::check_events(const std::string& channel,
                                                             std::vector<std::string> events,
                                                             TimePoint received_at) const {
  if (events.size() > limits::events_per_request_max)
    return fail(ErrorCode::invalid, "the channel gave more than " +
                                        std::to_string(limits::events_per_request_max) +
                                        " events for one request");
  std::vector<store::DraftEvent> drafts;
  drafts.reserve(events.size());
  for (auto& json : events) {
    auto draft = check_event(channel, std::move(json), received_at, rules_);
    if (!draft) return std::unexpected(draft.error());
    drafts.push_back(std::move(draft->draft));
  }
  return drafts;
}

/// The whole request, for such as name nothing else: a repetition of it asks for the same.
std::string Gateway::follow_up_key(const std::string& channel, const HttpRequest& request) const {
  return rules_.keys.hash("follow-up/" + channel,
                          request.method + '\n' + request.path + '\n' + request.query + '\n' + request.body);
}

void Gateway::append(store::DraftEntry draft, HttpResponse response, Reply reply) {
  const auto followed_up = draft.follow_up_key ? draft.channel : std::string{};
  inbox_.append(std::move(draft), [this, followed_up, response = std::move(response),
                                   reply = std::move(reply)](AppendResult result) mutable {
    if (result) {
      ++counters_.accepted;
      if (!followed_up.empty() && on_follow_up_) on_follow_up_(followed_up);
      reply(std::move(response));
    } else {
      ++counters_.unavailable;
      reply(come_back_later());
    }
  });
}

Result<std::vector<std::string>> Gateway::read_again(const store::InboxEntryDetail& stored) const {
  const auto& entry = stored.entry;
  // What was imported came as events, not as a request.
  if (entry.channel == import_channel && stored.request.body.empty()) return documents_of(entry);
  // The same of what was polled; an event that could not be read is kept where a request's body is.
  if (stored.request.method == poll_method) {
    if (!stored.request.body.empty()) return std::vector<std::string>{stored.request.body};
    return documents_of(entry);
  }
  const auto channel = channels_.find(entry.channel);
  if (!channel)
    return fail(ErrorCode::not_found,
                "the channel \"" + entry.channel +
                    "\" is not active; put it back into hub.yaml to redrive its entries");
  auto reading = channel->read(restored_request(stored));
  if (!reading)
    return fail(ErrorCode::invalid, "the channel still cannot read the request: " + reading.error().message);
  if (reading->events.empty())
    return fail(ErrorCode::invalid, "the channel finds no event in the request (it would answer " +
                                        std::to_string(reading->response.status) +
                                        "); correct the channel's configuration first");
  return std::move(reading->events);
}

bool Gateway::is_only_followed_up(const store::InboxEntryDetail& stored) const {
  const auto channel = channels_.find(stored.entry.channel);
  if (!channel || !channel->follows_up()) return false;
  const auto request = restored_request(stored);
  const auto reading = channel->read(request);
  return reading && reading->events.empty() && channel->wants_follow_up(request);
}

Result<std::int64_t> Gateway::follow_up_again(const store::InboxEntry& entry) {
  store::DraftEntry draft;
  draft.kind = store::EntryKind::follow_up;
  draft.channel = entry.channel;
  draft.follows =
      store::FollowUpResult{entry.seq, store::FollowUpResult::State::waiting, 0, clock_.now(), {}};
  if (const auto appended = inbox_.append_and_wait(std::move(draft)); !appended)
    return std::unexpected(appended.error());
  if (on_follow_up_) on_follow_up_(entry.channel);
  return entry.seq;
}

Result<std::int64_t> Gateway::redrive(const store::InboxEntryDetail& stored_entry) {
  const auto& entry = stored_entry.entry;
  if (entry.kind == store::EntryKind::follow_up)
    return fail(ErrorCode::invalid, entry_number(entry.seq) + " is what following up " +
                                        entry_number(entry.follows.value_or(0)) +
                                        " brought; redrive that one");
  if (is_only_followed_up(stored_entry)) return follow_up_again(entry);
  if (entry.kind == store::EntryKind::redrive)
    return fail(ErrorCode::invalid, entry_number(entry.seq) + " is itself a redrive of " +
                                        entry_number(entry.redrive_of.value_or(0)) + "; redrive that one");
  auto documents = read_again(stored_entry);
  if (!documents) return std::unexpected(documents.error());
  auto events = check_events(entry.channel, std::move(*documents), entry.received_at);
  if (!events) return std::unexpected(events.error());
  // Only events with a known key are set aside as twins: what has none stands in the request's other entry.
  if (entry.state == store::EntryState::conflict)
    std::erase_if(*events, [](const store::DraftEvent& event) { return event.key_hash.empty(); });
  if (events->empty())
    return fail(ErrorCode::conflict, entry_number(entry.seq) +
                                         " holds nothing of its own any more: the channel now gives its "
                                         "events no key, and those took effect when the request came");

  store::DraftEntry draft;
  draft.kind = store::EntryKind::redrive;
  draft.channel = entry.channel;
  draft.received_at = entry.received_at;
  draft.events = std::move(*events);
  draft.redrive_of = entry.seq;
  const auto appended = inbox_.append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  if (appended->kind == store::AppendOutcome::Kind::duplicate)
    return fail(ErrorCode::conflict, nothing_to_redrive(entry.seq, appended->seq));
  return appended->seq;
}

Gateway::Statistics Gateway::statistics() const {
  const auto& c = counters_;
  return {c.accepted,   c.answered,     c.refused,     c.held,
          c.unreadable, c.unknown_path, c.unavailable, c.plugin_errors};
}

}  // namespace leadhub::capture
