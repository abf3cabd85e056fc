#include "provider_channel.hpp"

#include "secrets.hpp"

namespace leadhub::webform {

sdk::Verdict ProviderChannel::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  sdk::Verdict verdict = provider_->authenticate(request, now_ms);
  if (verdict.kind == LEADHUB_VERDICT_REFUSE) host_.count("refused");
  if (verdict.kind == LEADHUB_VERDICT_HOLD) host_.count("held");
  return verdict;
}

sdk::Reading ProviderChannel::read(const sdk::HttpRequest& request) const {
  return provider_->read(request);
}

std::vector<std::string> ProviderChannel::secrets(const std::vector<std::string>& names) const {
  std::vector<std::string> values;
  for (const std::string& name : names)
    for (std::string& value : secrets_in(required_secret(host_, name))) values.push_back(std::move(value));
  return values;
}

std::string unknown_provider(const std::string& name) {
  return "there is no provider \"" + name + "\"; write one of those in docs/providers.md";
}

}  // namespace leadhub::webform
