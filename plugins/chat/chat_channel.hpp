#pragma once

#include <leadhub/sdk/channel.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "provider.hpp"

namespace leadhub::chat {

/// One chat of hub.yaml. Chooses the provider and hands everything to it.
class ChatChannel final : public sdk::Channel {
 public:
  ChatChannel(sdk::Host host, const std::string&) : host_(host) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override;
  /// Throws ChannelError for a secret that is missing or empty, and for a provider that is not part of this
  /// version.
  void activate(std::string_view config) override;
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override;
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override;

 private:
  sdk::Host host_;
  std::unique_ptr<Provider> provider_;
};

}  // namespace leadhub::chat
