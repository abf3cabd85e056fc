#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/loaded_config.hpp"
#include "app/output.hpp"
#include "app/simulation.hpp"
#include "app/verbs.hpp"
#include "config/units.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

struct SimulateOptions {
  std::string config = "hub.yaml";
  std::string lead;
  std::string until = "42d";
  std::vector<std::string> events;
  bool with_text = false;
  bool as_json = false;
} options;

Result<std::chrono::milliseconds> duration(const std::string& option, const std::string& text) {
  auto parsed = config::parse_duration(text);
  if (!parsed) return fail(ErrorCode::invalid, option + " " + text + ": " + parsed.error().message);
  return *parsed;
}

/// "EVENT@AFTER".
Result<SimulatedEvent> event_of(const std::string& text) {
  const auto at = text.rfind("}@");
  if (at == text.npos)
    return fail(
        ErrorCode::invalid,
        "--event " + text + ": write the event and when it comes: '{\"type\": \"demo.requested\"}@3d'");
  const auto after = duration("--event", text.substr(at + 2));
  if (!after) return std::unexpected(after.error());
  return SimulatedEvent{*after, text.substr(0, at + 1)};
}

Result<SimulationRequest> request_of_options() {
  SimulationRequest request;
  request.lead = options.lead;
  const auto until = duration("--until", options.until);
  if (!until) return std::unexpected(until.error());
  request.until = *until;
  for (const auto& text : options.events) {
    auto event = event_of(text);
    if (!event) return std::unexpected(event.error());
    request.events.push_back(*std::move(event));
  }
  return request;
}

int run() {
  const auto request = request_of_options();
  if (!request) return report(request.error());
  const auto loaded = load(options.config);
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error) std::cerr << config::to_text(diagnostic) << '\n';
  if (!loaded.config) return exit_bad_config;
  log::set_level(log::Level::error);  // what channels say at each start is for whoever serves
  const auto simulation =
      simulate(loaded, hub_files(loaded.config->store.url.location), *request, SystemClock{});
  if (!simulation) return report(simulation.error());
  if (options.as_json)
    print_json(simulation_as_json(*simulation));
  else
    print_simulation(*simulation, options.with_text ? SimulationText::with_mails : SimulationText::steps);
  return exit_success;
}

}  // namespace

void add_simulate(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "simulate", "Show what would happen to a lead from now on, by which a journey can be tried out");
  verb->add_option("--lead", options.lead, "An id, an e-mail address or a phone number")->required();
  verb->add_option("--until", options.until, "How far ahead to look")->capture_default_str();
  verb->add_option("-c,--config", options.config, "The configuration, which may be one that does not run yet")
      ->capture_default_str();
  verb->add_option("--event", options.events,
                   "EVENT@AFTER: what if this came from outside; may be given several times");
  verb->add_flag("--text", options.with_text, "Print what the mails say, too");
  verb->add_flag("--json", options.as_json, "Print JSON");
  verb->footer(
      "\nExamples:\n  leadhub simulate --lead ada.lovelace@example.com --until 42d\n"
      "  leadhub simulate -c new.yaml --lead ada.lovelace@example.com --text "
      "--event '{\"type\": \"demo.requested\"}@3d'\n\n"
      "Nothing is sent, and the hub's store is only read; the hub may be running.");
  verb->callback([&action] { action = run; });
}

}  // namespace leadhub::app
