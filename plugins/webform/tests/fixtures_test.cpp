#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

TEST(Fixtures, AreWhatThePluginDoes) {
  const auto fixtures = testing::exported_fixtures();
  ASSERT_GE(fixtures.size(), 11u);
  for (const auto& fixture : fixtures) testing::expect_fixture_to_hold(fixture);
}

TEST(Fixtures, ShowWhatEachProviderTakesAndWhatItRefuses) {
  std::map<std::string, std::set<std::string>> verdicts;
  for (const auto& fixture : testing::exported_fixtures())
    verdicts[fixture["config"]["provider"]].insert(fixture["verdict"].get<std::string>());
  std::ifstream list(LEADHUB_SOURCE_DIR "/plugins/webform/providers/list.txt");
  int providers = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.front() == '#' || line.ends_with(" announced")) continue;
    EXPECT_TRUE(verdicts[line].contains("accept")) << line;
    EXPECT_TRUE(verdicts[line].contains("refuse")) << line;
    ++providers;
  }
  EXPECT_GE(providers, 13);
}

}  // namespace
}  // namespace leadhub::webform
