#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
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

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string reference;
};
Options options;

/// The lines of a lead's timeline by "17.0".
std::map<std::string, const ordered_json*> events_of(const ordered_json& lead) {
  std::map<std::string, const ordered_json*> events;
  for (const auto& event : lead["timeline"]) events.emplace(event["source"].get<std::string>(), &event);
  return events;
}

ordered_json origin_of(const std::string& source, const std::map<std::string, const ordered_json*>& events) {
  ordered_json origin{{"source", source}, {"type", nullptr}, {"channel", nullptr}, {"occurred_at", nullptr}};
  if (const auto found = events.find(source); found != events.end())
    for (const auto* member : {"type", "channel", "occurred_at"}) origin[member] = (*found->second)[member];
  return origin;
}

/// Each value of the lead with the event that it comes from.
ordered_json fields_of(const ordered_json& lead, const std::map<std::string, const ordered_json*>& events) {
  auto fields = ordered_json::array();
  for (const auto& [name, source] : lead["provenance"].items()) {
    constexpr std::string_view prefix = "attributes.";
    const bool is_attribute = name.starts_with(prefix);
    const auto& value = is_attribute ? lead["attributes"][name.substr(prefix.size())] : lead[name];
    fields.push_back({{"field", name}, {"value", value}, {"from", origin_of(source, events)}});
  }
  return fields;
}

ordered_json verdicts_of(const ordered_json& lead, const std::map<std::string, const ordered_json*>& events) {
  auto verdicts = ordered_json::array();
  for (const auto& point : lead["contact_points"])
    verdicts.push_back({{"kind", point["kind"]},
                        {"canonical", point["canonical"]},
                        {"as_given", point["as_given"]},
                        {"verdict", point["verdict"]},
                        {"reason", point["reason"]},
                        {"marks", point["marks"]},
                        {"verified_at", point["verified_at"]},
                        {"from", origin_of(point["source"], events)}});
  return verdicts;
}

/// Each entry with the event behind its "source".
ordered_json with_origins(ordered_json entries, const std::map<std::string, const ordered_json*>& events) {
  for (auto& entry : entries) {
    entry["from"] = entry["source"].is_null() ? ordered_json(nullptr)
                                              : origin_of(entry["source"].get<std::string>(), events);
    entry.erase("source");
  }
  return entries;
}

/// What became of the mails that the lead got, and who did it: of each, the judgement with its reason.
ordered_json signals_of(const ordered_json& lead) {
  auto signals = ordered_json::array();
  for (const auto& line : lead["timeline"]) {
    if (line["type"] != "email.opened" && line["type"] != "email.clicked") continue;
    const auto said = line["event"].is_object() ? line["event"].value("signal", ordered_json::object())
                                                : ordered_json::object();
    const auto member = [&](const char* name) {
      return said.contains(name) ? said[name] : ordered_json(nullptr);
    };
    signals.push_back({{"type", line["type"]},
                       {"occurred_at", line["occurred_at"]},
                       {"trust", line["trust"]},
                       {"reason", member("reason")},
                       {"url", member("url")},
                       {"message", member("message_id")},
                       {"source", line["source"]}});
  }
  return signals;
}

ordered_json explanation_of(const ordered_json& lead) {
  const auto events = events_of(lead);
  ordered_json out{{"id", lead["id"]},
                   {"stage", lead["stage"]},
                   {"temperature", lead["temperature"]},
                   {"score", lead["score"]},
                   {"grade", lead["grade"]},
                   {"owner", lead["owner"]},
                   {"scores", with_origins(lead["scores"], events)},
                   {"warmth", with_origins(lead["warmth"], events)},
                   {"stages", with_origins(lead["stage_reasons"], events)},
                   {"assignments", with_origins(lead["assignments"], events)},
                   {"journeys", lead["journeys"]},
                   {"messages", with_origins(lead["messages"], events)},
                   {"signals", signals_of(lead)},
                   {"aliases", lead["aliases"]},
                   {"contact_points", verdicts_of(lead, events)},
                   {"fields", fields_of(lead, events)},
                   {"permissions", lead["permissions"]}};
  return out;
}

