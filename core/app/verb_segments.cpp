#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/transfer_file.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string name;
  std::int64_t limit = 50;
};
Options options;

/// Calls `take` with each piece until it returns false or there is none left. Error: of the hub.
template <class Take>
Result<void> each_piece(const std::string& path, const Take& take) {
  auto client = connect(options.config);
  if (!client) return std::unexpected(client.error());
  std::string cursor;
  do {
    const auto piece =
        client->get(path + (cursor.empty() ? "" : "?cursor=" + control::percent_encoded(cursor)));
    if (!piece) return std::unexpected(piece.error());
    if (!take(*piece)) break;
    cursor = (*piece)["next"].is_null() ? "" : (*piece)["next"].get<std::string>();
  } while (!cursor.empty());
  return {};
}

int count() {
  ordered_json segments = ordered_json::array();
  std::int64_t scanned = 0;
  const auto done = each_piece("/api/v1/segments", [&](const ordered_json& piece) {
    scanned += piece["scanned"].get<std::int64_t>();
    if (segments.empty()) {
      segments = piece["items"];
      return true;
    }
    for (std::size_t i = 0; i < std::min(segments.size(), piece["items"].size()); ++i)
      segments[i]["leads"] =
          segments[i]["leads"].get<std::int64_t>() + piece["items"][i]["leads"].get<std::int64_t>();
    return true;
  });
  if (!done) return report(done.error());
  if (options.as_json) {
    print_json(ordered_json{{"items", segments}, {"scanned", scanned}});
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& segment : segments)
    rows.push_back({cell(segment, "name"), with_commas(segment["leads"].get<std::int64_t>()),
                    cell(segment, "condition")});
  print_table({"SEGMENT", "LEADS", "WHO"}, rows);
  return exit_success;
}

int list() {
  ordered_json leads = ordered_json::array();
  bool more = false;
  const auto path = "/api/v1/segments/" + control::percent_encoded(options.name) + "/leads";
  const auto done = each_piece(path, [&](const ordered_json& piece) {
    for (const auto& lead : piece["items"]) {
      more = static_cast<std::int64_t>(leads.size()) == options.limit;
      if (more) return false;
      leads.push_back(lead);
    }
    return true;
  });
  if (!done) return report(done.error());
  if (options.as_json) {
    print_json(ordered_json{{"items", leads}});
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& lead : leads)
    rows.push_back({cell(lead, "id"), cell(lead, "email"), cell(lead, "name"), cell(lead, "stage"),
                    cell(lead, "temperature"), cell(lead, "owner")});
  print_table({"LEAD", "E-MAIL", "NAME", "STAGE", "TEMPERATURE", "OWNER"}, rows);
  if (more) std::cerr << "there are more; --limit says how many are shown\n";
  return exit_success;
}

}  // namespace

void add_segments(CLI::App& program, Action& action) {
  auto* segments = program.add_subcommand("segments", "The named conditions of hub.yaml, and who meets them");
  segments->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* example, int (*run)()) {
    auto* verb = segments->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub segments "} + example);
    verb->callback([&action, run] { action = run; });
    return verb;
  };
  add("count", "How many leads are in each", "count", count);
  auto* listing = add("list", "Who is in one, the oldest first", "list waiting-in-britain", list);
  listing->add_option("SEGMENT", options.name, "Its name")->required();
  listing->add_option("--limit", options.limit, "How many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

}  // namespace leadhub::app
