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

struct Options : HubOptions {
  std::string id, state, kind, via, cursor, as;
  int limit = 50;
  bool all = false;
};
Options options;

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  auto path = "/api/v1/messages?limit=" + std::to_string(options.limit);
  for (const auto& [name, value] : {std::pair{"state", &options.state},
                                    {"kind", &options.kind},
                                    {"via", &options.via},
                                    {"cursor", &options.cursor}})
    if (!value->empty()) path += std::string{"&"} + name + "=" + control::percent_encoded(*value);
  const auto page = client->get(path);
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& message : (*page)["items"])
    rows.push_back({cell(message, "id"), cell(message, "created_at"), cell(message, "kind"),
                    cell(message, "channel"), cell(message, "state"), cell(message, "attempts"),
                    cell(message, "detail")});
  print_table({"MESSAGE", "CREATED", "KIND", "VIA", "STATE", "TRIES", "DETAIL"}, rows);
  if (!(*page)["next"].is_null()) std::cerr << "more: --cursor " << cell(*page, "next") << '\n';
  return exit_success;
}

int show() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto message = client->get("/api/v1/messages/" + control::percent_encoded(options.id));
  if (!message) return report(message.error());
  print_json(*message);
  return exit_success;
}

int destinations() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto list = client->get("/api/v1/destinations");
  if (!list) return report(list.error());
  if (options.as_json) {
    print_json(*list);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : (*list)["items"])
    rows.push_back({cell(one, "channel"), cell(one, "state"), cell(one, "waiting"), cell(one, "failed"),
                    one.contains("reason") ? cell(one, "reason") : ""});
  print_table({"DESTINATION", "STATE", "WAITING", "FAILED", "WHY"}, rows);
  return exit_success;
}

int redrive() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto state = client->post("/api/v1/messages/redrive", {{"via", options.via}});
  if (!state) return report(state.error());
  if (options.as_json)
    print_json(*state);
  else if (state->contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    std::cout << cell(*state, "channel") << ": " << cell(*state, "waiting") << " on their way, "
              << cell(*state, "failed") << " failed\n";
  return exit_success;
}

/// What was asked for, of one message.
Result<nlohmann::ordered_json> settle_one(control::Client& client, const std::string& id) {
  return client.post("/api/v1/messages/" + control::percent_encoded(id) + "/settle", {{"as", options.as}});
}

/// Every message that is unknown now, or those of a channel.
int settle_all(control::Client& client) {
  std::int64_t count = 0;
  std::string cursor;
  do {
    auto path = std::string{"/api/v1/messages?state=unknown&limit=500"};
    if (!options.via.empty()) path += "&via=" + control::percent_encoded(options.via);
    if (!cursor.empty()) path += "&cursor=" + control::percent_encoded(cursor);
    const auto page = client.get(path);
    if (!page) return report(page.error());
    for (const auto& message : (*page)["items"]) {
      if (const auto settled = settle_one(client, cell(message, "id")); !settled)
        return report(settled.error());
      ++count;
    }
    cursor = (*page)["next"].is_null() ? "" : (*page)["next"].get<std::string>();
  } while (!cursor.empty());
  if (options.as_json)
    print_json({{"settled", count}, {"as", options.as}});
  else
    std::cout << count << " messages: " << options.as << '\n';
  return exit_success;
}

int settle() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  if (options.all) return settle_all(*client);
  const auto message = settle_one(*client, options.id);
  if (!message) return report(message.error());
  if (options.as_json)
    print_json(*message);
  else if (message->contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    std::cout << cell(*message, "id") << ": " << cell(*message, "state") << '\n';
  return exit_success;
}

}  // namespace

void add_messages(CLI::App& program, Action& action) {
  auto* messages =
      program.add_subcommand("messages", "Mails, replies and deliveries, and what became of them");
  messages->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* example, int (*run)()) {
    auto* verb = messages->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub messages "} + example);
    verb->callback([&action, run] { action = run; });
    return verb;
  };
  auto* listing = add("list", "The latest, newest first", "list --via crm --state failed", list);
  listing->add_option("--state", options.state, "Only those")
      ->check(CLI::IsMember({"queued", "attempting", "sent", "failed", "withheld", "unknown"}));
  listing->add_option("--kind", options.kind, "Only those")
      ->check(
          CLI::IsMember({"opt_in", "chat_reply", "hand_off", "delivery", "journey", "notice", "broadcast"}));
  listing->add_option("--via", options.via, "Only those of that channel");
  listing->add_option("--limit", options.limit, "How many")->check(CLI::Range(1, 500))->capture_default_str();
  listing->add_option("--cursor", options.cursor, "Where the page before ended");
  add("show", "One of them, as JSON", "show 01980b6e-7a5c-7c3f-9d4e-0123456789ab", show)
      ->add_option("ID", options.id, "As list shows it")
      ->required();
  auto* settling = add("settle", "Say what became of a message of which nobody knows whether it arrived",
                       "settle 01980b6e-7a5c-7c3f-9d4e-0123456789ab --as sent", settle);
  auto* which = settling->add_option_group("which");
  which->add_option("ID", options.id, "As list --state unknown shows it");
  auto* all = which->add_flag("--all", options.all, "Every message that is unknown");
  which->require_option(1);
  settling->add_option("--via", options.via, "With --all: only those of that channel")->needs(all);
  settling->add_option("--as", options.as, "sent: it arrived; failed: it did not; queued: send it again")
      ->required()
      ->check(CLI::IsMember({"sent", "failed", "queued"}));
  add("destinations", "How it stands with the programs that get leads", "destinations", destinations);
  add("redrive", "Send again what a destination did not take, and ask one that was disabled again",
      "redrive --via crm", redrive)
      ->add_option("--via", options.via, "The destination's channel")
      ->required();
}

}  // namespace leadhub::app
