#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadhub::lead {

/// Names one event of the log: the inbox entry's sequence number and the event's place in it, from 0.
struct EventReference {
  std::int64_t seq = 0;
  std::int32_t index = 0;
  friend auto operator<=>(const EventReference&, const EventReference&) = default;
};
/// "17.0"
[[nodiscard]] std::string to_string(EventReference reference);
/// nullopt where the text is no reference.
[[nodiscard]] std::optional<EventReference> reference_from(std::string_view text);

}  // namespace leadhub::lead
