#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/output.hpp"
#include "app/plan.hpp"
#include "app/verbs.hpp"
#include "config/units.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

struct PlanOptions {
  std::string next;
  std::string running = "hub.yaml";
  std::string last = "7d";
  std::size_t examples = limits::plan_examples;
  bool as_json = false;
} options;

/// Null where the file has errors, which are printed.
bool load_into(LoadedConfig& loaded, const std::string& file) {
  loaded = load(file);
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error) std::cerr << config::to_text(diagnostic) << '\n';
  return loaded.config.has_value();
}

int run() {
  const auto window = config::parse_duration(options.last);
  if (!window) return report({ErrorCode::invalid, "--last " + options.last + ": " + window.error().message});
  LoadedConfig running;
  LoadedConfig next;
  if (!load_into(running, options.running) || !load_into(next, options.next)) return exit_bad_config;
  log::set_level(log::Level::error);  // what channels say at each start is for whoever serves
  const auto plan = make_plan(running, next, {*window, options.examples}, SystemClock{});
  if (!plan) return report(plan.error());
  if (options.as_json)
    print_json(plan_as_json(*plan));
  else
    std::cout << plan_as_text(*plan);
  return exit_success;
}

}  // namespace

void add_plan(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "plan", "Replay what the hub has recorded with another configuration, and show what would differ");
  verb->add_option("NEW", options.next, "The new configuration")->required();
  verb->add_option("-c,--config", options.running, "The configuration that runs")->capture_default_str();
  verb->add_option("--last", options.last, "How far back to go")->capture_default_str();
  verb->add_option("--examples", options.examples, "How many examples of each change")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{0}, limits::plan_examples_max));
  verb->add_flag("--json", options.as_json, "Print JSON");
  verb->footer("\nExample:\n  leadhub plan new.yaml -c hub.yaml --last 7d");
  verb->callback([&action] { action = run; });
}

}  // namespace leadhub::app
