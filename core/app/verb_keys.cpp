#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub.hpp"
#include "app/verbs.hpp"
#include "ops/key_ring.hpp"

namespace leadhub::app {
namespace {

struct KeyOptions {
  std::string config = "hub.yaml";
  bool as_json = false;
  std::int64_t key = 0;
};
KeyOptions options;

int failure(const Error& error) {
  std::cerr << "leadhub: " << error.message << '\n';
  return error.code == ErrorCode::io ? exit_cannot_open : exit_failure;
}

/// Calls `work` with the key ring's file.
int with_file(const std::function<int(const std::filesystem::path&)>& work) {
  const auto loaded = load(options.config);
  if (!loaded.config) {
    for (const auto& diagnostic : loaded.diagnostics) std::cerr << config::to_text(diagnostic) << '\n';
    return exit_bad_config;
  }
  const auto file = hub_files(loaded.config->store.url.location).keys;
  if (!std::filesystem::exists(file)) {
    std::cerr << "leadhub: " << file.string() << ": is not there yet; the first `leadhub serve` makes it\n";
    return exit_cannot_open;
  }
  return work(file);
}

int list(const std::filesystem::path& file) {
  const auto ring = ops::KeyRing::open(file);
  if (!ring) return failure(ring.error());
  const auto keys = ring->signing_keys();
  if (options.as_json) {
    std::cout
        << nlohmann::ordered_json{{"file", file.string()}, {"signing", keys}, {"signs", keys.back()}}.dump(2)
        << '\n';
    return exit_success;
  }
  std::cout << "Signing keys in " << file.string() << ":\n";
  for (const auto key : keys)
    std::cout << "  " << key << (key == keys.back() ? "  signs new links" : "  opens old links") << '\n';
  return exit_success;
}

int rotate(const std::filesystem::path& file) {
  const auto key = ops::KeyRing::rotate(file);
  if (!key) return failure(key.error());
  if (options.as_json)
    std::cout << nlohmann::ordered_json{{"key", *key}}.dump(2) << '\n';
  else
    std::cout
        << "Key " << *key
        << " signs once the hub is started again; links that are out keep working. Forms that are open in "
           "a browser then must be loaded again. Make a backup.\n";
  return exit_success;
}

int revoke(const std::filesystem::path& file) {
  if (auto revoked = ops::KeyRing::revoke(file, options.key); !revoked) return failure(revoked.error());
  if (options.as_json)
    std::cout << nlohmann::ordered_json{{"revoked", options.key}}.dump(2) << '\n';
  else
    std::cout << "Links signed with key " << options.key
              << ", unsubscribe links among them, no longer open once the hub is started again.\n";
  return exit_success;
}

CLI::App* add(CLI::App& keys, const char* name, const char* help, const char* example) {
  auto* verb = keys.add_subcommand(name, help);
  verb->add_option("-c,--config", options.config, "The configuration")->capture_default_str();
  verb->add_flag("--json", options.as_json, "Print JSON");
  verb->footer(std::string{"\nExample:\n  "} + example);
  return verb;
}

}  // namespace

void add_keys(CLI::App& program, Action& action) {
  auto* keys = program.add_subcommand("keys", "The key ring: the keys that sign links in mails");
  keys->require_subcommand(1);
  add(*keys, "list", "Which signing keys there are, without showing them", "leadhub keys list")
      ->callback([&action] { action = [] { return with_file(list); }; });
  add(*keys, "rotate", "Add a signing key; old links keep working", "leadhub keys rotate -c hub.yaml")
      ->callback([&action] { action = [] { return with_file(rotate); }; });
  auto* revoke_verb = add(*keys, "revoke", "Remove an old signing key: every link that it signed is dead",
                          "leadhub keys revoke 1");
  revoke_verb->add_option("KEY", options.key, "Its number")->required();
  revoke_verb->callback([&action] { action = [] { return with_file(revoke); }; });
}

}  // namespace leadhub::app
