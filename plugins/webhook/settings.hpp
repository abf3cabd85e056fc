#pragma once

#include <leadhub/sdk/channel.hpp>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "preset.hpp"

namespace leadhub::webhook {

/// A channel's configuration, compiled, with the values of its secrets.
struct Settings {
  const Preset* preset = nullptr;  ///< null: generic
  std::string url;  ///< without slashes at its end; of a preset that knows its service: may be empty
  std::vector<std::string> secrets;
  std::string token;
  std::string external_id;
  std::vector<std::pair<std::string, std::string>> headers;
  nlohmann::ordered_json fields =
      nlohmann::ordered_json::object();  ///< as configured: dotted name -> template
  std::int64_t timeout_ms = 0;
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  Settings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Reads `config`: JSON, valid by config_schema.json, defaults filled in, secrets behind references that the
/// host resolves.
[[nodiscard]] SettingsReading read_settings(std::string_view config, const sdk::Host& host);

}  // namespace leadhub::webhook
