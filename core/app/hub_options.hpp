#pragma once

#include <string>

namespace CLI {
class App;
}

namespace leadhub::app {

/// What every verb takes that speaks to the running hub.
struct HubOptions {
  std::string config;  ///< as connect() takes it
  bool as_json = false;
};

/// Adds -c and --json to the verb. `options` outlives the command line.
void add_hub_options(CLI::App& verb, HubOptions& options);

}  // namespace leadhub::app
