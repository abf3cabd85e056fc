#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::plugin {

/// Where channels remember things between calls and starts: leadhub.host.kv. Implemented over the store.
/// Thread-safe. Keys and values are bounded by limits.hpp; whoever calls has checked them.
class ChannelMemory {
 public:
  ChannelMemory() = default;
  ChannelMemory(const ChannelMemory&) = delete;
  ChannelMemory& operator=(const ChannelMemory&) = delete;
  virtual ~ChannelMemory() = default;

  /// nullopt where there is none, or where it has expired.
  [[nodiscard]] virtual Result<std::optional<std::string>> get(const std::string& channel,
                                                               const std::string& key) = 0;
  /// Durable when it returns. Error `invalid` where the channel keeps too many keys.
  [[nodiscard]] virtual Result<void> put(const std::string& channel, const std::string& key,
                                         const std::string& value, std::optional<TimePoint> expires) = 0;
  [[nodiscard]] virtual Result<void> erase(const std::string& channel, const std::string& key) = 0;
};

}  // namespace leadhub::plugin
