#pragma once

#include <string>
#include <string_view>
#include <vector>

/// A channel's configuration, compiled.
namespace leadhub::chat {

struct ProviderKind;

struct ChatSettings {
  std::string provider_name;
  const ProviderKind* provider = nullptr;  ///< never null
  std::string purpose;                     ///< of the consent that people take back in the chat itself
  std::vector<std::string> secrets;        ///< the names to ask the host for
  std::string verify_token;                ///< the same; empty where the provider has none
  std::string token;                       ///< the same, of the service's API; empty: the hub does not answer
  std::string api;                         ///< where that API is; empty: where the service has it
  std::string auto_reply;                  ///< what whoever begins is answered; empty: nothing
};

/// Reads `config`: JSON, valid by config_schema.json, secrets replaced by references. The schema says all
/// that can be wrong with it. Throws ChannelError for what is no object, and for a
/// provider that there is not.
ChatSettings read_settings(std::string_view config);

}  // namespace leadhub::chat
