#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lead/message.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {

/// What a pause holds: everything, what leaves by one channel, one journey, or one broadcast.
struct PauseScope {
  enum class Of { hub = 1, channel, journey, broadcast };
  Of of = Of::hub;
  std::string name{};  ///< of the channel, journey or broadcast

  friend bool operator==(const PauseScope&, const PauseScope&) = default;
};

/// "hub", "channel/mail", "journey/welcome", "broadcast/spring".
[[nodiscard]] std::string to_string(const PauseScope& scope);
/// nullopt: not such a text.
[[nodiscard]] std::optional<PauseScope> pause_scope_from(std::string_view text);

/// While sending is paused, messages are written to the outbox and stay there. Those who are on a journey
/// that is paused stay at their step.
struct Pause {
  PauseScope scope;
  std::string reason;  ///< "operator"; "restored": this store is a copy, and the original may have gone on
                       ///< sending; else a sentence of whoever paused it
  TimePoint since{};
};

/// `via`: the channel by which it leaves.
[[nodiscard]] bool holds(const PauseScope& scope, const Message& message, std::string_view via);

/// An entry of the log pauses sending, or lifts the pauses of that scope before it.
struct SendingSwitch {
  enum class To { paused = 1, on };
  To to = To::paused;
  PauseScope scope{};
  std::string reason{};  ///< of a pause
  std::int64_t seq = 0;
  TimePoint at{};
};

}  // namespace leadhub::lead
