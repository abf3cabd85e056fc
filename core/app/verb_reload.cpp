#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

HubOptions options;

int reload() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto done = client->post("/api/v1/reload", nlohmann::ordered_json::object());
  if (!done && done.error().code == ErrorCode::invalid) {
    std::cerr << done.error().message << "\nNothing has changed: the hub goes on as it was.\n";
    return exit_bad_config;
  }
  if (!done) return report(done.error());
  if (options.as_json) {
    print_json(*done);
    return exit_success;
  }
  for (const auto& notice : done->at("notices")) std::cerr << notice.get<std::string>() << '\n';
  std::cout << "The new configuration is in force.\n";
  return exit_success;
}

}  // namespace

void add_reload(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "reload", "Have the running hub read its configuration again; on any error it keeps the old one");
  add_hub_options(*verb, options);
  verb->footer("\nExample:\n  leadhub validate hub.yaml && leadhub reload -c hub.yaml");
  verb->callback([&action] { action = reload; });
}

}  // namespace leadhub::app
