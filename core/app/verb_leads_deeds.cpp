#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/hub_options.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"
#include "ops/crypto.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string reference;
  std::string text;
  std::vector<std::string> tags;
  std::vector<std::string> removed;
  std::string owner;
  std::optional<double> value;
  std::string currency;
  std::string at;
  std::string renews_at;
  std::string follow_up_at;
  std::string key;
  bool again = false;
};
Options options;

/// What became of the lead, in a line.
void print_lead(const ordered_json& lead) {
  std::cout << cell(lead, "id") << " is " << cell(lead, "stage") << " and " << cell(lead, "temperature")
            << ", score " << cell(lead, "score");
  if (!lead["owner"].is_null()) std::cout << ", with " << cell(lead, "owner");
  if (!lead["tags"].empty()) std::cout << ", tags " << lead["tags"].dump();
  for (const auto& [currency, value] : lead["value"].items())
    std::cout << ", worth " << value.dump() << ' ' << printable(currency);
  std::cout << '\n';
}

int post(const ordered_json& body) {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  constexpr std::size_t key_bytes = 16;
  const auto key = options.key.empty() ? ops::base64url_encode(ops::random_bytes(key_bytes)) : options.key;
  const auto path = "/api/v1/leads/" + control::percent_encoded(options.reference) + "/deeds";
  const auto lead = client->post_once(path, body, key);
  if (!lead) return report(lead.error());
  if (options.as_json)
    print_json(*lead);
  else if (lead->contains("status"))
    std::cout << "logged; it is done when the pipeline has caught up\n";
  else
    print_lead(*lead);
  return exit_success;
}

int tag() {
  return post({{"deed", "tag"}, {"add", options.tags}, {"remove", options.removed}});
}
int note() {
  return post({{"deed", "note"}, {"text", options.text}});
}
int assign() {
  return post({{"deed", "assign"}, {"owner", options.owner}});
}
int answer() {
  return post({{"deed", "answer"}});
}
int recycle() {
  return post({{"deed", "recycle"}});
}
int lose() {
  ordered_json body{{"deed", "lose"}};
  if (!options.text.empty()) body["reason"] = options.text;
  return post(body);
}
int convert() {
  ordered_json body{{"deed", "convert"}};
  if (options.value) body["value"] = *options.value;
  if (!options.currency.empty()) body["currency"] = options.currency;
  if (!options.at.empty()) body["at"] = options.at;
  if (options.again) body["again"] = true;
  return post(body);
}
int account() {
  ordered_json body{{"deed", "account"}};
  if (!options.owner.empty()) body["owner"] = options.owner;
  if (!options.renews_at.empty()) body["renews_at"] = options.renews_at == "none" ? "" : options.renews_at;
  if (!options.follow_up_at.empty())
    body["follow_up_at"] = options.follow_up_at == "none" ? "" : options.follow_up_at;
  return post(body);
}

}  // namespace

void add_leads_deeds(CLI::App& leads, Action& action) {
  const auto add = [&](const char* name, const char* text, const char* example, const Action& what) {
    auto* verb = leads.add_subcommand(name, text);
    add_hub_options(*verb, options);
    verb->add_option("LEAD", options.reference, "An id, an e-mail address or a phone number")->required();
    verb->add_option("--key", options.key, "The same key is the same deed, however often it is sent");
    verb->footer(std::string{"\nExample:\n  leadhub leads "} + example);
    verb->callback([&action, what] { action = what; });
    return verb;
  };
  add("assign", "Give a lead to somebody of the team", "assign ada.lovelace@example.com Grace", assign)
      ->add_option("OWNER", options.owner, "A name of route.team")
      ->required();
  add("answer", "Say that its owner has taken a lead up", "answer ada.lovelace@example.com", answer);
  auto* tag_verb = add("tag", "Give a lead tags, or take them away", "tag ada.lovelace@example.com vip", tag);
  tag_verb->add_option("TAG", options.tags, "The tags to give");
  tag_verb->add_option("--remove", options.removed, "A tag to take away");
  add("note", "Write a note into a lead's timeline", "note ada.lovelace@example.com \"Called: next week.\"",
      note)
      ->add_option("TEXT", options.text, "What to note")
      ->required();
  add("lose", "Say that nothing will come of a lead", "lose ada.lovelace@example.com --reason \"no budget\"",
      lose)
      ->add_option("--reason", options.text, "Why");
  add("recycle", "Let a lost lead begin anew", "recycle ada.lovelace@example.com", recycle);

  auto* convert_verb = add("convert", "Record a sale",
                           "convert ada.lovelace@example.com --value 1200 --currency EUR", convert);
  convert_verb->add_option("--value", options.value, "What it is worth");
  convert_verb->add_option("--currency", options.currency, "ISO 4217, as in EUR");
  convert_verb->add_option("--at", options.at, "When, if not now: 2026-01-05T12:00:00Z");
  convert_verb->add_flag("--again", options.again, "One more sale to somebody who has bought already");

  auto* account_verb =
      add("account", "Keep an account: who looks after it, and when",
          "account ada.lovelace@example.com --owner Grace --renews 2027-01-05T00:00:00Z", account);
  account_verb->add_option("--owner", options.owner, "Who looks after it");
  account_verb->add_option("--renews", options.renews_at,
                           "When it renews, or none; raises x.leadhub.renewal_due");
  account_verb->add_option("--follow-up", options.follow_up_at,
                           "When to ask again, or none; raises x.leadhub.follow_up_due");
}

}  // namespace leadhub::app
