#pragma once

#include <leadhub/sdk/transport.hpp>

#include <string>
#include <string_view>
#include <utility>

#include "provider.hpp"
#include "provider_channel.hpp"

namespace leadhub::chat {

/// One chat of hub.yaml. Chooses the provider and hands everything to it.
class ChatChannel final : public webform::ProviderChannel, public sdk::Transport {
 public:
  ChatChannel(sdk::Host host, std::string name) : ProviderChannel(host, std::move(name)) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override;
  /// Throws ChannelError for a secret that is missing or empty, and for a provider that there
  /// is not.
  void activate(std::string_view config) override;
  [[nodiscard]] bool delivers() const override;
  sdk::Outcome deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) override;

 private:
  sdk::Transport* transport_ = nullptr;  ///< the provider, where it can answer
};

}  // namespace leadhub::chat
