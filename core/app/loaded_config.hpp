#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugin/registry.hpp"

namespace leadhub::mail {
class TemplateSet;
}

namespace leadhub::app {

/// A channel that is configured but does not run, and why.
struct InactiveChannel {
  std::string name;
  std::string reason;
};

/// A hub.yaml that was read together with the plugins it can use.
struct LoadedConfig {
  std::unique_ptr<plugin::Registry> registry;
  std::optional<config::Config> config;         ///< missing where there are errors
  std::vector<config::Diagnostic> diagnostics;  ///< errors and notices of file and plugins
  std::vector<const config::Channel*> active;   ///< into `config`
  std::vector<InactiveChannel> inactive;
  std::shared_ptr<const mail::TemplateSet> templates;  ///< null where there is no config
};

/// Where plugins lie beside those that hub.yaml names: next to the program in a build tree, below lib/leadhub
/// in an installation.
[[nodiscard]] std::vector<std::filesystem::path> built_in_plugin_folders();

/// The plugins of hub.yaml's own folders and the built-in ones.
[[nodiscard]] plugin::Registry find_plugins(const std::filesystem::path& hub_file);

/// Reads and checks everything that can be checked without opening the store: the file, each active channel's
/// configuration by its plugin's schema and by the plugin itself, and the templates of mails.
[[nodiscard]] LoadedConfig load(const std::filesystem::path& hub_file);

/// The ids and schemas of the usable plugins.
[[nodiscard]] std::vector<config::PluginSchema> schemas_of(const plugin::Registry& registry);

/// What a channel of a running hub may call its plugin with, or why it does not run.
[[nodiscard]] std::optional<std::string> reason_to_rest(const config::Channel& channel,
                                                        const plugin::Registry& registry);

}  // namespace leadhub::app
