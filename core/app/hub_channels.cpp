// Which channels a hub has: made by what their plugins' descriptors say that they are for.
#include <algorithm>
#include <utility>

#include "app/composition.hpp"
#include "app/hub.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "outbound/curl_http_client.hpp"
#include "plugin/plugin_host.hpp"

namespace leadhub::app {

void Channels::add(std::shared_ptr<capture::ChannelPort> channel) {
  auto name = channel->name();
  by_name_.insert_or_assign(std::move(name), std::move(channel));
}

std::shared_ptr<capture::ChannelPort> Channels::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

/// What the plugin of that channel signs with.
std::string Hub::channel_key(std::string_view channel) const {
  return keys_->signing_key("channel/" + std::string{channel});
}

Result<void> Hub::make_channels() {
  http_ = std::make_unique<outbound::CurlHttpClient>("leadhub/" LEADHUB_VERSION, clock_);
  memory_ = std::make_unique<StoredMemory>(
      [this](pipeline::Pipeline::StoreTask task) { return pipeline_->between_batches(std::move(task)); },
      clock_);
  auto egress = egress_of(config());
  if (!egress) return std::unexpected(egress.error());
  plugin_services_ = std::make_unique<plugin::HostServices>(plugin::HostServices{
      clock_, plugin_counters_, LEADHUB_VERSION, config().public_url,
      [this](std::string_view channel) -> Result<std::string> { return channel_key(channel); },
      config().folder, http_.get(), *std::move(egress), memory_.get()});
  const plugin::PluginHost host{*loaded_.registry, *plugin_services_};
  for (const auto* channel : loaded_.active) {
    if (const auto made = make_channel(host, *channel); !made) {
      // One broken channel must not take the others down with it.
      log::error("channels", made.error().message);
      loaded_.inactive.push_back({channel->name, made.error().message});
    }
  }
  std::erase_if(loaded_.active, [this](const config::Channel* channel) {
    return !captures(channel->name) && !mail_transports_.contains(channel->name) && !is_polled(channel->name);
  });
  pipeline_->start();
  return {};
}

bool Hub::is_polled(std::string_view channel) const {
  return std::ranges::any_of(pollers_, [&](const auto& poller) { return poller->name() == channel; });
}

Result<std::unique_ptr<capture::Poller>> Hub::make_poller(const plugin::PluginHost& host,
                                                          const config::Channel& channel) {
  if (pollers_.size() == limits::polled_channels_max)
    return fail(ErrorCode::invalid, "channel \"" + channel.name + "\": at most " +
                                        std::to_string(limits::polled_channels_max) +
                                        " channels are polled; take one out");
  auto port = host.make_poller({channel.name, channel.plugin, channel.config});
  if (!port) return std::unexpected(port.error());
  auto inbox = store::InboxReader::open(files_.inbox, inbox_workspace_);
  if (!inbox) return std::unexpected(inbox.error());
  return std::make_unique<capture::Poller>(
      capture::Poller::Ports{*std::move(port), *std::move(inbox), [this] { return is_overloaded(); }},
      *inbox_, event_rules(*keys_), channel.poll_every.value_or(limits::poll_every), clock_);
}

/// What the plugin's roles say that the channel is for; whatever is neither polled nor delivers mail has to
/// capture over HTTP.
Result<void> Hub::make_channel(const plugin::PluginHost& host, const config::Channel& channel) {
  const auto& roles = loaded_.registry->find(channel.plugin)->descriptor->roles;
  const auto has = [&](std::string_view role) { return std::ranges::find(roles, role) != roles.end(); };
  if (auto made = make_transports(host, channel); !made) return made;
  std::unique_ptr<capture::Poller> poller;
  if (has("capture.poll")) {
    auto made = make_poller(host, channel);
    if (!made) return std::unexpected(made.error());
    poller = *std::move(made);
  }
  if (has("capture.http") || (!mail_transports_.contains(channel.name) && !poller)) {
    auto made = host.make_channel({channel.name, channel.plugin, channel.config});
    if (!made) {
      chat_transports_.erase(channel.name);  // nobody could write what it would answer
      return std::unexpected(made.error());
    }
    channels_.add(*std::move(made));
  }
  if (poller) pollers_.push_back(std::move(poller));
  return {};
}

Result<void> Hub::make_transports(const plugin::PluginHost& host, const config::Channel& channel) {
  const plugin::ChannelSpec spec{channel.name, channel.plugin, channel.config};
  const auto& delivers = loaded_.registry->find(channel.plugin)->descriptor->delivers;
  const auto has = [&](std::string_view kind) { return std::ranges::find(delivers, kind) != delivers.end(); };
  if (has("mail")) {
    auto made = host.make_transport(spec);
    if (!made) return std::unexpected(made.error());
    mail_transports_.emplace(channel.name, *std::move(made));
  }
  if (has("chat")) {
    auto made = host.make_chat_transport(spec);
    if (!made) return std::unexpected(made.error());
    if (*made) chat_transports_.emplace(channel.name, *std::move(made));
  }
  return {};
}

}  // namespace leadhub::app
