#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

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
  std::string channel;
  std::string author;
  std::string key;
};
Options options;

std::string path_of(const std::string& what) {
  return "/api/v1/leads/" + control::percent_encoded(options.reference) + what;
}

int reply() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  ordered_json body{{"text", options.text}};
  if (!options.channel.empty()) body["channel"] = options.channel;
  if (!options.author.empty()) body["author"] = options.author;
  constexpr std::size_t key_bytes = 16;
  const auto key = options.key.empty() ? ops::base64url_encode(ops::random_bytes(key_bytes)) : options.key;
  const auto message = client->post_once(path_of("/replies"), body, key);
  if (!message) return report(message.error());
  if (options.as_json)
    print_json(*message);
  else if (message->contains("status"))
    std::cout << "logged; it goes out when the pipeline has caught up\n";
  else
    std::cout << cell(*message, "state") << ": by " << cell(*message, "channel") << " to "
              << cell(*message, "system") << ' ' << cell(*message, "address") << '\n';
  return exit_success;
}

int conversation() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto found = client->get(path_of("/conversation"));
  if (!found) return report(found.error());
  if (options.as_json) {
    print_json(*found);
    return exit_success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : (*found)["items"]) {
    rows.push_back({cell(item, "at"), cell(item, "channel"), cell(item, "from"),
                    cell(item, item["from"] == "team" ? "state" : "type"), cell(item, "text")});
  }
  print_table({"AT", "CHANNEL", "FROM", "STATE", "TEXT"}, rows);
  return exit_success;
}

}  // namespace

void add_leads_chat(CLI::App& leads, Action& action) {
  const char* const who = "An id, an e-mail address or a phone number";
  auto* reply_verb = leads.add_subcommand("reply", "Answer a lead in the chat that they wrote in last");
  add_hub_options(*reply_verb, options);
  reply_verb->add_option("LEAD", options.reference, who)->required();
  reply_verb->add_option("TEXT", options.text, "What to say, up to 4 KiB")->required();
  reply_verb->add_option("--channel", options.channel, "By this channel, where they wrote in several");
  reply_verb->add_option("--author", options.author, "Who answers; the person does not see it");
  reply_verb->add_option("--key", options.key, "The same key is the same reply, however often it is sent");
  reply_verb->footer(
      "\nExample:\n  leadhub leads reply ada.lovelace@example.com \"Yes, we ship to Scotland.\"");
  reply_verb->callback([&action] { action = reply; });

  auto* conversation_verb =
      leads.add_subcommand("conversation", "What a lead wrote in chats, and what was answered");
  add_hub_options(*conversation_verb, options);
  conversation_verb->add_option("LEAD", options.reference, who)->required();
  conversation_verb->footer("\nExample:\n  leadhub leads conversation ada.lovelace@example.com");
  conversation_verb->callback([&action] { action = conversation; });
}

}  // namespace leadhub::app