std::string origin_in_words(const ordered_json& origin) {
  if (origin["type"].is_null()) return "from event " + cell(origin, "source");
  return "from " + cell(origin, "type") + " by " + cell(origin, "channel") + ", " +
         cell(origin, "occurred_at") + " (event " + cell(origin, "source") + ")";
}

std::string after_origin(const ordered_json& entry) {
  return entry["from"].is_null() ? std::string{} : ", " + origin_in_words(entry["from"]);
}

void print_scores(const ordered_json& explanation) {
  if (explanation["scores"].empty()) return;
  std::cout << "\nThe score is " << cell(explanation, "score") << ", the grade " << cell(explanation, "grade")
            << ":\n";
  for (const auto& entry : explanation["scores"]) {
    std::cout << "  " << (entry["points"].get<std::int64_t>() < 0 ? "" : "+") << cell(entry, "points")
              << " for \"" << cell(entry, "rule") << "\" (" << cell(entry, "group") << ")";
    if (entry["now"] != entry["points"]) std::cout << ", by now " << cell(entry, "now");
    std::cout << after_origin(entry) << '\n';
  }
}

void print_temperature(const ordered_json& explanation) {
  for (const auto& reason : explanation["warmth"]) {
    std::cout << "\n" << cell(reason, "temperature") << ": " << cell(reason, "rule");
    if (reason["until"].is_null())
      std::cout << ", for as long as that is so";
    else
      std::cout << ", until " << cell(reason, "until");
    std::cout << after_origin(reason) << '\n';
  }
}

void print_way(const ordered_json& explanation) {
  for (const auto& stage : explanation["stages"])
    std::cout << "\n"
              << cell(stage, "stage") << " since " << cell(stage, "at") << ": " << cell(stage, "rule")
              << after_origin(stage) << '\n';
  for (const auto& assignment : explanation["assignments"]) {
    std::cout << "\nGiven to " << cell(assignment, "owner") << ' ' << cell(assignment, "assigned_at")
              << " by " << cell(assignment, "method") << ": " << cell(assignment, "rule") << "; "
              << cell(assignment, "state");
    if (!assignment["answer_by"].is_null())
      std::cout << ", to be answered by " << cell(assignment, "answer_by");
    std::cout << after_origin(assignment) << '\n';
  }
}

void print_journeys(const ordered_json& explanation) {
  for (const auto& journey : explanation["journeys"]) {
    std::cout << "\nOn the journey " << cell(journey, "journey") << " since " << cell(journey, "entered_at");
    if (journey["ended_at"].is_null())
      std::cout << ", at \"" << cell(journey, "step") << "\" until " << cell(journey, "due_at");
    else
      std::cout << ", " << cell(journey, "state") << ' ' << cell(journey, "ended_at");
    if (!journey["why"].is_null()) std::cout << ": " << cell(journey, "why");
    std::cout << '\n';
  }
}

/// Why each mail went, did not go, or waits.
void print_messages(const ordered_json& explanation) {
  for (const auto& message : explanation["messages"]) {
    std::cout << "\nMessage " << cell(message, "kind");
    if (message.contains("template")) std::cout << " \"" << cell(message, "template") << '"';
    if (message.contains("journey"))
      std::cout << " of the journey " << cell(message, "journey") << ", step \"" << cell(message, "step")
                << '"';
    if (message.contains("broadcast")) std::cout << " of the broadcast " << cell(message, "broadcast");
    std::cout << ": " << cell(message, "state");
    if (!message["sent_at"].is_null()) std::cout << ' ' << cell(message, "sent_at");
    if (message.contains("due_at")) std::cout << ", due " << cell(message, "due_at");
    if (!message["detail"].is_null()) std::cout << "; " << cell(message, "detail");
    std::cout << after_origin(message) << '\n';
  }
}

