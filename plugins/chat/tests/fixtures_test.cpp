#include <gtest/gtest.h>

#include "tests/fixture_checks.hpp"

namespace leadhub::chat {
namespace {

TEST(Fixtures, AreWhatThePluginDoes) {
  const auto fixtures = webform::testing::exported_fixtures();
  ASSERT_GE(fixtures.size(), 50U);
  for (const auto& fixture : fixtures) webform::testing::expect_fixture_to_hold(fixture);
}

TEST(Fixtures, ShowEachProviderTakenAndRefused) {
  EXPECT_GE(webform::testing::expect_samples_of_each_provider("chat"), 8);
}

TEST(Fixtures, GiveEachEventOfARequestAKeyOfItsOwn) {
  webform::testing::expect_events_with_keys();
}

}  // namespace
}  // namespace leadhub::chat
