#include "chat_settings.hpp"

#include <leadhub/sdk/channel.hpp>

#include <nlohmann/json.hpp>

#include "provider.hpp"
#include "provider_channel.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key, std::string_view fallback = {}) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(fallback);
}

/// The names behind {"$secret": name}, one or a list.
std::vector<std::string> references_at(const json& object, const char* key) {
  std::vector<std::string> names;
  const auto found = object.find(key);
  if (found == object.end()) return names;
  const auto add = [&](const json& reference) {
    if (reference.is_object()) names.push_back(text_of(reference, "$secret"));
  };
  if (!found->is_array()) add(*found);
  if (found->is_array())
    for (const json& reference : *found) add(reference);
  return names;
}

}  // namespace

ChatSettings read_settings(std::string_view config) {
  const json given = json::parse(config, nullptr, false);
  if (!given.is_object())
    throw sdk::ChannelError("the configuration is not an object; write provider and what belongs to it");
  ChatSettings settings;
  settings.provider_name = text_of(given, "provider");
  settings.provider = find_provider(settings.provider_name);
  if (settings.provider == nullptr)
    throw sdk::ChannelError(webform::unknown_provider(settings.provider_name));
  settings.purpose = text_of(given, "purpose", "marketing_chat");
  settings.secrets = references_at(given, "secret");
  for (std::string& name : references_at(given, "verify_token")) settings.verify_token = std::move(name);
  for (std::string& name : references_at(given, "token")) settings.token = std::move(name);
  settings.api = text_of(given, "api");
  settings.auto_reply = text_of(given, "auto_reply");
  return settings;
}

}  // namespace leadhub::chat
