#pragma once

#include <leadhub/sdk/transport.hpp>

#include <cstdint>
#include <memory>

#include "lead_delivery.hpp"
#include "settings.hpp"

namespace leadhub::webhook {

/// Who takes the leads of one channel.
class Destination {
 public:
  Destination() = default;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  virtual ~Destination() = default;

  /// As sdk::Transport::deliver. Throws NoAnswerError only where nothing was sent that could be sent twice.
  [[nodiscard]] virtual sdk::Outcome deliver(const LeadDelivery& delivery, std::int64_t deadline_ms) = 0;
};

/// Any program, by Standard Webhooks (standardwebhooks.com): one POST a lead, signed where there is a secret.
[[nodiscard]] std::unique_ptr<Destination> make_generic_destination(sdk::Host host, Settings settings);

/// A service that has its own way, which presets/NAME.yaml describes.
[[nodiscard]] std::unique_ptr<Destination> make_preset_destination(sdk::Host host, Settings settings);

}  // namespace leadhub::webhook
