#pragma once

#include <gtest/gtest.h>
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/testing/channel_driver.hpp>
#include <leadhub/sdk/testing/fake_host.hpp>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// A channel of the plugin under test behind the C tables, set up as the host would.
namespace leadhub::webform::testing {

using sdk::testing::Request;
using sdk::testing::Response;
using Json = nlohmann::ordered_json;

inline constexpr std::int64_t noon_ms = 1767614400000;  // 2026-01-05T12:00:00Z

/// The host's part of a configuration with secrets: references in their place, the values with the host.
inline std::string take_secrets(Json config, sdk::testing::FakeHost& host) {
  for (const std::string name : {"secret", "key", "verify_token", "access_token", "token"}) {
    if (!config.contains(name)) continue;
    const Json& secret = config[name];
    host.set_secret("/" + name, secret.is_string() ? secret.get<std::string>() : secret.dump());
    config[name] = Json{{"$secret", "/" + name}};
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

class CapturingChannel {
 public:
  explicit CapturingChannel(const Json& config, std::string_view name = "website")
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

  /// Follows an accepted request up, as the host does after the answer; empty where the channel does not want
  /// to.
  std::vector<Json> follow_up(const Request& request, const std::string& key = "log-1") {
    std::vector<Json> events;
    if (!driver_.wants_follow_up(request)) return events;
    for (const auto& event : driver_.follow_up(request, key, noon_ms + 60'000))
      events.push_back(Json::parse(event));
    return events;
  }

  [[nodiscard]] bool delivers() const { return driver_.delivers(); }
  /// One delivery, with a minute for it.
  sdk::testing::DeliveryOutcome deliver(const sdk::testing::DeliveryRequest& request) {
    return driver_.deliver(request, noon_ms + 60'000);
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

/// The plugin's sample requests, as it exports them.
inline std::vector<Json> exported_fixtures() {
  const auto* table =
      static_cast<const leadhub_fixtures*>(leadhub_plugin.get_factory(sdk::to_abi(LEADHUB_FIXTURES)));
  std::vector<Json> fixtures;
  leadhub_fixture_sink sink{};
  sink.size = sizeof sink;
  sink.context = &fixtures;
  sink.fixture = [](const leadhub_fixture_sink* self, leadhub_string json) {
    static_cast<std::vector<Json>*>(self->context)->push_back(Json::parse(sdk::view(json)));
  };
  leadhub_error error{};
  error.size = sizeof error;
  EXPECT_EQ(table->list(&sink, &error), LEADHUB_STATUS_OK);
  return fixtures;
}

inline Request request_of(const Json& json) {
  Request request;
  request.method = json["method"];
  request.path = json["path"];
  request.query = json["query"];
  for (const auto& [name, value] : json["headers"].items())
    request.headers.emplace_back(name, value.get<std::string>());
  request.body = json["body"];
  return request;
}

/// As documents, whatever the order of their members.
inline void expect_same(const std::vector<Json>& events, const Json& expected) {
  EXPECT_EQ(nlohmann::json::parse(Json(events).dump()), nlohmann::json::parse(expected.dump()));
}

/// What the provider's own API answers in a sample: a list of {"path", "status", "body"}. A body that is a
/// text is answered as it is.
inline sdk::testing::ServiceAnswer service_answer(const Json& service, const std::string& url) {
  const std::string address = url.substr(0, url.find('?'));
  for (const Json& answer : service)
    if (address.ends_with(answer["path"].get<std::string>())) {
      const Json& body = answer["body"];
      return {answer.value("status", 200),
              {{"content-type", "application/json"}},
              body.is_string() ? body.get<std::string>() : body.dump(),
              0};
    }
  return {404, {}, "{}", 0};
}

/// Sends a sample request and compares what becomes of it.
inline void expect_fixture_to_hold(const Json& fixture) {
  SCOPED_TRACE(fixture["name"].get<std::string>());
  const std::vector<std::string> verdicts{"", "accept", "answer", "refuse", "hold"};
  EXPECT_EQ(fixture["now"], "2026-01-05T12:00:00Z") << "the time these tests send at";
  const Request request = request_of(fixture["request"]);
  CapturingChannel channel(fixture["config"], request.path.substr(request.path.rfind('/') + 1));
  ASSERT_TRUE(channel.problems().empty()) << channel.problems().front().message;
  const Outcome outcome = channel.send(request);
  EXPECT_EQ(verdicts.at(static_cast<std::size_t>(outcome.verdict)), fixture["verdict"].get<std::string>())
      << outcome.reason;
  EXPECT_EQ(outcome.response.status, fixture["status"]);
  expect_same(outcome.events, fixture["events"]);
  if (!fixture.contains("follow_up")) return;
  channel.host().set_service([&](const sdk::testing::SentRequest& sent) {
    return service_answer(fixture["follow_up"]["service"], sent.url);
  });
  expect_same(channel.follow_up(request), fixture["follow_up"]["events"]);
}

}  // namespace leadhub::webform::testing
