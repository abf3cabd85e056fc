#include <gtest/gtest.h>

#include "tests/fixture_checks.hpp"

namespace leadhub::webform {
namespace {

TEST(Fixtures, AreWhatThePluginDoes) {
  const auto fixtures = testing::exported_fixtures();
  ASSERT_GE(fixtures.size(), 11U);
  for (const auto& fixture : fixtures) testing::expect_fixture_to_hold(fixture);
}

TEST(Fixtures, ShowEachProviderTakenAndRefused) {
  EXPECT_GE(testing::expect_samples_of_each_provider("webform"), 15);
}

TEST(Fixtures, GiveEachEventOfARequestAKeyOfItsOwn) {
  testing::expect_events_with_keys({"html", "json", "elementor", "hubspot_forms"});
}

}  // namespace
}  // namespace leadhub::webform
