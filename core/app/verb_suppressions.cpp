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
  std::string address;
  std::string cursor;
  int limit = 50;
};
Options options;

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  auto path = "/api/v1/suppressions?limit=" + std::to_string(options.limit);
  if (!options.cursor.empty()) path += "&cursor=" + control::percent_encoded(options.cursor);
  const auto page = client->get(path);
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : (*page)["items"])
    rows.push_back({item["address"].is_null() ? "(erased)" : cell(item, "address"), cell(item, "reason"),
                    cell(item, "at"), cell(item, "source")});
  print_table({"ADDRESS", "REASON", "SINCE", "EVENT"}, rows);
  if (!(*page)["next"].is_null()) std::cerr << "more: --cursor " << cell(*page, "next") << '\n';
  return exit_success;
}

int change(const std::string& path) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto said = client->post(path, {{"address", options.address}});
  if (!said) return report(said.error());
  if (options.as_json)
    print_json(*said);
  else if (said->contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    std::cout << cell(*said, "address")
              << ((*said)["suppressed"].is_null() ? ": gets mails again\n" : ": gets no mail any more\n");
  return exit_success;
}

}  // namespace

void add_suppressions(CLI::App& program, Action& action) {
  auto* verbs = program.add_subcommand("suppressions", "Addresses to which no mail goes, and why");
  verbs->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* example) {
    auto* verb = verbs->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub suppressions "} + example);
    return verb;
  };
  auto* listing = add("list", "What bounced, complained or was added", "list --limit 100");
  listing->add_option("--limit", options.limit, "How many")->check(CLI::Range(1, 500))->capture_default_str();
  listing->add_option("--cursor", options.cursor, "Where the page before ended");
  listing->callback([&action] { action = list; });
  for (const auto& [name, text, path] :
       {std::tuple{"add", "Let no mail go to an address, whatever it is for", "/api/v1/suppressions"},
        std::tuple{"remove", "Let mails go to it again", "/api/v1/suppressions/lift"}}) {
    auto* verb = add(name, text, (std::string{name} + " ada.lovelace@example.com").c_str());
    verb->add_option("ADDRESS", options.address, "An e-mail address")->required();
    verb->callback([&action, where = std::string{path}] { action = [where] { return change(where); }; });
  }
}

}  // namespace leadhub::app
