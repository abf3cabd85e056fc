#include "app/pausable.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace leadhub::app {
namespace {

std::vector<std::string> sending_channels(const Generation& generation) {
  std::vector<std::string> names;
  for (const auto& [name, transport] : generation.mail_transports()) names.push_back(name);
  for (const auto& [name, transport] : generation.chat_transports()) names.push_back(name);
  for (const auto& destination : generation.destinations()) names.push_back(destination.channel);
  return names;
}

std::vector<std::string> journeys(const Generation& generation) {
  std::vector<std::string> names;
  names.reserve(generation.config().nurture.journeys.size());
  for (const auto& journey : generation.config().nurture.journeys) names.push_back(journey.name);
  return names;
}

Result<void> find(const std::string& name, const std::vector<std::string>& names, const std::string& kind) {
  if (std::ranges::find(names, name) != names.end()) return {};
  std::string known;
  for (const auto& one : names) known.append(known.empty() ? "" : ", ").append(one);
  return fail(ErrorCode::not_found, "there is no " + kind + " \"" + name + "\"; " +
                                        (known.empty() ? "hub.yaml has none" : "there is: " + known));
}

}  // namespace

Result<void> find_pausable(const Generation& generation, const lead::PauseScope& scope) {
  if (scope.of == lead::PauseScope::Of::channel)
    return find(scope.name, sending_channels(generation), "channel that sends,");
  if (scope.of == lead::PauseScope::Of::journey) return find(scope.name, journeys(generation), "journey");
  return {};
}

}  // namespace leadhub::app
