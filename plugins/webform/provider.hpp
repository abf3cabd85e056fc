#pragma once

#include <leadhub/sdk/channel.hpp>

#include <memory>
#include <string>
#include <vector>

#include "settings.hpp"

namespace leadhub::webform {

/// One way of sending forms: decides about requests and reads them, by the rules of leadhub_capture_http in
/// abi.h. Thread-safe.
class FormProvider {
 public:
  FormProvider() = default;
  FormProvider(const FormProvider&) = delete;
  FormProvider& operator=(const FormProvider&) = delete;
  virtual ~FormProvider() = default;
  virtual sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) = 0;
  [[nodiscard]] virtual sdk::Reading read(const sdk::HttpRequest& request) const = 0;
};

/// What a provider is made of.
struct ProviderParts {
  std::string channel;  ///< its name in hub.yaml
  Settings settings;
  std::string signing_key;           ///< for the tokens of shown forms
  std::vector<std::string> secrets;  ///< the values of Settings::secrets
};

/// Plain HTML forms, the hosted form and the embed script.
std::unique_ptr<FormProvider> make_html_provider(ProviderParts parts);

/// JSON objects, signed by Standard Webhooks where there is a secret. Throws ChannelError for a secret that
/// is none.
std::unique_ptr<FormProvider> make_json_provider(ProviderParts parts);

}  // namespace leadhub::webform
