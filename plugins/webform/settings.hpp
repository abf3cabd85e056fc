#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "form_settings.hpp"

namespace leadhub::webform {

struct ProviderKind;

/// A channel's configuration, compiled.
struct Settings : FormSettings {
  std::string provider_name;
  const ProviderKind* provider = nullptr;  ///< null: there is none of that name, a problem
  std::string config;                      ///< the whole of it, for keys that one provider alone has
  std::vector<std::string> secrets;        ///< the names to ask the host for
  std::vector<std::pair<std::string, std::string>>
      tokens;  ///< keys of the configuration with one secret each -> the names to ask the host for
  std::vector<std::pair<std::string, std::string>>
      events;  ///< a provider's own names -> types of lead events
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  Settings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Whether a channel may give events of that type.
bool is_event_type(std::string_view type);

/// Reads `config`: JSON, valid by config_schema.json, secrets replaced by references. Defaults are the
/// schema's own where the host has not filled them in. Never throws for what a configuration holds.
SettingsReading read_settings(std::string_view config);

}  // namespace leadhub::webform
