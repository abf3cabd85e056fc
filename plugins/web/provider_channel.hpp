#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/follow_up.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "form_provider.hpp"

namespace leadhub::webform {

/// A channel of a plugin with many providers: activate() chooses one by the configuration, and everything is
/// handed to it.
class ProviderChannel : public sdk::Channel, public sdk::FollowUp {
 public:
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) final;
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const final;
  [[nodiscard]] bool follows_up() const final { return provider_ != nullptr && provider_->follows_up(); }
  [[nodiscard]] bool wants_follow_up(const sdk::HttpRequest& request) const final {
    return provider_->wants_follow_up(request);
  }
  [[nodiscard]] std::vector<std::string> follow_up(const sdk::HttpRequest& request, std::string_view key,
                                                   std::int64_t deadline_ms) final {
    return provider_->follow_up({request, key, deadline_ms, host_});
  }

 protected:
  ProviderChannel(sdk::Host host, std::string name) : host_(host), name_(std::move(name)) {}

  /// The values of the secrets of those names, lists taken apart. Throws ChannelError where one is missing.
  [[nodiscard]] std::vector<std::string> secrets(const std::vector<std::string>& names) const;

  sdk::Host host_;
  std::string name_;
  std::unique_ptr<FormProvider> provider_;
};

/// "what is wrong; how to mend it" with the name of a provider that the plugin does not have.
std::string unknown_provider(const std::string& name);

}  // namespace leadhub::webform
