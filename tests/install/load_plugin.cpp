// Loads the plugin "acme" of a folder with the host's own loader and puts a fixture through it.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "plugin/plugin_host.hpp"

namespace {

using nlohmann::json;
using namespace leadhub;

int complain(const std::string& what) {
  std::cerr << what << '\n';
  return 1;
}

capture::HttpRequest request_of(const json& fixture) {
  const auto& from = fixture.at("request");
  capture::HttpRequest request;
  request.method = from.at("method");
  request.path = from.at("path");
  for (const auto& [name, value] : from.at("headers").items()) request.headers.push_back({name, value});
  request.body = from.at("body");
  return request;
}

int run(const std::filesystem::path& folder, const json& fixture) {
  const SystemClock clock;
  plugin::Counters counters;
  const plugin::HostServices services{
      clock, counters, "0.1.0", "http://localhost:8080",
      [](std::string_view) -> Result<std::string> { return std::string(32, 'k'); }};
  const auto registry = plugin::Registry::search(std::vector{folder});
  const auto channel =
      plugin::PluginHost{registry, services}.make_channel({"acme", "acme", fixture.at("config").dump()});
  if (!channel) return complain(channel.error().message);

  const auto request = request_of(fixture);
  const auto authentication = (*channel)->authenticate(request, clock.now());
  if (!authentication) return complain(authentication.error().message);
  if (authentication->kind != capture::Authentication::Kind::accept)
    return complain("the fixture was not accepted");
  const auto reading = (*channel)->read(request);
  if (!reading) return complain(reading.error().message);
  json events = json::array();
  for (const auto& event : reading->events) events.push_back(json::parse(event));
  if (events != fixture.at("events")) return complain("the host read other events: " + events.dump());
  return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) return complain("usage: load_plugin FOLDER FIXTURE");
  try {
    return run(arguments[1], json::parse(std::ifstream{arguments[2]}));
  } catch (const std::exception& problem) {
    return complain(problem.what());
  }
}
