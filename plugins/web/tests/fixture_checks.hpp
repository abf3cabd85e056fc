#pragma once

#include <fstream>
#include <map>
#include <set>

#include "tests/capturing_channel.hpp"

/// What the samples of every plugin must show.
namespace leadhub::webform::testing {

/// Each provider in providers/list.txt of the plugin has a sample that is taken and, unless it is one of
/// `open`, one that is refused. Gives how many there are.
inline int expect_samples_of_each_provider(const std::string& plugin,
                                           const std::set<std::string>& open = {}) {
  std::map<std::string, std::set<std::string>> verdicts;
  for (const Json& fixture : exported_fixtures())
    verdicts[fixture["config"]["provider"]].insert(fixture["verdict"].get<std::string>());
  std::ifstream list(LEADHUB_SOURCE_DIR "/plugins/" + plugin + "/providers/list.txt");
  int providers = 0;
  for (std::string name; std::getline(list, name);) {
    if (name.empty() || name.front() == '#') continue;
    EXPECT_TRUE(verdicts[name].contains("accept")) << name;
    EXPECT_TRUE(open.contains(name) || verdicts[name].contains("refuse")) << name;
    ++providers;
  }
  return providers;
}

/// Each event of a sample has a key, and none that of another; but for providers in `keyless`, whose senders
/// have none.
inline void expect_events_with_keys(const std::set<std::string>& keyless = {}) {
  for (const Json& fixture : exported_fixtures()) {
    if (keyless.contains(fixture["config"]["provider"])) continue;
    std::set<std::string> keys;
    for (const Json& event : fixture["events"]) keys.insert(event.value("key", ""));
    EXPECT_EQ(keys.size(), fixture["events"].size()) << fixture["name"];
    EXPECT_FALSE(keys.contains("")) << fixture["name"];
  }
}

}  // namespace leadhub::webform::testing
