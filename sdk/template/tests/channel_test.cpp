#include <fstream>
#include <iostream>
#include <leadhub/sdk/testing/channel_driver.hpp>
#include <leadhub/sdk/testing/fake_host.hpp>
#include <nlohmann/json.hpp>

namespace {

using leadhub::sdk::testing::ChannelDriver;
using leadhub::sdk::testing::FakeHost;
using leadhub::sdk::testing::PluginError;
using leadhub::sdk::testing::Request;
using nlohmann::json;

int failures = 0;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  ++failures;
  std::cerr << "FAILED: " << what << '\n';
}

// What the host makes of {"token": "..."}: defaults filled in, a reference in place of the secret.
constexpr auto config = R"({"token":{"$secret":"/token"},"event":"form.submitted"})";

Request request_of(const json& fixture) {
  const auto& from = fixture.at("request");
  Request request;
  request.method = from.at("method");
  request.path = from.at("path");
  request.query = from.at("query");
  for (const auto& [name, value] : from.at("headers").items()) request.headers.emplace_back(name, value);
  request.body = from.at("body");
  return request;
}

void the_fixture_gives_its_events(ChannelDriver& channel, const json& fixture) {
  const auto request = request_of(fixture);
  expect(channel.authenticate(request, 0).verdict == LEADHUB_VERDICT_ACCEPT, "the fixture is authentic");
  const auto reading = channel.read(request);
  json events = json::array();
  for (const auto& event : reading.events) events.push_back(json::parse(event));
  expect(events == fixture.at("events"), "the fixture gives its events, not " + events.dump());
  expect(reading.response && reading.response->status == fixture.at("status"),
         "the fixture gives its status");
}

void a_wrong_token_is_refused(ChannelDriver& channel, const FakeHost& host, const json& fixture) {
  auto request = request_of(fixture);
  request.headers = {{"x-acme-token", "acme-tokem"}};
  const auto result = channel.authenticate(request, 0);
  expect(result.verdict == LEADHUB_VERDICT_REFUSE && result.response->status == 401,
         "a wrong token is refused");
  expect(host.counted("wrong_token") == 1, "a wrong token is counted");
}

void nonsense_goes_to_quarantine(ChannelDriver& channel, const json& fixture) {
  auto request = request_of(fixture);
  request.body = "{";
  try {
    channel.read(request);
    expect(false, "a body that is no JSON is an error");
  } catch (const PluginError& error) {
    expect(error.code == LEADHUB_ERROR_INVALID, "a body that is no JSON is the sender's fault");
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) return 2;
  const json fixture = json::parse(std::ifstream{FIXTURES "/lead.json"});
  FakeHost host;
  ChannelDriver channel{leadhub::sdk::testing::load_plugin(arguments[1]), host, "acme"};
  host.set_secret("/token", "short");
  expect(channel.check(config).size() == 1, "a short token is reported");
  host.set_secret("/token", "acme-token");
  expect(channel.check(config).empty(), "a good token is not");
  channel.activate(config);
  the_fixture_gives_its_events(channel, fixture);
  a_wrong_token_is_refused(channel, host, fixture);
  nonsense_goes_to_quarantine(channel, fixture);
  if (failures == 0) std::cout << "all is well\n";
  return failures == 0 ? 0 : 1;
}
