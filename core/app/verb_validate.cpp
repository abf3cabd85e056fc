#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/loaded_config.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

nlohmann::ordered_json to_json(const config::Diagnostic& diagnostic) {
  return {{"file", diagnostic.file},
          {"line", diagnostic.position.line},
          {"column", diagnostic.position.column},
          {"severity", diagnostic.severity == config::Severity::error ? "error" : "notice"},
          {"message", diagnostic.message}};
}

int validate(const std::vector<std::string>& files, bool as_json) {
  bool good = true;
  auto all = nlohmann::ordered_json::array();
  for (const auto& file : files) {
    const auto loaded = load(file);
    good = good && loaded.config.has_value();
    for (const auto& diagnostic : loaded.diagnostics) {
      if (as_json)
        all.push_back(to_json(diagnostic));
      else
        std::cerr << config::to_text(diagnostic) << '\n';
    }
    if (as_json || !loaded.config) continue;
    std::cout << file << ": valid; " << loaded.active.size() << " active channels, " << loaded.inactive.size()
              << " not active\n";
    for (const auto& channel : loaded.inactive)
      std::cout << "  " << channel.name << ": " << channel.reason << '\n';
  }
  if (as_json) std::cout << nlohmann::ordered_json{{"valid", good}, {"diagnostics", all}}.dump(2) << '\n';
  return good ? exit_success : exit_bad_config;
}

}  // namespace

void add_validate(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("validate",
                                      "Check configurations; exit 0, or 78 with file:line:column messages");
  static std::vector<std::string> files;
  static bool as_json = false;
  verb->add_option("FILE", files, "hub.yaml files")->required();
  verb->add_flag("--json", as_json, "Print the messages as JSON");
  verb->footer("\nExample:\n  leadhub validate examples/hub.yaml");
  verb->callback([&action] { action = [] { return validate(files, as_json); }; });
}

void add_schema(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("schema",
                                      "Print the JSON Schema of hub.yaml, with the installed plugins' parts");
  static std::string file = "hub.yaml";
  static bool as_json = false;
  verb->add_option("-c,--config", file, "Whose plugins.search to look in, besides the built-in plugins")
      ->capture_default_str();
  verb->add_flag("--json", as_json, "The schema is JSON anyway; accepted for uniformity");
  verb->footer(
      "\nExample, for editors with a YAML language server:\n  leadhub schema > hub.schema.json\n"
      "  # yaml-language-server: $schema=hub.schema.json   as the first line of hub.yaml");
  verb->callback([&action] {
    action = [] {
      std::cout << config::composed_schema(schemas_of(find_plugins(file))).dump(2) << '\n';
      return static_cast<int>(exit_success);
    };
  });
}

}  // namespace leadhub::app
