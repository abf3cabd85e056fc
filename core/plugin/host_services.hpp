#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "outbound/http_client.hpp"
#include "plugin/channel_memory.hpp"
#include "plugin/counters.hpp"

namespace leadhub::plugin {

/// What the program gives to the plugin host. Everything it refers to outlives every channel.
struct HostServices {
  const Clock& clock;
  Counters& counters;
  std::string version;     ///< leadhub's own, "0.1.0"
  std::string public_url;  ///< of hub.yaml, without trailing slash
  /// 32 bytes of key material for the channel of that name, the same after every restart. Called when a
  /// plugin first asks, from any thread; an error reaches the plugin as `unavailable`.
  std::function<Result<std::string>(std::string_view channel)> signing_key;
  std::filesystem::path folder = {};     ///< of hub.yaml, absolute: where relative paths of channels start
  outbound::HttpClient* http = nullptr;  ///< null: channels are only checked
  std::vector<outbound::Origin> egress = {};    ///< plugins.egress of hub.yaml
  ChannelMemory* memory = nullptr;              ///< null: channels are only checked
  const std::atomic<bool>* stopping = nullptr;  ///< whether the program is about to end; null: only checked
};

}  // namespace leadhub::plugin
