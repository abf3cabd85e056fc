#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/edge_listener.hpp"
#include "capture/gateway.hpp"
#include "capture/inbox_writer.hpp"
#include "ops/clock.hpp"
#include "pipeline/pipeline.hpp"
#include "plugin/counters.hpp"

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
  TimePoint started_at{};
  TimePoint now{};
};

/// What /metrics answers.
[[nodiscard]] std::string to_text(const HubCounters& counters);

}  // namespace leadhub::app
