#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "tests/capturing_channel.hpp"

namespace leadhub::chat {
namespace {

using webform::testing::exported_fixtures;
using webform::testing::Json;

TEST(Fixtures, AreWhatThePluginDoes) {
  const std::vector<Json> fixtures = exported_fixtures();
  ASSERT_GE(fixtures.size(), 50u);
  for (const Json& fixture : fixtures) webform::testing::expect_fixture_to_hold(fixture);
}

/// "name" of each provider that is not only announced.
std::set<std::string> listed_providers() {
  std::ifstream file(LEADHUB_SOURCE_DIR "/plugins/chat/providers/list.txt");
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#' && line.find(' ') == std::string::npos) names.insert(line);
  return names;
}

TEST(Fixtures, ShowEachProviderTakenAndRefused) {
  std::map<std::string, std::set<std::string>> verdicts;
  for (const Json& fixture : exported_fixtures())
    verdicts[fixture["config"]["provider"]].insert(fixture["verdict"].get<std::string>());
  for (const std::string& name : listed_providers()) {
    EXPECT_TRUE(verdicts[name].contains("accept")) << name;
    EXPECT_TRUE(verdicts[name].contains("refuse")) << name;
  }
}

TEST(Fixtures, GiveEachEventOfARequestAKeyOfItsOwn) {
  for (const Json& fixture : exported_fixtures()) {
    std::set<std::string> keys;
    for (const Json& event : fixture["events"]) keys.insert(event.value("key", ""));
    EXPECT_EQ(keys.size(), fixture["events"].size()) << fixture["name"];
    EXPECT_FALSE(keys.contains("")) << fixture["name"];
  }
}

}  // namespace
}  // namespace leadhub::chat
