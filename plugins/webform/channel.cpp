#include <leadhub/sdk/signature.hpp>

#include "fixtures.hpp"
#include "secrets.hpp"
#include "web_form_channel.hpp"

namespace leadhub::webform {

void WebFormChannel::check(std::string_view config, const sdk::Diagnostics& diagnostics) {
  const SettingsReading reading = read_settings(config);
  for (const SettingsProblem& problem : reading.problems)
    diagnostics.report(problem.pointer, problem.message);
  for (const std::string& name : reading.settings.secrets) check_secret(name, diagnostics);
}

/// A secret's name is its pointer in the configuration; a list of them has one name.
void WebFormChannel::check_secret(const std::string& name, const sdk::Diagnostics& diagnostics) const try {
  const std::string value = host_.secret(name).value_or("");
  const std::vector<std::string> secrets = secrets_in(value);
  for (std::size_t i = 0; i < secrets.size(); ++i)
    if (const std::string problem =
            sdk::SignatureVerifier::secret_problem(sdk::standard_webhooks_scheme(), secrets[i]);
        !problem.empty())
      diagnostics.report(value.starts_with('[') ? name + "/" + std::to_string(i) : name, problem);
} catch (const sdk::ChannelError& error) {
  diagnostics.report(name, error.what());
}

void WebFormChannel::activate(std::string_view config) {
  SettingsReading reading = read_settings(config);
  if (!reading.problems.empty()) {
    const SettingsProblem& first = reading.problems.front();
    throw sdk::ChannelError(first.pointer + ": " + first.message);
  }
  if (reading.settings.provider == Provider::announced)
    throw sdk::ChannelError(
        "provider " + reading.settings.provider_name +
        " is not part of this version of the web form plugin; use html or json, or take the "
        "channel out");
  ProviderParts parts{name_, std::move(reading.settings), secret("channel.signing_key"), {}};
  for (const std::string& name : parts.settings.secrets) parts.secrets.push_back(secret(name));
  provider_ = parts.settings.provider == Provider::html ? make_html_provider(std::move(parts))
                                                        : make_json_provider(std::move(parts));
}

std::string WebFormChannel::secret(const std::string& name) const {
  if (std::optional<std::string> value = host_.secret(name); value && !value->empty())
    return std::move(*value);
  throw sdk::ChannelError("the secret " + name + " is missing or empty; see that hub.yaml gives it a value",
                          LEADHUB_ERROR_NOT_FOUND);
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
