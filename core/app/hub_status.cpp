// How a hub is: readiness, metrics, status.
#include <nlohmann/json.hpp>
#include <vector>

#include "app/hub.hpp"
#include "app/hub_metrics.hpp"

namespace leadhub::app {
namespace {

using DestinationStates = std::vector<store::DestinationState>;
using FollowUpCounts = std::vector<store::InboxReader::FollowUpCount>;

/// How it stands with a channel that is polled.
nlohmann::ordered_json poll_status(const capture::Poller::Statistics& poll) {
  nlohmann::ordered_json status{{"state", poll.failures_in_a_row == 0 ? "good" : "failing"},
                                {"polls", poll.polls},
                                {"events", poll.events},
                                {"failures_in_a_row", poll.failures_in_a_row}};
  if (poll.succeeded_at) status["succeeded_at"] = format_rfc3339(*poll.succeeded_at);
  if (!poll.failure.empty()) status["failure"] = poll.failure;
  return status;
}

/// Those of several senders that share what is due are one figure.
void add(std::vector<HubCounters::JourneyMails>& all, const HubCounters::JourneyMails& more) {
  for (auto& one : all) {
    if (one.channel != more.channel || one.kind != more.kind) continue;
    one.sender.sent += more.sender.sent;
    one.sender.failed += more.sender.failed;
    one.sender.retried += more.sender.retried;
    one.sender.withheld += more.sender.withheld;
    one.sender.unknown += more.sender.unknown;
    return;
  }
  all.push_back(more);
}

}  // namespace

Result<void> Hub::ready() const {
  if (stopping_) return fail(ErrorCode::unavailable, "the hub is stopping");
  if (inbox_->is_full()) return fail(ErrorCode::unavailable, "the inbox is full");
  return {};
}

std::string Hub::metrics() const {
  HubCounters counters{edge_->statistics(),      gateway_->statistics(), inbox_->statistics(),
                       pipeline_->statistics(),  inbox_->head(),         pipeline_->cursor(),
                       plugin_counters_.values()};
  counters.signals = signals_->statistics();
  const auto generation = current_.get();
  for (const auto& poller : generation->pollers()) counters.polls.push_back(poller->statistics());
  for (const auto& route : generation->journey_routes())
    add(counters.journey_mails, {route.channel, route.courier->messages().kind, route.sender->statistics()});
  if (generation->mail_sender() != nullptr) counters.mails = generation->mail_sender()->statistics();
  if (generation->chat_sender() != nullptr) counters.replies = generation->chat_sender()->statistics();
  if (generation->hand_off_sender() != nullptr)
    counters.hand_offs = generation->hand_off_sender()->statistics();
  const auto states = messages_->states().value_or(DestinationStates{});
  for (const auto& state : states)
    for (const auto& destination : generation->destinations())
      if (destination.channel == state.channel)
        counters.destinations.push_back({state, destination.sender->statistics()});
  for (const auto& worker : generation->follow_ups()) {
    const auto one = worker->statistics();
    auto& all = counters.follow_ups ? *counters.follow_ups : counters.follow_ups.emplace();
    all.done += one.done;
    all.retried += one.retried;
    all.failed += one.failed;
  }
  counters.follow_ups_left = queries_->follow_ups().value_or(FollowUpCounts{});
  if (resolver_) counters.dns = resolver_->statistics();
  if (domain_checker_) counters.domains = domain_checker_->statistics();
  if (probe_) counters.probe = probe_->statistics();
  counters.objectives = lead_time_watch_->latest();
  counters.started_at = started_at_;
  counters.now = clock_.now();
  return to_text(counters);
}

nlohmann::ordered_json Hub::status() const {
  nlohmann::ordered_json channels = nlohmann::ordered_json::array();
  const auto generation = current_.get();
  for (const auto* channel : generation->active())
    channels.push_back({{"name", channel->name}, {"plugin", channel->plugin}, {"active", true}});
  for (const auto& poller : generation->pollers())
    for (auto& channel : channels)
      if (channel["name"] == poller->name()) channel["poll"] = poll_status(poller->statistics());
  for (const auto& count : queries_->follow_ups().value_or(FollowUpCounts{}))
    for (auto& channel : channels)
      if (channel["name"] == count.channel)
        channel["follow_ups"] = nlohmann::ordered_json{{"waiting", count.waiting}, {"failed", count.failed}};
  if (const auto destinations = messages_->destinations())
    for (const auto& destination : (*destinations)["items"])
      for (auto& channel : channels)
        if (channel["name"] == destination["channel"]) {
          channel["destination"] = destination;
          channel["destination"].erase("channel");
        }
  for (const auto& channel : generation->inactive())
    channels.push_back({{"name", channel.name}, {"active", false}, {"reason", channel.reason}});
  const auto sending = queries_->sending();
  return {{"version", LEADHUB_VERSION},
          {"workspace", config().workspace},
          {"started_at", format_rfc3339(started_at_)},
          {"reloads", reloads_.load()},
          {"edge", edge_url()},
          {"inbox",
           {{"head", inbox_->head()},
            {"cursor", pipeline_->cursor()},
            {"backlog", inbox_->head() - pipeline_->cursor()}}},
          {"sending", sending ? *sending : nlohmann::ordered_json{{"state", "unknown"}}},
          {"channels", channels}};
}

}  // namespace leadhub::app
