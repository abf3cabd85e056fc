#include "app/loaded_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/mail_templates.hpp"
#include "ops/clock.hpp"
#include "plugin/plugin_host.hpp"

namespace leadhub::app {
namespace {

/// What a plugin may know while it only checks: no key, no counters that anybody reads.
Result<std::string> no_signing_key(std::string_view /*channel*/) {
  return fail(ErrorCode::unavailable, "there is no signing key while a configuration is only checked");
}

void check_channels(LoadedConfig& loaded) {
  const SystemClock clock;
  plugin::Counters counters;
  const plugin::HostServices services{
      clock, counters, LEADHUB_VERSION, loaded.config->public_url, no_signing_key, loaded.config->folder};
  for (const auto* channel : loaded.active) {
    const auto found = plugin::check_channel_config(
        *loaded.registry, {channel->name, channel->plugin, channel->config}, services);
    if (!found) {
      loaded.diagnostics.push_back(loaded.config->channel_error(*channel, "", found.error().message));
      continue;
    }
    for (const auto& fault : *found)
      loaded.diagnostics.push_back(loaded.config->channel_error(*channel, fault.pointer, fault.message));
  }
}

}  // namespace

std::vector<std::filesystem::path> built_in_plugin_folders() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const auto prefix = program.parent_path().parent_path();
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : {prefix / "plugins", prefix / LEADHUB_LIBRARY_FOLDER / "leadhub" / "plugins"})
    if (std::filesystem::is_directory(folder, error)) folders.push_back(folder);
  return folders;
}

plugin::Registry find_plugins(const std::filesystem::path& hub_file) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  // A folder of the file that is not there is no fault: the example names one for whoever adds a plugin.
  for (auto& folder : config::plugin_search_path(hub_file, config::process_environment()))
    if (std::filesystem::exists(folder, error)) folders.push_back(std::move(folder));
  for (auto& folder : built_in_plugin_folders()) folders.push_back(std::move(folder));
  return plugin::Registry::search(folders);
}

std::vector<config::PluginSchema> schemas_of(const plugin::Registry& registry) {
  std::vector<config::PluginSchema> schemas;
  for (const auto& file : registry.files())
    if (file.state == plugin::PluginFile::State::usable)
      schemas.push_back({file.descriptor->id, file.descriptor->config_schema, file.descriptor->delivers});
  return schemas;
}

std::optional<std::string> reason_to_rest(const config::Channel& channel, const plugin::Registry& registry) {
  if (channel.state == config::ChannelState::disabled) return "enabled is false";
  const auto* file = registry.find(channel.plugin);
  if (file == nullptr) return registry.missing(channel.plugin).message;
  const auto document = nlohmann::json::parse(channel.config, nullptr, false);
  const auto& announced = file->descriptor->announced_providers;
  for (const auto* key : {"provider", "transport"}) {
    const auto choice = document.is_object() && document.contains(key) && document.at(key).is_string()
                            ? document.at(key).get<std::string>()
                            : std::string{};
    if (std::ranges::find(announced, choice) != announced.end())
      return "the " + std::string{key} + " \"" + choice + "\" of \"" + channel.plugin +
             "\" is not part of this version";
  }
  return std::nullopt;
}

LoadedConfig load(const std::filesystem::path& hub_file) {
  LoadedConfig loaded;
  loaded.registry = std::make_unique<plugin::Registry>(find_plugins(hub_file));
  auto result = config::load_config(hub_file, config::process_environment(), schemas_of(*loaded.registry));
  loaded.diagnostics = std::move(result.diagnostics);
  loaded.config = std::move(result.config);
  if (!loaded.config) return loaded;
  for (const auto& channel : loaded.config->channels) {
    if (auto reason = reason_to_rest(channel, *loaded.registry))
      loaded.inactive.push_back({channel.name, std::move(*reason)});
    else
      loaded.active.push_back(&channel);
  }
  check_channels(loaded);
  load_templates(loaded);
  loaded.diagnostics = config::arranged(std::move(loaded.diagnostics));
  if (config::has_errors(loaded.diagnostics)) {
    loaded.active.clear();
    loaded.templates.reset();
    loaded.config.reset();
  }
  return loaded;
}

}  // namespace leadhub::app
