#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"

namespace leadhub::email {

enum class TransportKind { maildir = 1, announced };

/// A channel's configuration, compiled.
struct Settings {
  TransportKind transport = TransportKind::maildir;
  std::string transport_name;
  std::string directory;  ///< maildir: absolute
  Sender sender;
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  Settings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Reads `config`: JSON, valid by config_schema.json, defaults filled in. `postal_address` and `rate` are for
/// marketing mails and for transports that reach somebody; a maildir needs neither.
SettingsReading read_settings(std::string_view config);

}  // namespace leadhub::email
