#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "form_provider.hpp"
#include "newsletter_settings.hpp"
#include "secrets.hpp"

namespace leadhub::newsletter {

using Provider = webform::FormProvider;
using webform::Errand;
using webform::make_provider;

/// What a provider is made of.
struct ProviderParts {
  std::string channel;  ///< its name in hub.yaml
  NewsletterSettings settings;
  std::string signing_key;           ///< for the tokens of shown forms
  std::vector<std::string> secrets;  ///< the values of NewsletterSettings::secrets, lists taken apart
};

/// A provider as its file providers/NAME.cpp defines it. Its part of the configuration stands beside it, in
/// NAME.schema.json.
struct ProviderKind {
  std::string_view name;  ///< as hub.yaml writes it
  /// Throws ChannelError for secrets and keys that are none.
  std::unique_ptr<Provider> (*make)(ProviderParts parts);
  /// "what is wrong; how to mend it" with one secret, without saying anything of it; empty: nothing.
  std::string (*secret_problem)(std::string_view secret);
  /// The same with one of NewsletterSettings::public_keys.
  std::string (*key_problem)(std::string_view key);
};

using webform::empty_secret_problem;
/// For providers that have none: anything given is one too many.
std::string no_secret_problem(std::string_view secret);
std::string no_key_problem(std::string_view key);

/// The provider of that name in providers/list.txt; null where there is none.
const ProviderKind* find_provider(std::string_view name);

}  // namespace leadhub::newsletter
