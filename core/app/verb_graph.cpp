#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "app/graph.hpp"
#include "app/loaded_config.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

int graph(const std::string& file) {
  const auto loaded = load(file);
  for (const auto& diagnostic : loaded.diagnostics) std::cerr << config::to_text(diagnostic) << '\n';
  if (!loaded.config) return exit_bad_config;
  std::cout << to_mermaid(loaded);
  return exit_success;
}

}  // namespace

void add_graph(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("graph", "Print the whole configuration as a Mermaid flowchart");
  static std::string file = "hub.yaml";
  verb->add_option("FILE", file, "The configuration")->capture_default_str();
  verb->footer("\nExample:\n  leadhub graph examples/hub.yaml > hub.mmd");
  verb->callback([&action] { action = [] { return graph(file); }; });
}

}  // namespace leadhub::app
