#pragma once

#include <leadhub/sdk/testing/channel_driver.hpp>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

/// Leads as the host hands them over, and a channel that takes them.
namespace leadhub::webhook::testing {

using Json = nlohmann::ordered_json;
using sdk::testing::ChannelDriver;
using sdk::testing::DeliveryOutcome;
using sdk::testing::FakeHost;
using sdk::testing::SentRequest;
using sdk::testing::ServiceAnswer;

inline const std::string message_id = "019b0b2e-6c00-7000-8000-00000000000a";

inline Json ada() {
  return {{"id", "019b0b2e-0000-7000-8000-000000000001"},
          {"email", "ada.lovelace@example.com"},
          {"phone", "+442079460958"},
          {"name", "Ada Lovelace"},
          {"first_name", "Ada"},
          {"last_name", "Lovelace"},
          {"company", "Analytical Engines"},
          {"job_title", nullptr},
          {"country", "GB"},
          {"city", "London"},
          {"language", nullptr},
          {"time_zone", nullptr},
          {"stage", "developing"},
          {"temperature", "hot"},
          {"score", 70},
          {"grade", "B1"},
          {"owner", nullptr},
          {"tags", Json::array()},
          {"attributes", {{"company_size", 250}, {"plan", "pro"}}},
          {"warmth", Json::array({{{"temperature", "hot"}, {"rule", "asked for a demo"}}})}};
}

inline Json document_of(Json lead) {
  return {{"type", "lead"},
          {"id", message_id},
          {"at", "2026-01-05T11:59:30.000Z"},
          {"reason",
           {{"what", "hand-off"},
            {"name", "hot leads by territory"},
            {"event", "demo.requested"},
            {"owner", {{"name", "Charles"}, {"email", "charles@example.com"}}},
            {"answer_by", "2026-01-05T13:00:00.000Z"}}},
          {"lead", std::move(lead)}};
}

/// The configuration as the host gives it: every secret behind a reference, its value with the host.
inline std::string prepared(Json config, FakeHost& host) {
  const auto hide = [&](Json& value, const std::string& pointer) {
    host.set_secret(pointer, value.get<std::string>());
    value = {{"$secret", pointer}};
  };
  for (const char* key : {"url", "token"})
    if (config.contains(key)) hide(config[key], std::string("/") + key);
  if (config.contains("secret") && config["secret"].is_string()) hide(config["secret"], "/secret");
  if (config.contains("secret") && config["secret"].is_array())
    for (std::size_t i = 0; i < config["secret"].size(); ++i)
      hide(config["secret"][i], "/secret/" + std::to_string(i));
  if (config.contains("headers"))
    for (auto& [name, value] : config["headers"].items()) hide(value, "/headers/" + name);
  const Json defaults{{"preset", "generic"}, {"external_id", "Leadhub_Id__c"}, {"timeout", "15s"}};
  for (const auto& [key, value] : defaults.items())
    if (!config.contains(key)) config[key] = value;
  return config.dump();
}

/// A destination that is active.
class Channel {
 public:
  Channel(FakeHost& host, Json config) : driver_(leadhub_plugin, host) {
    driver_.activate(prepared(std::move(config), host));
  }

  DeliveryOutcome deliver(const Json& lead = ada(), const std::string& key = message_id) {
    return driver_.deliver({document_of(lead).dump(), key}, deadline_ms);
  }
  DeliveryOutcome deliver_document(const std::string& document) {
    return driver_.deliver({document, message_id}, deadline_ms);
  }

  static constexpr std::int64_t deadline_ms = 1'767'614'400'000 + 60'000;

 private:
  ChannelDriver driver_;
};

}  // namespace leadhub::webhook::testing
