#include "plugin/plugin_host.hpp"

#include "plugin/in_process_channel.hpp"
#include "plugin/in_process_chat_transport.hpp"
#include "plugin/in_process_lead_transport.hpp"
#include "plugin/in_process_poller.hpp"
#include "plugin/in_process_transport.hpp"

namespace leadhub::plugin {
namespace {

Result<std::unique_ptr<ChannelInstance>> make_instance(const Registry& registry, const ChannelSpec& channel,
                                                       const HostServices& services) {
  const auto about = [&](const Error& error) {
    return fail(error.code, "channel \"" + channel.name + "\": " + error.message);
  };
  const auto* file = registry.find(channel.plugin);
  if (file == nullptr) return about(registry.missing(channel.plugin));
  const auto module = Module::load(file->path);
  if (!module) return about(module.error());
  return ChannelInstance::create(**module, channel.name, channel.config, services);
}

}  // namespace

Result<std::vector<ConfigDiagnostic>> check_channel_config(const Registry& registry,
                                                           const ChannelSpec& channel,
                                                           const HostServices& services) {
  const auto instance = make_instance(registry, channel, services);
  if (!instance) return std::unexpected(instance.error());
  return (*instance)->check();
}

Result<std::unique_ptr<ChannelInstance>> PluginHost::make_checked_instance(const ChannelSpec& channel) const {
  auto instance = make_instance(registry_, channel, services_);
  if (!instance) return std::unexpected(instance.error());
  const auto diagnostics = (*instance)->check();
  if (!diagnostics) return std::unexpected(diagnostics.error());
  if (!diagnostics->empty()) {
    std::string all = (*instance)->who() + ": its configuration is wrong";
    for (const auto& [pointer, message] : *diagnostics)
      all += "; " + (pointer.empty() ? "config" : pointer) + ": " + message;
    return fail(ErrorCode::invalid, std::move(all));
  }
  return instance;
}

Result<std::shared_ptr<capture::ChannelPort>> PluginHost::make_channel(const ChannelSpec& channel) const {
  auto instance = make_checked_instance(channel);
  if (!instance) return std::unexpected(instance.error());
  return InProcessChannel::make(*std::move(instance));
}

Result<std::unique_ptr<capture::PollPort>> PluginHost::make_poller(const ChannelSpec& channel) const {
  auto instance = make_checked_instance(channel);
  if (!instance) return std::unexpected(instance.error());
  return InProcessPoller::make(*std::move(instance));
}

Result<std::unique_ptr<deliver::MailTransport>> PluginHost::make_transport(const ChannelSpec& channel) const {
  auto instance = make_checked_instance(channel);
  if (!instance) return std::unexpected(instance.error());
  return InProcessTransport::make(*std::move(instance));
}

Result<std::unique_ptr<deliver::ChatTransport>> PluginHost::make_chat_transport(
    const ChannelSpec& channel) const {
  auto instance = make_checked_instance(channel);
  if (!instance) return std::unexpected(instance.error());
  return InProcessChatTransport::make(*std::move(instance));
}

Result<std::unique_ptr<deliver::LeadTransport>> PluginHost::make_lead_transport(
    const ChannelSpec& channel) const {
  auto instance = make_checked_instance(channel);
  if (!instance) return std::unexpected(instance.error());
  return InProcessLeadTransport::make(*std::move(instance));
}

}  // namespace leadhub::plugin
