#include "fixtures.hpp"
#include "newsletter_channel.hpp"
#include "secrets.hpp"

namespace leadhub::newsletter {

void NewsletterChannel::check(std::string_view config, const sdk::Diagnostics& diagnostics) {
  const SettingsReading reading = read_settings(config);
  for (const SettingsProblem& problem : reading.problems)
    diagnostics.report(problem.pointer, problem.message);
  const ProviderKind* const provider = reading.settings.provider;
  if (provider == nullptr) return;
  for (const std::string& name : reading.settings.secrets)
    webform::check_secret(host_, name, provider->secret_problem, diagnostics);
}

void NewsletterChannel::activate(std::string_view config) {
  SettingsReading reading = read_settings(config);
  if (!reading.problems.empty()) {
    const SettingsProblem& first = reading.problems.front();
    throw sdk::ChannelError(first.pointer + ": " + first.message);
  }
  const ProviderKind& provider = *reading.settings.provider;
  ProviderParts parts{
      name_, std::move(reading.settings), webform::required_secret(host_, "channel.signing_key"), {}};
  parts.secrets = secrets(parts.settings.secrets);
  provider_ = provider.make(std::move(parts));
}

}  // namespace leadhub::newsletter

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::newsletter::NewsletterChannel, &leadhub::newsletter::fixtures);
