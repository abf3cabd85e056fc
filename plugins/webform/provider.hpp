#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "form_provider.hpp"
#include "settings.hpp"

namespace leadhub::webform {

/// What a provider is made of.
struct ProviderParts {
  std::string channel;  ///< its name in hub.yaml
  Settings settings;
  std::string signing_key;                    ///< for the tokens of shown forms
  std::vector<std::string> secrets;           ///< the values of Settings::secrets, lists taken apart
  std::map<std::string, std::string> tokens;  ///< the values of Settings::tokens, by their keys
};

enum class FieldsNeed {
  required = 1,  ///< without `fields` nothing would be kept
  optional,      ///< the provider says itself what is what
};

/// A provider as its file providers/NAME.cpp defines it. Its part of the configuration stands beside it, in
/// NAME.schema.json.
struct ProviderKind {
  std::string_view name;  ///< as hub.yaml writes it
  Sender sender;
  FieldsNeed fields;
  /// Throws ChannelError for secrets that are none.
  std::unique_ptr<FormProvider> (*make)(ProviderParts parts);
  /// "what is wrong; how to mend it" with one secret, without saying anything of it; empty: nothing.
  std::string (*secret_problem)(std::string_view secret);
};

/// The provider of that name in providers/list.txt; null where there is none.
const ProviderKind* find_provider(std::string_view name);

}  // namespace leadhub::webform
