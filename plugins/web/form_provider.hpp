#pragma once

#include <leadhub/sdk/channel.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace leadhub::webform {

/// One way of sending, as a channel uses it: decides about requests and reads them, by the rules of
/// leadhub_capture_http in abi.h. Thread-safe.
class FormProvider {
 public:
  FormProvider() = default;
  FormProvider(const FormProvider&) = delete;
  FormProvider& operator=(const FormProvider&) = delete;
  virtual ~FormProvider() = default;
  virtual sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) = 0;
  [[nodiscard]] virtual sdk::Reading read(const sdk::HttpRequest& request) const = 0;
};

/// Makes a provider that needs nothing but its parts, whatever those are to its plugin.
template <class Provider, class Parts>
std::unique_ptr<FormProvider> make_provider(Parts parts) {
  return std::make_unique<Provider>(std::move(parts));
}

}  // namespace leadhub::webform
