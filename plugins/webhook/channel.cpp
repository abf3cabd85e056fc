#include <leadhub/sdk/transport.hpp>

#include "destination.hpp"
#include "settings.hpp"

namespace leadhub::webhook {

/// One destination of hub.yaml.
class WebhookChannel final : public sdk::ConfiguredChannel, public sdk::Transport {
 public:
  WebhookChannel(sdk::Host host, const std::string& /*name*/) : host_(host) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override {
    for (const SettingsProblem& problem : read_settings(config, host_).problems)
      diagnostics.report(problem.pointer, problem.message);
  }

  /// Throws ChannelError for a configuration that check() would complain about.
  void activate(std::string_view config) override {
    SettingsReading reading = read_settings(config, host_);
    if (!reading.problems.empty())
      throw sdk::ChannelError(reading.problems.front().pointer + ": " + reading.problems.front().message);
    destination_ = reading.settings.preset == nullptr
                       ? make_generic_destination(host_, std::move(reading.settings))
                       : make_preset_destination(host_, std::move(reading.settings));
  }

  sdk::Outcome deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) override {
    if (host_.now_ms() >= deadline_ms) return sdk::Outcome::untried();
    sdk::Outcome outcome = destination_->deliver(read_lead_delivery(delivery), deadline_ms);
    host_.count(outcome.state == LEADHUB_DELIVERY_DONE ? "leads_delivered" : "deliveries_failed");
    return outcome;
  }

 private:
  sdk::Host host_;
  std::unique_ptr<Destination> destination_;
};

}  // namespace leadhub::webhook

LEADHUB_EXPORT_CHANNEL(leadhub::webhook::WebhookChannel);
