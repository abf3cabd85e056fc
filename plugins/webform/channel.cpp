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
}

void WebFormChannel::activate(std::string_view config) {
  SettingsReading reading = read_settings(config);
  if (!reading.problems.empty()) {
    const SettingsProblem& first = reading.problems.front();
    throw sdk::ChannelError(first.pointer + ": " + first.message);
  }
  if (reading.settings.provider == nullptr)
    throw sdk::ChannelError("provider " + reading.settings.provider_name +
                            " is not part of this version of the web form plugin; use another one, or take "
                            "the channel out");
  ProviderParts parts{name_, std::move(reading.settings), required_secret(host_, "channel.signing_key"), {}};
  for (const std::string& name : parts.settings.secrets)
    for (std::string& value : secrets_in(required_secret(host_, name)))
      parts.secrets.push_back(std::move(value));
  const ProviderKind& provider = *parts.settings.provider;
  provider_ = provider.make(std::move(parts));
}

sdk::Verdict WebFormChannel::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  sdk::Verdict verdict = provider_->authenticate(request, now_ms);
  if (verdict.kind == LEADHUB_VERDICT_REFUSE) host_.count("refused");
  if (verdict.kind == LEADHUB_VERDICT_HOLD) host_.count("held");
  return verdict;
}

sdk::Reading WebFormChannel::read(const sdk::HttpRequest& request) const {
  return provider_->read(request);
}

}  // namespace leadhub::webform

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::webform::WebFormChannel, &leadhub::webform::fixtures);
