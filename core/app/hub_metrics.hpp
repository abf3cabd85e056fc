#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/edge_listener.hpp"
#include "capture/follow_up_worker.hpp"
#include "capture/gateway.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/poller.hpp"
#include "capture/signal_log.hpp"
#include "deliver/sender.hpp"
#include "ops/clock.hpp"
#include "pipeline/pipeline.hpp"
#include "plugin/counters.hpp"
#include "report/objective.hpp"
#include "store/message_reader.hpp"
#include "verify/dns_resolver.hpp"
#include "verify/domain_checker.hpp"
#include "verify/mailbox_probe.hpp"

namespace leadhub::app {

/// The counters of all parts of a hub at one moment.
struct HubCounters {
  capture::EdgeStatistics edge;
  capture::Gateway::Statistics gateway;
  capture::InboxWriter::Statistics inbox;
  pipeline::Statistics pipeline;
  std::int64_t head = 0;
  std::int64_t cursor = 0;
  std::vector<plugin::Counters::Value> channels;
  capture::SignalLog::Statistics signals{};
  std::vector<capture::Poller::Statistics> polls{};
  std::vector<store::InboxReader::FollowUpCount> follow_ups_left{};
  // Of parts that this hub has.
  std::optional<deliver::Sender::Statistics> mails{};
  std::optional<deliver::Sender::Statistics> replies{};
  std::optional<deliver::Sender::Statistics> hand_offs{};
  struct Destination {
    store::DestinationState state;
    deliver::Sender::Statistics sender;
  };
  std::vector<Destination> destinations{};
  struct JourneyMails {
    std::string channel;
    lead::MessageKind kind;
    deliver::Sender::Statistics sender;
  };
  std::vector<JourneyMails> journey_mails{};
  std::optional<capture::FollowUpWorker::Statistics> follow_ups{};
  std::optional<verify::DnsStatistics> dns{};
  std::optional<verify::DomainStatistics> domains{};
  std::optional<verify::MailboxProbeStatistics> probe{};
  std::vector<report::Standing> objectives{};  ///< of lead times
  TimePoint started_at{};
  TimePoint now{};
};

/// What /metrics answers.
[[nodiscard]] std::string to_text(const HubCounters& counters);

}  // namespace leadhub::app
