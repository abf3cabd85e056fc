#include "secrets.hpp"

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace leadhub::webform {

std::vector<std::string> secrets_in(const std::string& value) {
  if (!value.starts_with('[')) return {value};
  const nlohmann::json list = nlohmann::json::parse(value, nullptr, false);
  std::vector<std::string> secrets;
  if (list.is_array())
    for (const nlohmann::json& secret : list)
      if (secret.is_string()) secrets.push_back(secret.get<std::string>());
  if (secrets.empty() || secrets.size() != list.size())
    throw sdk::ChannelError(
        "the list of secrets is not a list of texts; write secret: [whsec_..., whsec_...]");
  return secrets;
}

std::string required_secret(const sdk::Host& host, const std::string& name) {
  if (std::optional<std::string> value = host.secret(name); value && !value->empty())
    return std::move(*value);
  throw sdk::ChannelError("the secret " + name + " is missing or empty; see that hub.yaml gives it a value",
                          LEADHUB_ERROR_NOT_FOUND);
}

std::string empty_secret_problem(std::string_view secret) {
  return trim(secret).empty() ? "the secret is empty; see that its environment variable or file holds one"
                              : "";
}

void check_secret(const sdk::Host& host, const std::string& name, std::string (*problem)(std::string_view),
                  const sdk::Diagnostics& diagnostics) try {
  const std::string value = host.secret(name).value_or("");
  const std::vector<std::string> secrets = secrets_in(value);
  for (std::size_t i = 0; i < secrets.size(); ++i)
    if (const std::string found = problem(secrets[i]); !found.empty())
      diagnostics.report(value.starts_with('[') ? name + "/" + std::to_string(i) : name, found);
} catch (const sdk::ChannelError& error) {
  diagnostics.report(name, error.what());
}

}  // namespace leadhub::webform
