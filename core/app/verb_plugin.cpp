#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/loaded_config.hpp"
#include "app/output.hpp"
#include "app/verbs.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/listing.hpp"

namespace leadhub::app {
namespace {

struct Options {
  std::string config = "hub.yaml";
  std::string file;
  bool as_json = false;
};
Options options;

int list() {
  const auto registry = find_plugins(options.config);
  if (options.as_json)
    print_json(plugin::list_as_json(registry));
  else
    std::cout << plugin::list_as_text(registry);
  return exit_success;
}

/// One plugin file of the folder, to name as an example; empty: there is none.
std::string a_plugin_in(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error})
    if (entry.path().extension() == ".so") return entry.path().string();
  return {};
}

int inspect() {
  std::error_code error;
  if (std::filesystem::is_directory(options.file, error)) {
    const auto file = a_plugin_in(options.file);
    return report({ErrorCode::invalid,
                   options.file + ": this is a folder; " +
                       (file.empty() ? "no plugin lies in it, name a plugin file (.so)"
                                     : "name one plugin file in it: leadhub plugin inspect " + file)});
  }
  const auto descriptor = plugin::read_descriptor(options.file);
  if (!descriptor) return report(descriptor.error());
  if (options.as_json)
    print_json(plugin::inspect_as_json(*descriptor));
  else
    std::cout << plugin::inspect_as_text(*descriptor);
  return exit_success;
}

}  // namespace

void add_plugin(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("plugin", "Look at plugins, without running them");
  verb->require_subcommand(1);

  auto* list_verb =
      verb->add_subcommand("list", "List the plugins that are found, and those that cannot be used");
  list_verb
      ->add_option("-c,--config", options.config,
                   "Whose plugins.search to look in, besides the built-in plugins")
      ->capture_default_str();
  list_verb->add_flag("--json", options.as_json, "Print JSON");
  list_verb->footer("\nExample:\n  leadhub plugin list");
  list_verb->callback([&action] { action = list; });

  auto* inspect_verb =
      verb->add_subcommand("inspect", "Show what a plugin file says about itself; no code of it runs");
  inspect_verb->add_option("FILE", options.file, "The shared object")->required();
  inspect_verb->add_flag("--json", options.as_json, "Print its descriptor as JSON");
  inspect_verb->footer("\nExample:\n  leadhub plugin inspect build/release/plugins/webform.so");
  inspect_verb->callback([&action] { action = inspect; });
}

}  // namespace leadhub::app
