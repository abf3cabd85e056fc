#include <algorithm>
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
  std::string name, template_name, via, segment, purpose, at, decide_after, by;
  std::vector<std::string> subjects, track;
  int sample = 0;
  bool each_zone = false;
};
Options options;

std::int64_t number(const ordered_json& object, const std::string& member) {
  return object.at(member).get<std::int64_t>();
}

/// How much of it is done, as people would rather look than read.
std::string bar(std::int64_t done, std::int64_t all) {
  constexpr std::int64_t width = 30;
  const auto filled = all == 0 ? 0 : width * done / all;
  std::string text;
  for (std::int64_t i = 0; i < width; ++i) text += i < filled ? "█" : "░";
  return text;
}

std::string share(std::int64_t part, std::int64_t all) {
  return all == 0 ? "-" : std::to_string(100 * part / all) + " %";
}

void print_subjects(const ordered_json& broadcast) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& subject : broadcast["subjects"])
    rows.push_back({cell(subject, "name"), cell(subject, "subject"), with_commas(number(subject, "sent")),
                    share(number(subject, "opened"), number(subject, "sent")),
                    share(number(subject, "clicked"), number(subject, "sent")),
                    subject["is_winner"].get<bool>() ? "the rest gets it" : ""});
  std::cout << '\n';
  print_table({"", "SUBJECT", "SENT", "OPENED", "CLICKED", ""}, rows);
  std::cout << "The rest gets the one with the most " << cell(broadcast, "by") << " at "
            << cell(broadcast, "decides_at") << ".\n";
}

void print_broadcast(const ordered_json& broadcast) {
  const auto& mails = broadcast["mails"];
  std::int64_t all = 0;
  for (const auto& [unused, count] : mails.items()) all += count.get<std::int64_t>();
  const auto open = number(mails, "queued") + number(mails, "attempting");
  std::cout << cell(broadcast, "name") << ": " << cell(broadcast, "state")
            << (broadcast["is_paused"].get<bool>() ? ", paused" : "") << "\n  template "
            << cell(broadcast, "template") << " via " << cell(broadcast, "via") << " to "
            << (broadcast["segment"].is_null() ? "everybody" : cell(broadcast, "segment")) << ", at "
            << cell(broadcast, "at") << "; " << with_commas(number(broadcast, "asked")) << " leads asked\n";
  if (all == 0) return;
  std::cout << "  " << bar(all - open, all) << ' ' << with_commas(all - open) << " of " << with_commas(all)
            << " mails\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [state, count] : mails.items())
    if (count.get<std::int64_t>() > 0) rows.push_back({state, with_commas(count.get<std::int64_t>())});
  const auto sent = number(mails, "sent");
  for (const auto* what : {"opened", "clicked"})
    if (number(broadcast, what) > 0)
      rows.push_back({what, with_commas(number(broadcast, what)) + " (" +
                                share(number(broadcast, what), sent) + " of those sent)"});
  print_table({"MAILS", ""}, rows);
  for (const auto& reason : broadcast["reasons"])
    std::cout << "  " << with_commas(number(reason, "mails")) << ": " << cell(reason, "why") << '\n';
  if (broadcast.contains("subjects")) print_subjects(broadcast);
}

int print(const Result<ordered_json>& broadcast) {
  if (!broadcast) return report(broadcast.error());
  if (options.as_json)
    print_json(*broadcast);
  else if (broadcast->contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    print_broadcast(*broadcast);
  return exit_success;
}

ordered_json order() {
  ordered_json body{{"name", options.name}, {"template", options.template_name}, {"via", options.via}};
  for (const auto& [name, value] : {std::pair{"segment", &options.segment},
                                    {"purpose", &options.purpose},
                                    {"at", &options.at},
                                    {"decide_after", &options.decide_after},
                                    {"by", &options.by}})
    if (!value->empty()) body[name] = *value;
  if (options.each_zone) body["each_zone"] = true;
  if (!options.track.empty()) body["track"] = options.track;
  if (!options.subjects.empty()) body["subjects"] = options.subjects;
  if (options.sample > 0) body["sample"] = options.sample;
  return body;
}

int start() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  return print(client->post("/api/v1/broadcasts", order()));
}

int show() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  return print(client->get("/api/v1/broadcasts/" + control::percent_encoded(options.name)));
}

int cancel() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  return print(client->post("/api/v1/broadcasts/" + control::percent_encoded(options.name) + "/cancel",
                            ordered_json::object()));
}

