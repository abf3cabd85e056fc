#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

struct Options : HubOptions {
  std::string journey, via, broadcast;
};
Options options;

/// Empty: everything.
std::string scope() {
  for (const auto& [of, name] : {std::pair{"journey/", &options.journey},
                                 {"channel/", &options.via},
                                 {"broadcast/", &options.broadcast}})
    if (!name->empty()) return of + *name;
  return {};
}

int print(const nlohmann::ordered_json& sending, const std::string& words) {
  if (options.as_json)
    print_json(sending);
  else if (sending.contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    std::cout << words << '\n';
  return exit_success;
}

enum class To { paused = 1, on };

int switch_sending(To to) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto of = scope();
  const auto body = of.empty() ? nlohmann::ordered_json::object() : nlohmann::ordered_json{{"scope", of}};
  const auto sending =
      client->post(to == To::paused ? "/api/v1/sending/pause" : "/api/v1/sending/resume", body);
  if (!sending) return report(sending.error());
  return print(*sending, (of.empty() ? "sending" : of) + (to == To::paused ? ": paused" : ": on"));
}

int show() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto sending = client->get("/api/v1/sending");
  if (!sending) return report(sending.error());
  print(*sending, "sending: " + cell(*sending, "state"));
  std::vector<std::vector<std::string>> rows;
  for (const auto& pause : (*sending)["pauses"])
    rows.push_back({cell(pause, "scope"), cell(pause, "since"), cell(pause, "reason")});
  if (!rows.empty() && !options.as_json) print_table({"PAUSED", "SINCE", "WHY"}, rows);
  return exit_success;
}

}  // namespace

void add_sending(CLI::App& program, Action& action) {
  auto* sending = program.add_subcommand(
      "sending", "Pause and resume the sending of mails: as a whole, of a channel, a journey, a broadcast");
  sending->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* example) {
    auto* verb = sending->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub sending "} + example);
    return verb;
  };
  const auto add_switch = [&](To to, const char* name, const char* text, const char* example) {
    auto* verb = add(name, text, example);
    auto* scopes = verb->add_option_group("scope", "What it is for; everything, unless told");
    scopes->add_option("--journey", options.journey, "This journey: its mails wait, and nobody takes a step");
    scopes->add_option("--via", options.via, "What leaves by this channel");
    scopes->add_option("--broadcast", options.broadcast, "This broadcast");
    scopes->require_option(0, 1);
    verb->callback([&action, to] { action = [to] { return switch_sending(to); }; });
  };
  add_switch(To::paused, "pause", "Let no mail leave; what is to be sent waits", "pause --journey welcome");
  add_switch(To::on, "resume", "Let mails leave again; a restored hub waits for this", "resume");
  add("show", "What is paused, since when and why", "show")->callback([&action] { action = show; });
}

}  // namespace leadhub::app
