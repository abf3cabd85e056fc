#include "app/hub_options.hpp"

#include <CLI/CLI.hpp>

namespace leadhub::app {

void add_hub_options(CLI::App& verb, HubOptions& options) {
  verb.add_option("-c,--config", options.config,
                  "The hub's configuration; else ./hub.yaml, else the last hub started");
  verb.add_flag("--json", options.as_json, "Print JSON");
}

}  // namespace leadhub::app
