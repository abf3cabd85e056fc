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

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string reference;
  std::string stage;
  std::string temperature;
  std::string cursor;
  int limit = 50;
};
Options options;

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  auto path = "/api/v1/leads?limit=" + std::to_string(options.limit);
  for (const auto& [name, value] :
       {std::pair{"stage", options.stage}, std::pair{"temperature", options.temperature},
        std::pair{"cursor", options.cursor}})
    if (!value.empty()) path += std::string{"&"} + name + "=" + control::percent_encoded(value);
  const auto page = client->get(path);
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& lead : (*page)["items"])
    rows.push_back({cell(lead, "id"), cell(lead, "email"), cell(lead, "phone"), cell(lead, "name"),
                    cell(lead, "temperature"), cell(lead, "stage"), cell(lead, "created_at")});
  print_table({"ID", "E-MAIL", "PHONE", "NAME", "TEMPERATURE", "STAGE", "CREATED"}, rows);
  if (!(*page)["next"].is_null())
    std::cerr << "more: leadhub leads list --cursor " << (*page)["next"].get<std::string>() << '\n';
  return exit_success;
}

void print_section(const ordered_json& lead, const char* member, const char* title,
                   const std::vector<std::string>& columns) {
  if (lead[member].empty()) return;
  std::cout << '\n' << title << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : lead[member]) {
    auto& row = rows.emplace_back();
    for (const auto& column : columns) row.push_back(cell(entry, column));
  }
  print_table(columns, rows);
}

void print_touch(const ordered_json& lead, const char* which) {
  const auto& touch = lead["attribution"][which];
  if (touch.is_null()) return;
  std::cout << "\nattribution, " << which << '\n';
  for (const auto& [name, value] : touch.items())
    std::cout << "  " << name << ": " << cell(touch, name) << '\n';
}

int show() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto lead = client->get("/api/v1/leads/" + control::percent_encoded(options.reference));
  if (!lead) return report(lead.error());
  if (options.as_json) {
    print_json(*lead);
    return exit_success;
  }
  for (const auto* member : {"id", "email", "phone", "name", "company", "job_title", "country", "city",
                             "language", "time_zone", "stage", "temperature", "created_at", "updated_at"})
    if (const auto value = cell(*lead, member); value != "-") std::cout << member << ": " << value << '\n';
  for (const auto& [name, value] : (*lead)["attributes"].items())
    std::cout << "attributes." << printable(name) << ": " << cell((*lead)["attributes"], name) << '\n';
  print_section(*lead, "contact_points", "contact points",
                {"kind", "canonical", "as_given", "verdict", "source"});
  print_section(*lead, "consents", "consents",
                {"purpose", "channel", "state", "text", "occurred_at", "source"});
  print_touch(*lead, "first");
  print_touch(*lead, "last");
  print_section(*lead, "attachments", "attachments", {"name", "content_type", "bytes", "sha256"});
  print_section(*lead, "timeline", "timeline", {"occurred_at", "type", "channel", "source"});
  return exit_success;
}

}  // namespace

void add_leads(CLI::App& program, Action& action) {
  auto* leads = program.add_subcommand("leads", "Look at leads");
  leads->require_subcommand(1);

  auto* list_verb = leads->add_subcommand("list", "List leads, newest first");
  add_hub_options(*list_verb, options);
  list_verb->add_option("--stage", options.stage, "Only this stage, e.g. captured");
  list_verb->add_option("--temperature", options.temperature, "Only cold, warm or hot ones");
  list_verb->add_option("--limit", options.limit, "At most so many, up to 500")->capture_default_str();
  list_verb->add_option("--cursor", options.cursor, "Go on behind the page before");
  list_verb->footer("\nExample:\n  leadhub leads list --temperature hot");
  list_verb->callback([&action] { action = list; });

  auto* show_verb = leads->add_subcommand("show", "Show a lead with its whole story");
  add_hub_options(*show_verb, options);
  show_verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
  show_verb->footer("\nExample:\n  leadhub leads show ada.lovelace@example.com --json");
  show_verb->callback([&action] { action = show; });
}

}  // namespace leadhub::app
