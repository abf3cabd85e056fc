#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

struct Options : HubOptions {
  std::string channel;
  int limit = 0;
};
Options options;

void print_entry(const nlohmann::ordered_json& entry) {
  if (options.as_json) {
    std::cout << entry.dump() << std::endl;
    return;
  }
  std::cout << cell(entry, "received_at") << "  #" << cell(entry, "seq") << "  " << cell(entry, "channel")
            << "  " << cell(entry, "status");
  for (const auto& [member, words] :
       {std::pair{"redrive_of", "replaces #"}, std::pair{"follows", "follows #"}})
    if (const auto number = cell(entry, member); number != "-") std::cout << "  " << words << number;
  for (const auto& event : entry["events"]) std::cout << "  " << cell(event, "type");
  for (const auto& lead : entry["leads"]) std::cout << "  -> " << printable(lead.get<std::string>());
  if (const auto reason = cell(entry, "reason"); reason != "-") std::cout << "  (" << reason << ')';
  std::cout << std::endl;
}

int tap() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto channel = options.channel.empty() ? "" : "&channel=" + control::percent_encoded(options.channel);
  auto start = client->get("/api/v1/tap?wait=0" + channel);
  if (!start) return report(start.error());
  std::cerr << "tapping" << (options.channel.empty() ? "" : " " + printable(options.channel))
            << "; Ctrl-C ends it\n";
  auto after = (*start)["next"].get<std::int64_t>();
  const auto wait = std::chrono::milliseconds{limits::long_poll_max}.count();
  for (int shown = 0; options.limit == 0 || shown < options.limit;) {
    const auto page =
        client->get("/api/v1/tap?after=" + std::to_string(after) + "&wait=" + std::to_string(wait) + channel);
    if (!page) return report(page.error());
    for (const auto& entry : (*page)["items"]) {
      if (options.limit != 0 && shown++ >= options.limit) break;
      print_entry(entry);
    }
    after = (*page)["next"].get<std::int64_t>();
  }
  return exit_success;
}

}  // namespace

void add_tap(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "tap", "Show live what arrives and what it became, an entry a line; notices go to standard error");
  add_hub_options(*verb, options);
  verb->add_option("--channel", options.channel, "Only this channel's");
  verb->add_option("--limit", options.limit, "End after so many entries; 0: never")->capture_default_str();
  verb->footer("\nExample:\n  leadhub tap --channel website");
  verb->callback([&action] { action = tap; });
}

}  // namespace leadhub::app
