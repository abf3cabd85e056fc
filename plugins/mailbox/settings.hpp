#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leadhub::mailbox {

enum class Encryption {
  required = 1,  ///< TLS from the first byte (imaps) or by STARTTLS (imap)
  none,          ///< only where the network is one's own
};

/// A channel's configuration, compiled.
struct Settings {
  std::string url;  ///< "imaps://mail.example.com/": no user, no path
  std::string user;
  std::string password_pointer;  ///< where the secret is to be had
  std::string folder;
  std::string ca_file;  ///< absolute; empty: those of the system
  Encryption encryption = Encryption::required;
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  Settings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Reads `config`: JSON, valid by config_schema.json, defaults filled in. An imap:// URL of this machine
/// itself (127.0.0.1, [::1], localhost) needs no encryption; one of another machine does, unless `encryption:
/// none` says otherwise.
[[nodiscard]] SettingsReading read_settings(std::string_view config);

}  // namespace leadhub::mailbox
