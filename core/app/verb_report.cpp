#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/report_chart.hpp"
#include "app/report_tables.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

struct Options : HubOptions {
  std::string by;
  std::string since;
  bool as_csv = false;
  std::string svg;
};
Options options;

void print_in_words(const nlohmann::ordered_json& document) {
  for (const auto& table : tables_of(document)) {
    print_table(table.headings, table.rows);
    std::cout << '\n';
  }
  std::cout << note_of(document) << '\n';
}

int show(const std::string& name) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  auto path = "/api/v1/reports/" + name + "?since=" + control::percent_encoded(options.since);
  if (!options.by.empty()) path += "&by=" + control::percent_encoded(options.by);
  const auto document = client->get(path);
  if (!document) return report(document.error());
  if (!options.svg.empty())
    if (const auto drawn = write_svg(chart_of(*document), options.svg); !drawn) return report(drawn.error());
  if (options.as_json)
    print_json(*document);
  else if (options.as_csv)
    std::cout << csv_of(*document);
  else
    print_in_words(*document);
  return exit_success;
}

}  // namespace

void add_report(CLI::App& program, Action& action) {
  auto* group =
      program.add_subcommand("report", "How far leads come, how long they take, where they come from");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* groupings, const char* example) {
    auto* verb = group->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->add_option("--by", options.by, std::string{"A line for each "} + groupings);
    verb->add_option("--since", options.since, "Leads captured at most so long ago, as in 30d or 48h")
        ->default_val("30d");
    verb->add_flag("--csv", options.as_csv, "Print a table for spreadsheets, a number a row");
    verb->add_option("--svg", options.svg, "Draw the report into this file, besides");
    verb->footer(
        std::string{"\nThe leads are those captured in the time that --since says; what became of them "
                    "later counts.\nExample:\n  leadhub report "} +
        example + "\n\nWhat each number means: docs/reports.md.");
    verb->callback([&action, name] { action = [name] { return show(name); }; });
  };
  add("funnel", "How many leads entered each stage", "channel, campaign, owner or week",
      "funnel --by channel");
  add("lead-time", "How long leads took to convert, between stages, and to be answered",
      "channel, campaign, owner or week", "lead-time --by week --since 90d");
  add("sources", "What came of leads by their first and their last touch, and what it cost",
      "channel, source or campaign; else by source", "sources --by campaign");
}

}  // namespace leadhub::app
