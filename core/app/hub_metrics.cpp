#include "app/hub_metrics.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "ops/metrics.hpp"

namespace leadhub::app {
namespace {

using ops::Metric;
using Labels = std::vector<std::pair<std::string, std::string>>;

class List {
 public:
  template <class Number>
  void counter(std::string name, std::string help, Number value, Labels labels = {}) {
    add(std::move(name), std::move(help), Metric::Kind::counter, static_cast<double>(value),
        std::move(labels));
  }
  template <class Number>
  void gauge(std::string name, std::string help, Number value, Labels labels = {}) {
    add(std::move(name), std::move(help), Metric::Kind::gauge, static_cast<double>(value), std::move(labels));
  }
  [[nodiscard]] const std::vector<Metric>& metrics() const { return metrics_; }

 private:
  void add(std::string name, std::string help, Metric::Kind kind, double value, Labels labels) {
    metrics_.push_back({"leadhub_" + std::move(name), std::move(help), kind, value, std::move(labels)});
  }
  std::vector<Metric> metrics_;
};

void add_edge(List& list, const capture::EdgeStatistics& edge) {
  list.gauge("edge_connections", "Open connections.", edge.connections_open);
  list.counter("edge_connections_total", "Connections taken.", edge.connections_accepted);
  list.counter("edge_requests_total", "Requests with a good head.", edge.requests);
  for (std::size_t hundreds = 1; hundreds < edge.answers.size(); ++hundreds)
    list.counter("edge_answers_total", "Answers by class of status.", edge.answers[hundreds],
                 {{"status", std::to_string(hundreds) + "xx"}});
  for (std::size_t why = 0; why < edge.refusals.size(); ++why)
    list.counter("edge_refusals_total", "Connections and requests turned away by the edge.",
                 edge.refusals[why],
                 {{"reason", std::string{capture::name_of(static_cast<capture::EdgeRefusal>(why))}}});
  list.counter("edge_received_bytes_total", "Bytes of HTTP received.", edge.bytes_received);
  list.counter("edge_sent_bytes_total", "Bytes of HTTP sent.", edge.bytes_sent);
}

void add_capture(List& list, const capture::Gateway::Statistics& gateway) {
  for (const auto& [outcome, value] :
       {std::pair{"accepted", gateway.accepted}, std::pair{"answered", gateway.answered},
        std::pair{"refused", gateway.refused}, std::pair{"held", gateway.held},
        std::pair{"unreadable", gateway.unreadable}, std::pair{"unknown_path", gateway.unknown_path},
        std::pair{"unavailable", gateway.unavailable}, std::pair{"plugin_error", gateway.plugin_errors}})
    list.counter("capture_requests_total", "What became of requests.", value, {{"outcome", outcome}});
}

void add_inbox(List& list, const HubCounters& counters) {
  const auto& inbox = counters.inbox;
  list.counter("inbox_committed_entries_total", "Entries on disk.", inbox.committed_entries);
  list.counter("inbox_duplicates_total", "Requests whose events were known.", inbox.duplicates);
  list.counter("inbox_conflicts_total", "Known keys with another content, kept for review.", inbox.conflicts);
  list.counter("inbox_commits_total", "Transactions.", inbox.commits);
  list.counter("inbox_commit_seconds_total", "Time spent in transactions.",
               static_cast<double>(inbox.commit_microseconds) / 1e6);
  list.counter("inbox_refused_total", "Entries refused with 503.", inbox.refused_full,
               {{"reason", "queue_full"}});
  list.counter("inbox_refused_total", "Entries refused with 503.", inbox.refused_failed,
               {{"reason", "disk"}});
  list.counter("inbox_purged_entries_total", "Entries let go after store.keep_raw.", inbox.purged);
  list.gauge("inbox_queued_entries", "Entries waiting for the disk.", inbox.queued_entries);
  list.gauge("inbox_head", "Number of the latest entry.", counters.head);
}

void add_polls(List& list, const HubCounters& counters) {
  for (const auto& poll : counters.polls) {
    const std::pair<std::string, std::string> channel{"channel", poll.channel};
    for (const auto& [outcome, value] :
         {std::pair{"succeeded", poll.polls}, std::pair{"failed", poll.failures},
          std::pair{"put_off", poll.put_off}})
      list.counter("polls_total", "Polls by outcome.", value, {channel, {"outcome", outcome}});
    list.counter("polled_events_total", "Events that polls found, those that were known included.",
                 poll.events, {channel});
    list.counter("polled_unreadable_total", "Of what polls found, no events; kept for review.",
                 poll.unreadable, {channel});
    const auto since = poll.succeeded_at.value_or(counters.started_at);
    list.gauge("poll_success_age_seconds", "Time since a poll last succeeded, or since the start.",
               std::chrono::duration<double>(counters.now - since).count(), {channel});
  }
}

void add_pipeline(List& list, const HubCounters& counters) {
  list.gauge("pipeline_cursor", "Number of the last entry whose effects are on disk.", counters.cursor);
  list.gauge("pipeline_backlog", "Entries that wait for the pipeline.", counters.head - counters.cursor);
  list.counter("pipeline_batches_total", "Batches.", counters.pipeline.batches);
  list.counter("pipeline_events_total", "Events by what became of them.", counters.pipeline.applied_events,
               {{"outcome", "applied"}});
  list.counter("pipeline_events_total", "Events by what became of them.",
               counters.pipeline.quarantined_events, {{"outcome", "quarantined"}});
}

void add_senders(List& list, const HubCounters& counters) {
  const auto add = [&](const char* name, const char* help, const deliver::Sender::Statistics& sender,
                       const Labels& more = {}) {
    for (const auto& [outcome, value] :
         {std::pair{"sent", sender.sent}, std::pair{"failed", sender.failed},
          std::pair{"retried", sender.retried}, std::pair{"withheld", sender.withheld},
          std::pair{"unknown", sender.unknown}}) {
      auto labels = more;
      labels.emplace_back("outcome", outcome);
      list.counter(name, help, value, labels);
    }
  };
  if (counters.mails) add("mails_total", "Attempts to hand a mail over, by outcome.", *counters.mails);
  if (counters.replies)
    add("chat_replies_total", "Attempts to hand a chat reply over, by outcome.", *counters.replies);
  if (counters.hand_offs)
    add("hand_offs_total", "Attempts to tell the team of a lead, by outcome.", *counters.hand_offs);
  for (const auto& [channel, kind, sender] : counters.journey_mails)
    add("journey_mails_total", "Attempts to hand a mail of a journey over, by outcome.", sender,
        {{"channel", channel}, {"kind", std::string{to_string(kind)}}});
  for (const auto& [state, sender] : counters.destinations) {
    const Labels channel{{"channel", state.channel}};
    add("deliveries_total", "Attempts to bring a lead to a destination, by outcome.", sender, channel);
    list.gauge("destination_waiting", "Messages that wait for a destination.", state.waiting, channel);
    list.gauge("destination_disabled", "1 where a destination has said never to come again.",
               state.disabled ? 1 : 0, channel);
  }
}

void add_signals(List& list, const capture::SignalLog::Statistics& signals) {
  for (const auto& [trust, value] : {std::pair{"human", signals.human}, std::pair{"scanner", signals.scanner},
                                     std::pair{"unknown", signals.unknown}})
    list.counter("mail_signals_total", "Opens and clicks of mails, by who caused them.", value,
                 {{"trust", trust}});
  list.counter("mail_signals_dropped_total", "Opens and clicks for which there was no room.",
               signals.dropped);
  list.gauge("mail_signals_held", "Opens and clicks that are about to be judged.", signals.held);
}

void add_follow_ups(List& list, const HubCounters& counters) {
  for (const auto& left : counters.follow_ups_left)
    for (const auto& [state, value] : {std::pair{"waiting", left.waiting}, std::pair{"failed", left.failed}})
      list.gauge("follow_ups_left", "Requests that wait to be followed up, or were given up.", value,
                 {{"channel", left.channel}, {"state", state}});
  if (!counters.follow_ups) return;
  const auto& follow_ups = *counters.follow_ups;
  for (const auto& [outcome, value] :
       {std::pair{"done", follow_ups.done}, std::pair{"retried", follow_ups.retried},
        std::pair{"failed", follow_ups.failed}})
    list.counter("follow_ups_total", "Requests followed up, by outcome.", value, {{"outcome", outcome}});
}

void add_verification(List& list, const HubCounters& counters) {
  if (const auto& dns = counters.dns) {
    list.counter("dns_questions_total", "Questions to name servers.", dns->asked);
    list.counter("dns_unanswered_total", "Questions without a usable answer.", dns->timed_out,
                 {{"reason", "timeout"}});
    list.counter("dns_unanswered_total", "Questions without a usable answer.", dns->failed,
                 {{"reason", "failure"}});
    list.gauge("dns_questions_waiting", "Questions that wait for their turn.", dns->waiting);
  }
  if (const auto& domains = counters.domains) {
    list.counter("domain_checks_total", "Domains of e-mail addresses that were looked at.", domains->asked);
    list.counter("domain_cache_hits_total", "Of those, answered from the cache.", domains->cache_hits);
    list.gauge("domains_cached", "Domains in the cache.", domains->cached);
  }
  if (const auto& probe = counters.probe) {
    list.counter("mailbox_probes_total", "Mailboxes that mail servers were asked about.", probe->asked);
    list.counter("mailbox_probe_timeouts_total", "Of those, without an answer in time.", probe->timed_out);
  }
}

void add_objectives(List& list, const HubCounters& counters) {
  const auto each = [&](const char* name, const char* help, const auto& value_of) {
    for (const auto& standing : counters.objectives)
      if (const std::optional<double> value = value_of(standing))
        list.gauge(name, help, *value, {{"channel", standing.objective.channel}});
  };
  using Seconds = std::chrono::duration<double>;
  each("lead_time_objective_missed", "1: the leads of the channel take longer than report.objectives says.",
       [](const report::Standing& standing) { return std::optional{standing.is_missed ? 1.0 : 0.0}; });
  each("lead_time_objective_seconds", "The lead time that the objective allows.",
       [](const report::Standing& standing) {
         return std::optional{Seconds{standing.objective.lead_time}.count()};
       });
  each("lead_time_seconds", "The lead time within which the objective's share of the last 30 days converted.",
       [](const report::Standing& standing) {
         return standing.lead_time ? std::optional{Seconds{*standing.lead_time}.count()} : std::nullopt;
       });
  each("lead_time_stalled_seconds", "How long nobody of the channel has converted though leads wait.",
       [](const report::Standing& standing) {
         return standing.stalled_for ? std::optional{Seconds{*standing.stalled_for}.count()} : std::nullopt;
       });
}

void add_channels(List& list, std::vector<plugin::Counters::Value> values) {
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& left, const auto& right) { return left.name < right.name; });
  for (const auto& value : values)
    list.counter("channel_" + value.name + "_total", "Counted by the channel's plugin.", value.value,
                 {{"channel", value.channel}});
}

double resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::string to_text(const HubCounters& counters) {
  List list;
  list.gauge("info", "The running version.", 1, {{"version", LEADHUB_VERSION}});
  list.gauge("uptime_seconds", "Time since the start.",
             std::chrono::duration<double>(counters.now - counters.started_at).count());
  list.gauge("resident_bytes", "Resident memory.", resident_bytes());
  add_edge(list, counters.edge);
  add_capture(list, counters.gateway);
  add_inbox(list, counters);
  add_polls(list, counters);
  add_pipeline(list, counters);
  add_senders(list, counters);
  add_signals(list, counters.signals);
  add_follow_ups(list, counters);
  add_verification(list, counters);
  add_objectives(list, counters);
  add_channels(list, counters.channels);
  return ops::to_prometheus_text(list.metrics());
}

}  // namespace leadhub::app
