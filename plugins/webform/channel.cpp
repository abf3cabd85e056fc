#include "fixtures.hpp"
#include "secrets.hpp"
#include "web_form_channel.hpp"

namespace leadhub::webform {

void WebFormChannel::check(std::string_view config, const sdk::Diagnostics& diagnostics) {
  const SettingsReading reading = read_settings(config);
  for (const SettingsProblem& problem : reading.problems)
    diagnostics.report(problem.pointer, problem.message);
  if (reading.settings.provider == nullptr) return;
  for (const std::string& name : reading.settings.secrets)
    check_secret(host_, name, reading.settings.provider->secret_problem, diagnostics);
  for (const auto& [key, name] : reading.settings.tokens)
    check_secret(host_, name, &empty_secret_problem, diagnostics);
}

void WebFormChannel::activate(std::string_view config) {
  SettingsReading reading = read_settings(config);
  if (!reading.problems.empty()) {
    const SettingsProblem& first = reading.problems.front();
    throw sdk::ChannelError(first.pointer + ": " + first.message);
  }
  const ProviderKind& provider = *reading.settings.provider;
  ProviderParts parts{
      name_, std::move(reading.settings), required_secret(host_, "channel.signing_key"), {}, {}};
  parts.secrets = secrets(parts.settings.secrets);
  for (const auto& [key, name] : parts.settings.tokens) parts.tokens[key] = required_secret(host_, name);
  provider_ = provider.make(std::move(parts));
}

}  // namespace leadhub::webform

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::webform::WebFormChannel, &leadhub::webform::fixtures);