int list() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto page = client->get("/api/v1/broadcasts");
  if (!page) return report(page.error());
  if (options.as_json) {
    print_json(*page);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : (*page)["items"])
    rows.push_back({cell(one, "name"), cell(one, "state") + (one["is_paused"].get<bool>() ? ", paused" : ""),
                    cell(one, "at"), one["segment"].is_null() ? "everybody" : cell(one, "segment"),
                    with_commas(number(one["mails"], "sent")), with_commas(number(one["mails"], "queued")),
                    share(number(one, "opened"), number(one["mails"], "sent")),
                    share(number(one, "clicked"), number(one["mails"], "sent"))});
  print_table({"BROADCAST", "STATE", "AT", "TO", "SENT", "WAITING", "OPENED", "CLICKED"}, rows);
  return exit_success;
}

std::string estimate_path(const std::string& cursor) {
  std::string path = "/api/v1/broadcast-estimates";
  const std::vector<std::pair<std::string, std::string>> parameters{
      {"segment", options.segment}, {"purpose", options.purpose}, {"cursor", cursor}};
  for (const auto& [name, value] : parameters)
    if (!value.empty())
      path += (path.find('?') == path.npos ? "?" : "&") + name + "=" + control::percent_encoded(value);
  return path;
}

int estimate() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  std::int64_t scanned = 0;
  std::int64_t fits = 0;
  std::int64_t reaches = 0;
  std::map<std::string, std::int64_t> withheld;
  std::string cursor;
  do {
    const auto piece = client->get(estimate_path(cursor));
    if (!piece) return report(piece.error());
    scanned += number(*piece, "scanned");
    fits += number(*piece, "fits");
    reaches += number(*piece, "reaches");
    for (const auto& [why, leads] : (*piece)["withheld"].items()) withheld[why] += leads.get<std::int64_t>();
    cursor = (*piece)["next"].is_null() ? "" : (*piece)["next"].get<std::string>();
  } while (!cursor.empty());
  if (options.as_json) {
    print_json({{"scanned", scanned}, {"fits", fits}, {"reaches", reaches}, {"withheld", withheld}});
    return exit_success;
  }
  std::cout << "It would reach " << with_commas(reaches) << " of " << with_commas(fits) << " leads ("
            << with_commas(scanned) << " in all).\n";
  std::vector<std::vector<std::string>> rows;
  rows.reserve(withheld.size());
  for (const auto& [why, leads] : withheld) rows.push_back({with_commas(leads), why});
  if (!rows.empty()) print_table({"NOT", "WHY"}, rows);
  return exit_success;
}

void add_start(CLI::App& verb) {
  verb.add_option("NAME", options.name, "What it is called; there is never another of that name")->required();
  verb.add_option("--template", options.template_name, "What it says")->required();
  verb.add_option("--via", options.via, "The channel by which it leaves")->required();
  verb.add_option("--segment", options.segment, "Whom it is for; everybody, unless told");
  verb.add_option("--purpose", options.purpose, "The consent that it needs; marketing_email, unless told");
  verb.add_option("--at", options.at,
                  "When: 2026-12-01T09:00 on the hub's clock, or with its zone; now, unless told");
  verb.add_flag("--each-zone", options.each_zone, "At that time on each lead's own clock");
  verb.add_option("--track", options.track, "opens, clicks")->check(CLI::IsMember({"opens", "clicks"}));
  verb.add_option("--subject", options.subjects,
                  "Two or more: try these on a sample, send the best to the rest");
  verb.add_option("--sample", options.sample,
                  "Per cent of the leads that the subjects are tried on; 20, unless told")
      ->check(CLI::Range(1, 99));
  verb.add_option("--decide-after", options.decide_after, "When the best is told; 4h, unless told");
  verb.add_option("--by", options.by, "By what; opens, unless told")
      ->check(CLI::IsMember({"opens", "clicks"}));
}

}  // namespace

void add_broadcasts(CLI::App& program, Action& action) {
  auto* broadcasts = program.add_subcommand("broadcasts", "One mail to many leads, once");
  broadcasts->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, const char* example, int (*run)()) {
    auto* verb = broadcasts->add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->footer(std::string{"\nExample:\n  leadhub broadcasts "} + example);
    verb->callback([&action, run] { action = run; });
    return verb;
  };
  auto* estimating = add("estimate", "How many leads it would reach, and why not the others",
                         "estimate --segment waiting-in-britain", estimate);
  estimating->add_option("--segment", options.segment, "Whom it is for; everybody, unless told");
  estimating->add_option("--purpose", options.purpose,
                         "The consent that it needs; marketing_email, unless told");
  add_start(*add(
      "start", "Send it, now or at a time",
      "start spring --template spring --via mail --segment waiting-in-britain --at 2026-12-01T09:00", start));
  add("list", "All of them, the newest first", "list", list);
  add("show", "How far one is, and what came of it", "show spring", show)
      ->add_option("NAME", options.name, "As list shows it")
      ->required();
  add("cancel", "Let what has not left not leave", "cancel spring", cancel)
      ->add_option("NAME", options.name, "As list shows it")
      ->required();
}

}  // namespace leadhub::app
