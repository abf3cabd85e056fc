#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

HubOptions options;

int switch_sending(const std::string& path) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto sending = client->post(path, nlohmann::ordered_json::object());
  if (!sending) return report(sending.error());
  if (options.as_json) {
    print_json(*sending);
  } else if (sending->contains("status")) {
    std::cout << "logged; it is done when the pipeline has caught up\n";
  } else {
    std::cout << "sending: " << cell(*sending, "state") << '\n';
  }
  return exit_success;
}

}  // namespace

void add_sending(CLI::App& program, Action& action) {
  auto* sending = program.add_subcommand("sending", "Pause and resume the sending of mails");
  sending->require_subcommand(1);
  const auto add = [&](const char* name, const char* text) {
    auto* verb = sending->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub sending "} + name);
    verb->callback([&action, path = std::string{"/api/v1/sending/"} + name] {
      action = [path] { return switch_sending(path); };
    });
  };
  add("pause", "Let no mail leave; what is to be sent waits");
  add("resume", "Let mails leave again; a restored hub waits for this");
}

}  // namespace leadhub::app
