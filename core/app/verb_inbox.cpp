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
  std::string channel;
  std::int64_t seq = 0;
  std::int64_t cursor = 0;
  int limit = 50;
  bool quarantined = false;
};
Options options;

std::string joined(const nlohmann::ordered_json& list, const char* member) {
  std::string text;
  for (const auto& entry : list)
    text += (text.empty() ? "" : ", ") + (member == nullptr ? entry.get<std::string>() : cell(entry, member));
  return text.empty() ? "-" : printable(text);
}

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  auto path = "/api/v1/inbox?limit=" + std::to_string(options.limit);
  if (!options.channel.empty()) path += "&channel=" + control::percent_encoded(options.channel);
  if (options.cursor > 0) path += "&cursor=" + std::to_string(options.cursor);
  if (options.quarantined) path += "&status=quarantined";
  const auto page = client->get(path);
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : (*page)["items"])
    rows.push_back({cell(entry, "seq"), cell(entry, "received_at"), cell(entry, "channel"),
                    cell(entry, "status"), joined(entry["events"], "type"), joined(entry["leads"], nullptr),
                    cell(entry, "reason")});
  print_table({"ENTRY", "RECEIVED", "CHANNEL", "STATUS", "EVENTS", "LEADS", "REASON"}, rows);
  if (!(*page)["next"].is_null()) std::cerr << "more: --cursor " << (*page)["next"] << '\n';
  return exit_success;
}

int show() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto entry = client->get("/api/v1/inbox/" + std::to_string(options.seq));
  if (!entry) return report(entry.error());
  print_json(*entry);
  return exit_success;
}

std::string redriven(const nlohmann::ordered_json& entry) {
  const auto number = cell(entry, "seq");
  if (entry["seq"] == options.seq)
    return "entry " + number + " is followed up again; `leadhub inbox show " + number +
           "` tells what came of it";
  return "entry " + number + " replaces entry " + std::to_string(options.seq) + ": " + cell(entry, "status") +
         (cell(entry, "reason") == "-" ? "" : ", " + cell(entry, "reason"));
}

int redrive() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto entry = client->post("/api/v1/inbox/" + std::to_string(options.seq) + "/redrive",
                                  nlohmann::ordered_json::object());
  if (!entry) return report(entry.error());
  if (options.as_json)
    print_json(*entry);
  else
    std::cout << redriven(*entry) << '\n';
  return (*entry)["status"] == "quarantined" ? exit_failure : exit_success;
}

}  // namespace

void add_inbox(CLI::App& program, Action& action) {
  auto* inbox = program.add_subcommand("inbox", "Look at what arrived, and process it again");
  inbox->require_subcommand(1);

  auto* list_verb = inbox->add_subcommand("list", "List entries, newest first");
  add_hub_options(*list_verb, options);
  list_verb->add_option("--channel", options.channel, "Only this channel's");
  list_verb->add_flag("--quarantined", options.quarantined, "Only what is set aside, oldest first");
  list_verb->add_option("--limit", options.limit, "At most so many, up to 500")->capture_default_str();
  list_verb->add_option("--cursor", options.cursor, "Go on behind the page before");
  list_verb->footer("\nExample:\n  leadhub inbox list --quarantined");
  list_verb->callback([&action] { action = list; });

  auto* show_verb = inbox->add_subcommand("show", "Show an entry with its raw request, as JSON");
  add_hub_options(*show_verb, options);
  show_verb->add_option("ENTRY", options.seq, "Its number")->required();
  show_verb->footer("\nExample:\n  leadhub inbox show 17");
  show_verb->callback([&action] { action = show; });

  auto* redrive_verb = inbox->add_subcommand(
      "redrive",
      "Read an entry's request again with today's configuration; what it gives replaces what it gave");
  add_hub_options(*redrive_verb, options);
  redrive_verb->add_option("ENTRY", options.seq, "Its number")->required();
  redrive_verb->footer("\nExample:\n  leadhub inbox redrive 17");
  redrive_verb->callback([&action] { action = redrive; });
}

}  // namespace leadhub::app
