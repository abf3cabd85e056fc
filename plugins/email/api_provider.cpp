#include "api_provider.hpp"

#include <gmime/gmime.h>

#include <nlohmann/json.hpp>

namespace leadhub::email {

using sdk::Outcome;

sdk::Outcome ApiProvider::refusal(const sdk::HttpResponse& response, std::int64_t now_ms) const {
  const int status = response.status;
  const std::string what = name() + " answered " + std::to_string(status);
  if (status == 429 || status == 503)
    return Outcome::later(what, sdk::RetryClass::rate_limited, sdk::retry_after_ms(response, now_ms));
  if (status >= 500) return Outcome::unknown(what + "; the mail may have left or not");
  if (status == 408 || status == 425) return Outcome::later(what);
  if (status == 401 || status == 402 || status == 403 || status == 404 || status == 407 || status < 400)
    return to_be_mended(*this, "answered " + std::to_string(status));
  return Outcome::rejected(what);
}

nlohmann::json to_json(const Mailbox& mailbox) {
  nlohmann::json json{{"email", mailbox.address}};
  if (!mailbox.name.empty()) json["name"] = mailbox.name;
  return json;
}

std::string to_header(const Mailbox& mailbox) {
  InternetAddress* address = internet_address_mailbox_new(
      mailbox.name.empty() ? nullptr : mailbox.name.c_str(), mailbox.address.c_str());
  char* text = internet_address_to_string(address, nullptr, FALSE);
  std::string header{text};
  g_free(text);
  g_object_unref(address);
  return header;
}

std::string member_of(const sdk::HttpResponse& response, const char* name) {
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  if (!json.is_object() || !json.contains(name) || !json.at(name).is_string()) return {};
  return json.at(name).get<std::string>();
}

Outcome not_understood(const ApiProvider& provider) {
  return Outcome::unknown(provider.name() +
                          " answered what is not in its documentation; the mail may have left or not");
}

Outcome to_be_mended(const ApiProvider& provider, const std::string& what) {
  return Outcome::later(
      provider.name() + " " + what + "; look at the account, its key and this channel's configuration",
      sdk::RetryClass::auth);
}

}  // namespace leadhub::email
