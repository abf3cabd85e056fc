#include <leadhub/sdk/transport.hpp>

#include "mail.hpp"
#include "settings.hpp"
#include "transport.hpp"

namespace leadhub::email {

/// One mail channel of hub.yaml. Chooses the transport and hands everything to it.
class EmailChannel final : public sdk::ConfiguredChannel, public sdk::Transport {
 public:
  EmailChannel(sdk::Host host, const std::string& /*name*/) : host_(host) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override {
    for (const SettingsProblem& problem : read_settings(config).problems)
      diagnostics.report(problem.pointer, problem.message);
  }

  /// Throws ChannelError for a configuration that check() would complain about, for a transport that this
  /// version announces only, and where the transport cannot start.
  void activate(std::string_view config) override {
    const SettingsReading reading = read_settings(config);
    if (!reading.problems.empty())
      throw sdk::ChannelError(reading.problems.front().pointer + ": " + reading.problems.front().message);
    if (reading.settings.transport == TransportKind::announced)
      throw sdk::ChannelError(
          "the transport " + reading.settings.transport_name +
          " is not part of this version of the e-mail plugin; use maildir, or take the channel out");
    transport_ = make_maildir_transport(reading.settings);
  }

  sdk::Outcome deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) override {
    if (host_.now_ms() >= deadline_ms) return sdk::Outcome::untried();
    sdk::Outcome outcome = transport_->deliver(read_mail(delivery.document()));
    if (outcome.state == LEADHUB_DELIVERY_DONE) host_.count("mails");
    return outcome;
  }

 private:
  sdk::Host host_;
  std::unique_ptr<MailTransport> transport_;
};

}  // namespace leadhub::email

LEADHUB_EXPORT_CHANNEL(leadhub::email::EmailChannel);
