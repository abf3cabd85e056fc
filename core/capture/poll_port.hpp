#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::capture {

/// What one poll found.
struct Poll {
  std::vector<std::string> events;    ///< lead events as JSON documents, not yet checked
  std::optional<std::string> cursor;  ///< where to go on; nullopt: where it was
  /// When to poll again; 0: at once, because there is more. nullopt: as configured.
  std::optional<std::chrono::milliseconds> wait{};
};

/// Why a poll found nothing, and when another may.
struct PollFailure {
  enum class Mending {
    by_itself = 1,  ///< with time
    by_operator,    ///< credentials or configuration must be mended
  };
  Error error;
  Mending mending = Mending::by_itself;
  std::chrono::milliseconds retry_after{0};  ///< not earlier than this from now; 0: as you see fit
};

/// A channel that is asked for its events, wherever its plugin runs. Implemented by the plugin host.
class PollPort {
 public:
  virtual ~PollPort() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;

  /// One call at a time, on any thread. Blocks, up to the deadline and, where the plugin is a bad one,
  /// beyond. `cursor`: what was committed last; empty at the first poll.
  [[nodiscard]] virtual std::expected<Poll, PollFailure> poll(std::string_view cursor,
                                                              TimePoint deadline) = 0;
};

}  // namespace leadhub::capture
