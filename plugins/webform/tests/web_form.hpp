#pragma once

#include <leadhub/sdk/testing/channel_driver.hpp>
#include <leadhub/sdk/testing/fake_host.hpp>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// A web form channel behind the C tables, set up as the host would.
namespace leadhub::webform::testing {

using sdk::testing::Request;
using sdk::testing::Response;
using Json = nlohmann::ordered_json;

inline constexpr std::int64_t noon_ms = 1767614400000;  // 2026-01-05T12:00:00Z

/// The host's part of a configuration with secrets: references in their place, the values with the host.
inline std::string take_secrets(Json config, sdk::testing::FakeHost& host) {
  if (config.contains("secret")) {
    const Json& secret = config["secret"];
    host.set_secret("/secret", secret.is_string() ? secret.get<std::string>() : secret.dump());
    config["secret"] = Json{{"$secret", "/secret"}};
  }
  return config.dump();
}

/// What came of a request.
struct Outcome {
  leadhub_verdict verdict = 0;
  std::string reason;
  Response response;
  std::vector<Json> events;
};

class WebForm {
 public:
  explicit WebForm(const Json& config, std::string_view name = "website")
      : driver_(leadhub_plugin, host_, name), name_(name) {
    const std::string document = take_secrets(config, host_);
    problems_ = driver_.check(document);
    if (problems_.empty()) driver_.activate(document);
  }

  /// A POST to /in/<channel>, decided on and, where accepted or held, read: as the host does it.
  Outcome send(const Request& request, std::int64_t now_ms = noon_ms) {
    auto decided = driver_.authenticate(request, now_ms);
    Outcome outcome{decided.verdict, decided.reason, decided.response.value_or(Response{}), {}};
    if (decided.verdict != LEADHUB_VERDICT_ACCEPT && decided.verdict != LEADHUB_VERDICT_HOLD) return outcome;
    auto reading = driver_.read(request);
    outcome.response = reading.response.value_or(Response{});
    for (const auto& event : reading.events) outcome.events.push_back(Json::parse(event));
    return outcome;
  }

  [[nodiscard]] Request form(std::string body) const {
    Request request;
    request.path = "/in/" + name_;
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = std::move(body);
    return request;
  }
  [[nodiscard]] Request json(std::string body) const {
    Request request = form(std::move(body));
    request.headers = {{"content-type", "application/json"}};
    return request;
  }
  [[nodiscard]] Request get(std::string path, std::string query = {}) const {
    Request request;
    request.method = "GET";
    request.path = std::move(path);
    request.query = std::move(query);
    return request;
  }

  const std::vector<sdk::testing::Diagnostic>& problems() const { return problems_; }
  sdk::testing::FakeHost& host() { return host_; }

 private:
  sdk::testing::FakeHost host_;
  sdk::testing::ChannelDriver driver_;
  std::string name_;
  std::vector<sdk::testing::Diagnostic> problems_;
};

/// The website of examples/hub.yaml.
inline Json website() {
  return Json::parse(R"({"provider": "html", "event": "form.submitted", "title": "Talk to us",
    "fields": {"your-email": {"to": "email", "required": true, "label": "E-mail"},
               "your-name": {"to": "name", "label": "Name"}, "tel": {"to": "phone", "label": "Phone"},
               "company": {"to": "company"}, "size": {"to": "attributes.company_size", "type": "integer"},
               "about": {"to": "message", "label": "What can we do for you?"}},
    "consent": [{"field": "accept", "purpose": "marketing_email",
                 "text": "Yes, send me mail about engines. I can leave at any time."}],
    "spam": {"honeypot": "website_url", "min_seconds": 2, "per_address": "10 per 1m"},
    "origins": ["http://localhost:8080", "https://www.example.com"],
    "thank_you": "https://www.example.com/thanks"})");
}

/// The value of the hidden token input in a page, or of the token in a script.
inline std::string token_in(const std::string& text) {
  for (const std::string before : {"name=\"_leadhub_token\" value=\"", "\"token\":\""}) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + before.size();
    return text.substr(begin, text.find('"', begin) - begin);
  }
  return {};
}

}  // namespace leadhub::webform::testing
