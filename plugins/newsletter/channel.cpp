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
  if (reading.settings.provider == nullptr)
    throw sdk::ChannelError("provider " + reading.settings.provider_name +
                            " is not part of this version of the newsletter plugin; use another one, or take "
                            "the channel out");
  ProviderParts parts{
      name_, std::move(reading.settings), webform::required_secret(host_, "channel.signing_key"), {}};
  for (const std::string& name : parts.settings.secrets)
    for (std::string& value : webform::secrets_in(webform::required_secret(host_, name)))
      parts.secrets.push_back(std::move(value));
  const ProviderKind& provider = *parts.settings.provider;
  provider_ = provider.make(std::move(parts));
}

sdk::Verdict NewsletterChannel::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  sdk::Verdict verdict = provider_->authenticate(request, now_ms);
  if (verdict.kind == LEADHUB_VERDICT_REFUSE) host_.count("refused");
  if (verdict.kind == LEADHUB_VERDICT_HOLD) host_.count("held");
  return verdict;
}

sdk::Reading NewsletterChannel::read(const sdk::HttpRequest& request) const {
  return provider_->read(request);
}

}  // namespace leadhub::newsletter

LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(leadhub::newsletter::NewsletterChannel, &leadhub::newsletter::fixtures);
