#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/channel_port.hpp"
#include "capture/poll_port.hpp"
#include "deliver/chat_transport.hpp"
#include "deliver/lead_transport.hpp"
#include "deliver/mail_transport.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/host_services.hpp"
#include "plugin/registry.hpp"

namespace leadhub::plugin {

/// A channel of hub.yaml as the plugin host needs it.
struct ChannelSpec {
  std::string name;    ///< "website"
  std::string plugin;  ///< "webform"
  std::string
      config;  ///< JSON, valid by the plugin's config_schema, secrets resolved; defaults need not be there
};

/// What the plugin says about a channel's configuration beyond its schema, for `leadhub validate`. Loads the
/// plugin and makes an instance, but does not activate it, so nothing outside is reached. Empty: nothing is
/// wrong. Error: there is no such plugin, or it cannot be loaded, or it failed.
[[nodiscard]] Result<std::vector<ConfigDiagnostic>> check_channel_config(const Registry& registry,
                                                                         const ChannelSpec& channel,
                                                                         const HostServices& services);

/// Makes the channels that `serve` runs. Thread-safe. `registry` and `services` outlive it and its channels.
class PluginHost {
 public:
  PluginHost(const Registry& registry, const HostServices& services)
      : registry_(registry), services_(services) {}

  /// Loads the plugin where it is not loaded yet, creates the channel, checks its configuration and activates
  /// it. Error: one sentence (with every diagnostic of the plugin's check in it), naming the channel; other
  /// channels are not touched by it. The channel is deactivated and destroyed with the last pointer to it.
  [[nodiscard]] Result<std::shared_ptr<capture::ChannelPort>> make_channel(const ChannelSpec& channel) const;

  /// The same for a channel that is asked for its events: an instance of its own.
  [[nodiscard]] Result<std::unique_ptr<capture::PollPort>> make_poller(const ChannelSpec& channel) const;

  /// The same for a channel by which mails leave: an instance of its own, even where the plugin captures too.
  /// Error also where the channel does not deliver.
  [[nodiscard]] Result<std::unique_ptr<deliver::MailTransport>> make_transport(
      const ChannelSpec& channel) const;

  /// The same for a chat. Null where this very channel only listens: which of a plugin's chats answer is for
  /// its configuration to decide.
  [[nodiscard]] Result<std::unique_ptr<deliver::ChatTransport>> make_chat_transport(
      const ChannelSpec& channel) const;

  /// The same for a destination of leads. Error also where the channel does not deliver.
  [[nodiscard]] Result<std::unique_ptr<deliver::LeadTransport>> make_lead_transport(
      const ChannelSpec& channel) const;

 private:
  [[nodiscard]] Result<std::unique_ptr<ChannelInstance>> make_checked_instance(
      const ChannelSpec& channel) const;

  const Registry& registry_;
  const HostServices& services_;
};

}  // namespace leadhub::plugin
