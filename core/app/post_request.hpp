#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "capture/channel_port.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// A request to /in/<channel> and the events that the channel reads from it.
struct ReadPost {
  capture::HttpRequest request;
  std::vector<std::string> events;
};

/// Posts what a test writes down: as JSON where the channel reads that, else as a form, whose nested members
/// are `outer[inner]` and whose lists are repeated fields. Nobody asks whether the request is authentic.
/// Error: what the channel says to it, as a sentence.
[[nodiscard]] Result<ReadPost> read_post(const capture::ChannelPort& channel,
                                         const nlohmann::ordered_json& content, TimePoint now);

}  // namespace leadhub::app
