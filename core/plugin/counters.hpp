#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ops/limits.hpp"

namespace leadhub::plugin {

/// What one channel counts. Thread-safe; counting takes no lock once a name is known.
class ChannelCounters {
 public:
  /// Adds to the counter of that name. Dropped: a name that is not [a-z][a-z0-9_]{0,39}, and the names after
  /// the first limits::plugin_counters_max, so that a plugin cannot flood /metrics.
  void count(std::string_view name, std::uint64_t by);

  struct Value {
    std::string name;
    std::uint64_t value;
  };
  /// In the order in which the names were first used.
  [[nodiscard]] std::vector<Value> values() const;

 private:
  struct Counter {
    std::string name;  // written once, before `used_` tells of it
    std::atomic<std::uint64_t> value{0};
  };
  [[nodiscard]] Counter* find(std::string_view name, std::size_t used);

  std::array<Counter, limits::plugin_counters_max> counters_;
  std::atomic<std::size_t> used_{0};
  std::mutex adding_;
};

/// The counters of all channels. They outlive the channels, so that a reload does not set them back.
/// Thread-safe.
class Counters {
 public:
  /// Those of the channel of that name, made at the first use.
  [[nodiscard]] std::shared_ptr<ChannelCounters> of(std::string_view channel);

  struct Value {
    std::string channel;
    std::string name;  ///< without "leadhub_channel_" and "_total"
    std::uint64_t value;
  };
  /// All of them, by channel.
  [[nodiscard]] std::vector<Value> values() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ChannelCounters>, std::less<>> by_channel_;
};

}  // namespace leadhub::plugin
