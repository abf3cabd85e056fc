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

  /// Throws ChannelError for a configuration that check() would complain about, for a transport that this
  /// version announces only, and where the transport cannot start.
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
    if (settings_.transport == TransportKind::maildir) return make_maildir_transport(settings_);
    if (settings_.transport == TransportKind::announced)
      throw sdk::ChannelError(
          "the transport " + settings_.transport_name +
          " is not part of this version of the e-mail plugin; use smtp or maildir, or take the channel out");
    std::vector<DkimKey> keys;
    for (const DkimKeySettings& key : settings_.dkim) keys.push_back(read_key(key));
    return make_smtp_transport(settings_, host_.secret("/password").value_or(""), std::move(keys));
  }

  sdk::Host host_;
  Settings settings_;
  std::optional<Throttle> throttle_;
  std::unique_ptr<MailTransport> transport_;
};

}  // namespace leadhub::email

LEADHUB_EXPORT_CHANNEL(leadhub::email::EmailChannel);
