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
  std::string other;
  bool proposals = false;
  bool yes = false;
  std::string stage;
  std::string temperature;
  std::string cursor;
  int limit = 50;
};
Options options;

int list_proposals(control::Client& client) {
  const auto page = client.get("/api/v1/proposals?limit=" + std::to_string(options.limit));
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& proposal : (*page)["items"]) {
    const auto& first = proposal["first"];
    const auto& second = proposal["second"];
    rows.push_back({cell(first, "id"), cell(first, "email"), cell(first, "name"), cell(second, "id"),
                    cell(second, "email"), cell(second, "name"), cell(proposal, "reason")});
  }
  print_table({"FIRST", "E-MAIL", "NAME", "SECOND", "E-MAIL", "NAME", "SAME"}, rows);
  if (!rows.empty())
    std::cerr << "one person: leadhub leads merge FIRST SECOND; two: leadhub leads dismiss FIRST SECOND\n";
  return exit_success;
}

/// Posts what is to be done to a lead and says what came of it.
int act(const std::string& path, const ordered_json& body, const std::string& done) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto lead = client->post(path, body);
  if (!lead) return report(lead.error());
  if (options.as_json) {
    print_json(*lead);
  } else if (lead->contains("status")) {
    std::cout << "logged; it is done when the pipeline has caught up\n";
  } else {
    std::cout << done << ' ' << cell(*lead, "id") << "  " << cell(*lead, "email") << "  "
              << cell(*lead, "name") << '\n';
  }
  return exit_success;
}

int merge() {
  return act("/api/v1/leads/" + control::percent_encoded(options.reference) + "/merge",
             {{"lead", options.other}}, "one person:");
}

int unmerge() {
  return act("/api/v1/leads/" + control::percent_encoded(options.reference) + "/unmerge",
             ordered_json::object(), "stands for itself:");
}

int erase() {
  if (!options.yes)
    return report(Error{ErrorCode::invalid,
                        "this removes the person everywhere and cannot be undone; if it is meant, "
                        "say so with --yes"});
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto erased = client->post("/api/v1/leads/" + control::percent_encoded(options.reference) + "/erase",
                                   ordered_json::object());
  if (!erased) return report(erased.error());
  if (options.as_json)
    print_json(*erased);
  else
    std::cout << cell(*erased, "status") << ": " << cell(*erased, "id") << '\n';
  return exit_success;
}

int dismiss() {
  return act("/api/v1/proposals/dismiss", {{"first", options.reference}, {"second", options.other}},
             "two people; not proposed again:");
}

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  if (options.proposals) return list_proposals(*client);
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
  print_section(*lead, "permissions", "permissions", {"purpose", "channel", "verdict", "because"});
  print_section(*lead, "suppressions", "suppressed addresses", {"address", "reason", "at", "source"});
  print_section(*lead, "messages", "messages", {"created_at", "kind", "address", "state", "detail"});
  print_section(*lead, "attachments", "attachments", {"name", "content_type", "bytes", "sha256"});
  print_section(*lead, "timeline", "timeline", {"occurred_at", "type", "channel", "source"});
  return exit_success;
}

int links() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto found = client->get("/api/v1/leads/" + control::percent_encoded(options.reference) + "/links");
  if (!found) return report(found.error());
  if (options.as_json) {
    print_json(*found);
    return exit_success;
  }
  std::cout << "preferences: " << cell(*found, "preferences")
            << "\nunsubscribe: " << cell(*found, "unsubscribe") << '\n';
  for (const auto& [purpose, url] : (*found)["unsubscribe_from"].items())
    std::cout << "unsubscribe from " << printable(purpose) << ": " << url.get<std::string>() << '\n';
  return exit_success;
}

}  // namespace

void add_leads(CLI::App& program, Action& action) {
  auto* leads =
      program.add_subcommand("leads", "Look at leads, merge, part and erase them, bring them in and out");
  leads->require_subcommand(1);

  auto* list_verb = leads->add_subcommand("list", "List leads, newest first");
  add_hub_options(*list_verb, options);
  list_verb->add_option("--stage", options.stage, "Only this stage, e.g. captured");
  list_verb->add_option("--temperature", options.temperature, "Only cold, warm or hot ones");
  list_verb->add_flag("--proposals", options.proposals, "Pairs of leads that may be one person");
  list_verb->add_option("--limit", options.limit, "At most so many, up to 500")->capture_default_str();
  list_verb->add_option("--cursor", options.cursor, "Go on behind the page before");
  list_verb->footer("\nExample:\n  leadhub leads list --temperature hot");
  list_verb->callback([&action] { action = list; });

  auto* show_verb = leads->add_subcommand("show", "Show a lead with its whole story");
  add_hub_options(*show_verb, options);
  show_verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
  show_verb->footer("\nExample:\n  leadhub leads show ada.lovelace@example.com --json");
  show_verb->callback([&action] { action = show; });

  auto* links_verb = leads->add_subcommand("links", "Where the person decides about mails from us");
  add_hub_options(*links_verb, options);
  links_verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
  links_verb->footer("\nExample:\n  leadhub leads links ada.lovelace@example.com");
  links_verb->callback([&action] { action = links; });

  add_explain(*leads, action);

  const auto of_two = [&](const char* name, const char* text, const char* first, const char* second,
                          const char* example, const Action& what) {
    auto* verb = leads->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->add_option("LEAD", options.reference, first)->required();
    if (second != nullptr) verb->add_option("OTHER", options.other, second)->required();
    verb->footer(std::string{"\nExample:\n  leadhub leads "} + example);
    verb->callback([&action, what] { action = what; });
  };
  auto* erase_verb = leads->add_subcommand("erase", "Remove a person everywhere, for ever");
  add_hub_options(*erase_verb, options);
  erase_verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
  erase_verb->add_flag("--yes", options.yes, "It is meant");
  erase_verb->footer("\nExample:\n  leadhub leads erase ada.lovelace@example.com --yes");
  erase_verb->callback([&action] { action = erase; });

  of_two("merge", "Make OTHER part of LEAD; can be undone", "Who stays: id, e-mail address or phone number",
         "Who becomes part of them", "merge ada.lovelace@example.com ada@example.org", merge);
  of_two("unmerge", "Let a merged lead stand for itself again, as it was",
         "The id of the merged lead: an alias of the other", nullptr,
         "unmerge 019b8e2c-1a00-7000-8000-000000000001", unmerge);
  of_two("dismiss", "Say that a proposed pair is two people; it is not proposed again", "The one",
         "The other", "dismiss ada@example.com byron@example.com", dismiss);
  add_leads_deeds(*leads, action);
  add_leads_chat(*leads, action);
  add_leads_conversions(*leads, action);
  add_leads_transfer(*leads, action);
}

}  // namespace leadhub::app
