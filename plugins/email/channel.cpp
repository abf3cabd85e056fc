#include <leadhub/sdk/transport.hpp>

#include <optional>

#include "dkim.hpp"
#include "mail_queue.hpp"
#include "settings.hpp"
#include "throttle.hpp"
#include "transport.hpp"

namespace leadhub::email {

/// One mail channel of hub.yaml. Chooses the transport and hands everything to it.
class EmailChannel final : public sdk::ConfiguredChannel, public sdk::BatchTransport {
 public:
  EmailChannel(sdk::Host host, const std::string& /*name*/) : host_(host) {}

  void check(std::string_view config, const sdk::Diagnostics& diagnostics) override {
    const SettingsReading reading = read_settings(config);
    for (const SettingsProblem& problem : reading.problems)
      diagnostics.report(problem.pointer, problem.message);
    for (const DkimKeySettings& key : reading.settings.dkim) {
      try {
        (void)read_key(key);
      } catch (const sdk::ChannelError& error) {
        diagnostics.report(key.secret, error.what());
      }
    }
  }

  /// Throws ChannelError for a configuration that check() would complain about, and where the transport
  /// cannot start.
  void activate(std::string_view config) override {
    SettingsReading reading = read_settings(config);
    if (!reading.problems.empty())
      throw sdk::ChannelError(reading.problems.front().pointer + ": " + reading.problems.front().message);
    settings_ = std::move(reading.settings);
    throttle_.emplace(settings_.rates);
    transport_ = make_transport();
  }

  void deactivate() override { transport_.reset(); }

  void deliver(sdk::Deliveries& batch, std::int64_t deadline_ms) override {
    MailQueue queue{host_, settings_, *throttle_, batch, deadline_ms};
    transport_->deliver(queue);
  }

 private:
  [[nodiscard]] DkimKey read_key(const DkimKeySettings& key) const {
    return DkimKey{key.domain, key.selector, host_.secret(key.secret).value_or("")};
  }

  [[nodiscard]] std::unique_ptr<MailTransport> make_transport() const {
    const std::string key = host_.secret("/key").value_or("");
    switch (settings_.transport) {
      case TransportKind::maildir:
        return make_maildir_transport(settings_);
      case TransportKind::smtp:
        return make_smtp_transport(settings_, host_.secret("/password").value_or(""), read_keys());
      case TransportKind::sendgrid:
        return make_api_transport(host_, settings_, make_sendgrid(settings_, key));
      case TransportKind::mailgun:
        return make_api_transport(host_, settings_, make_mailgun(settings_, key));
      case TransportKind::postmark:
        return make_api_transport(host_, settings_, make_postmark(settings_, key));
      case TransportKind::ses:
        return make_api_transport(host_, settings_, make_ses(settings_, key));
      case TransportKind::brevo:
        return make_api_transport(host_, settings_, make_brevo(settings_, key));
    }
    throw sdk::ChannelError("there is no such transport; see the plugin's README");
  }

  [[nodiscard]] std::vector<DkimKey> read_keys() const {
    std::vector<DkimKey> keys;
    keys.reserve(settings_.dkim.size());
    for (const DkimKeySettings& key : settings_.dkim) keys.push_back(read_key(key));
    return keys;
  }

  sdk::Host host_;
  Settings settings_;
  std::optional<Throttle> throttle_;
  std::unique_ptr<MailTransport> transport_;
};

}  // namespace leadhub::email

LEADHUB_EXPORT_CHANNEL(leadhub::email::EmailChannel);