void print_signals(const ordered_json& explanation) {
  for (const auto& signal : explanation["signals"]) {
    std::cout << '\n'
              << cell(signal, "type") << ' ' << cell(signal, "occurred_at") << ": " << cell(signal, "trust");
    if (!signal["reason"].is_null()) std::cout << ", " << cell(signal, "reason");
    if (!signal["url"].is_null()) std::cout << "; " << cell(signal, "url");
    std::cout << " (event " << cell(signal, "source") << ")\n";
  }
}

void print_outlook(const ordered_json& outlook) {
  if (outlook["ways"].empty()) return;
  std::cout << "\nIt would be hot if:\n";
  for (const auto& way : outlook["ways"]) {
    std::cout << "  " << cell(way, "rule");
    if (!way["missing_points"].is_null())
      std::cout << "; " << cell(way, "missing_points") << " points are missing";
    std::cout << '\n';
  }
  if (!outlook["gains"].empty()) std::cout << "Points would come from:\n";
  for (const auto& gain : outlook["gains"])
    std::cout << "  +" << cell(gain, "points") << " for \"" << cell(gain, "rule")
              << "\": " << cell(gain, "when") << '\n';
}

void print_in_words(const ordered_json& explanation) {
  std::cout << cell(explanation, "id") << " is " << cell(explanation, "stage") << " and "
            << cell(explanation, "temperature");
  if (!explanation["owner"].is_null()) std::cout << ", with " << cell(explanation, "owner");
  std::cout << ".\n";
  print_scores(explanation);
  print_temperature(explanation);
  print_way(explanation);
  print_outlook(explanation["outlook"]);
  print_journeys(explanation);
  print_messages(explanation);
  print_signals(explanation);
  for (const auto& alias : explanation["aliases"])
    std::cout << "It includes " << printable(alias.get<std::string>())
              << ", which was merged into it; `leadhub leads unmerge` parts them.\n";
  for (const auto& point : explanation["contact_points"]) {
    std::cout << "\n"
              << cell(point, "kind") << ' ' << cell(point, "canonical") << " is " << cell(point, "verdict");
    if (!point["reason"].is_null()) std::cout << ": " << cell(point, "reason");
    if (!point["verified_at"].is_null()) std::cout << ", confirmed " << cell(point, "verified_at");
    for (const auto& mark : point["marks"]) std::cout << ", " << printable(mark.get<std::string>());
    std::cout << "\n  written \"" << cell(point, "as_given") << "\", " << origin_in_words(point["from"])
              << '\n';
  }
  std::cout << '\n';
  for (const auto& field : explanation["fields"])
    std::cout << cell(field, "field") << " is " << cell(field, "value") << ", "
              << origin_in_words(field["from"]) << '\n';
  for (const auto& permission : explanation["permissions"]) {
    std::cout << "\n"
              << cell(permission, "purpose") << " by " << cell(permission, "channel") << ": "
              << cell(permission, "verdict");
    if (!permission["because"].is_null()) std::cout << " (event " << cell(permission, "because") << ')';
    std::cout << '\n';
  }
}

int explain() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto lead = client->get("/api/v1/leads/" + control::percent_encoded(options.reference));
  if (!lead) return report(lead.error());
  const auto outlook =
      client->get("/api/v1/leads/" + control::percent_encoded((*lead)["id"].get<std::string>()) + "/outlook");
  if (!outlook) return report(outlook.error());
  auto explanation = explanation_of(*lead);
  explanation["outlook"] = *outlook;
  if (options.as_json)
    print_json(explanation);
  else
    print_in_words(explanation);
  return exit_success;
}

}  // namespace

void add_explain(CLI::App& leads, Action& action) {
  auto* verb = leads.add_subcommand("explain",
                                    "Say why: score, temperature, stage and owner, verdicts with their "
                                    "reasons, the event behind each field, "
                                    "what may be sent");
  add_hub_options(*verb, options);
  verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
  verb->footer(
      "\nExample:\n  leadhub leads explain ada.lovelace@example.com\n\nReasons: docs/verification.md.");
  verb->callback([&action] { action = explain; });
}

}  // namespace leadhub::app
