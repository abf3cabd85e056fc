#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "form_settings.hpp"

/// A channel's configuration, compiled.
namespace leadhub::newsletter {

struct ProviderKind;

/// Whether the owner of the mailbox is asked before a sign-up counts.
enum class OptIn { single = 1, confirmed };

struct NewsletterSettings {
  std::string provider_name;
  const ProviderKind* provider = nullptr;  ///< null: there is none of that name, a problem
  std::string list;                        ///< the newsletter's name; may be empty
  std::string purpose;                     ///< what subscribers agree to
  std::string text;                        ///< the exact words; may be empty but for the hub's own form
  OptIn opt_in = OptIn::single;
  std::vector<std::string> secrets;      ///< the names to ask the host for
  std::vector<std::string> public_keys;  ///< of providers that sign with a private key
  std::vector<std::string> topics;       ///< of Amazon SNS that may send
  webform::FormSettings form;            ///< of the hub's own form
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  NewsletterSettings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Reads `config`: JSON, valid by config_schema.json, secrets replaced by references. Defaults are the
/// schema's own where the host has not filled them in. Never throws for what a configuration holds.
SettingsReading read_settings(std::string_view config);

}  // namespace leadhub::newsletter
