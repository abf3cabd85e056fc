#pragma once

#include <string>
#include <string_view>

#include "provider.hpp"
#include "provider_channel.hpp"

namespace leadhub::webform {

/// One web form of hub.yaml. Chooses the provider and hands everything to it.
class WebFormChannel final : public ProviderChannel {
 public:
  WebFormChannel(sdk::Host host, std::string name) : ProviderChannel(host, std::move(name)) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override;
  /// Throws ChannelError for a configuration that check() would complain about, and for a secret that is
  /// missing or no secret.
  void activate(std::string_view config) override;
};

}  // namespace leadhub::webform
