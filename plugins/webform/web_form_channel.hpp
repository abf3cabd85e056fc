#pragma once

#include <leadhub/sdk/channel.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "provider.hpp"

namespace leadhub::webform {

/// One web form of hub.yaml. Chooses the provider and hands everything to it.
class WebFormChannel final : public sdk::Channel {
 public:
  WebFormChannel(sdk::Host host, std::string name) : host_(host), name_(std::move(name)) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override;
  /// Throws ChannelError for a configuration that check() would complain about, for a secret that is missing
  /// or no secret, and for a provider that this version announces only.
  void activate(std::string_view config) override;
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override;
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override;

 private:
  sdk::Host host_;
  std::string name_;
  std::unique_ptr<FormProvider> provider_;
};

}  // namespace leadhub::webform
