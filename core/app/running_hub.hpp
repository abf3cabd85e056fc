#pragma once

#include <filesystem>
#include <string>

#include "control/client.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// What the command line must know to reach a running hub.
struct HubAddress {
  std::filesystem::path config;  ///< absolute
  std::string control_url;
  std::filesystem::path token_file;
};

/// Writes the address where the command line of this user finds it: in $XDG_STATE_HOME/leadhub/ (else
/// ~/.local/state/leadhub/), the last started hub and one file for each configuration. Holds no secret. A
/// failure costs only convenience and is logged.
void remember_hub(const HubAddress& address);

/// The hub of `config_file`; empty: of LEADHUB_CONFIG, else of ./hub.yaml if there is one, else the last that
/// this user started. The environment's LEADHUB_URL and LEADHUB_TOKEN come before everything. Error: says
/// which of these to give.
[[nodiscard]] Result<control::Client> connect(const std::string& config_file);

}  // namespace leadhub::app
