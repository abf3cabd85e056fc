#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace leadhub::config {

/// What the descriptor of an installed plugin says about its channels: the draft-07 schema of their `config`,
/// as JSON text, and what they deliver ("mail", "chat", "lead").
struct PluginSchema {
  std::string id;
  std::string schema;
  std::vector<std::string> delivers{};
};

/// The schema of hub.yaml, with `config` of a channel left open. Lives as long as the program.
[[nodiscard]] const nlohmann::json& hub_schema();

/// The schema of hub.yaml for editors: the `config` of each channel by its `plugin`, of the installed
/// plugins. References inside the plugins' schemas are rewritten. A plugin whose schema is not JSON
/// leaves `config` open.
[[nodiscard]] nlohmann::json composed_schema(std::span<const PluginSchema> installed);

}  // namespace leadhub::config
