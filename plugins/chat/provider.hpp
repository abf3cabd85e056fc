#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chat_settings.hpp"
#include "form_provider.hpp"

namespace leadhub::chat {

using Provider = webform::FormProvider;
using webform::make_provider;

/// What a provider is made of.
struct ProviderParts {
  sdk::Host host;
  ChatSettings settings;
  std::vector<std::string> secrets;        ///< the values of ChatSettings::secrets, lists taken apart
  std::vector<std::string> verify_tokens;  ///< the value of ChatSettings::verify_token; empty: it has none
  std::string token;                       ///< the value of ChatSettings::token; empty: it has none
  std::string channel;                     ///< its name in hub.yaml
  std::string config;                      ///< the whole configuration, as the host gave it
  std::string signing_key;                 ///< of the channel, for tokens of its own
};

/// A provider that can answer is an sdk::Transport, too. The documents that it gets are of type "chat"
/// (sdk/chat.schema.json).
///
/// A provider as its file providers/NAME.cpp defines it. Its part of the configuration stands beside it, in
/// NAME.schema.json.
struct ProviderKind {
  std::string_view name;  ///< as hub.yaml writes it
  /// Throws ChannelError for secrets that are none.
  std::unique_ptr<Provider> (*make)(ProviderParts parts);
  /// Reports what its schema cannot express; null: that is nothing.
  void (*check)(std::string_view config, const sdk::Diagnostics& diagnostics) = nullptr;
};

/// The provider of that name in providers/list.txt; null where there is none.
const ProviderKind* find_provider(std::string_view name);

}  // namespace leadhub::chat
