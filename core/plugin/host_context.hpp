#pragma once

#include <leadhub/abi.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "outbound/egress_rules.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_config.hpp"

namespace leadhub::plugin {

/// The host as one channel instance sees it: the leadhub_host with log, clock, secrets, metrics, HTTP
/// client and memory. What the
/// plugin calls runs here; nothing of it throws, and all of it is thread-safe. Neither copied nor moved,
/// because the plugin holds its address.
class HostContext {
 public:
  /// `hosts`: capabilities.hosts of the plugin. The hosts of config.egress count as such for this channel.
  HostContext(std::string channel, PluginConfig config, std::vector<std::string> hosts,
              const HostServices& services);
  HostContext(const HostContext&) = delete;
  HostContext& operator=(const HostContext&) = delete;

  [[nodiscard]] const leadhub_host* host() const { return &host_; }
  [[nodiscard]] const std::string& channel() const { return channel_; }
  [[nodiscard]] const std::string& config() const { return config_.document; }
  [[nodiscard]] const HostServices& services() const { return services_; }
  /// Where it may send requests.
  [[nodiscard]] const outbound::EgressRules& egress() const { return egress_; }

  /// The text without this channel's secrets: for everything a plugin says that is shown or logged.
  [[nodiscard]] std::string redacted(std::string text) const;

  void log(std::int32_t level, leadhub_string message) const;
  void count(leadhub_string name, std::uint64_t by) const;
  void count_request(bool is_answered) const;
  /// The value of a secret; not_found names what was asked for.
  [[nodiscard]] Result<std::string> secret(leadhub_string name) const;

 private:
  std::string channel_;
  PluginConfig config_;
  const HostServices& services_;
  outbound::EgressRules egress_;
  std::shared_ptr<ChannelCounters> counters_;
  leadhub_host host_{};
};

}  // namespace leadhub::plugin
