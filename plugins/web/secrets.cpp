#include "secrets.hpp"

#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json.hpp>

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

}  // namespace leadhub::webform
