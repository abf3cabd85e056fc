#include <gtest/gtest.h>

#include "tests/fixture_checks.hpp"

namespace leadhub::newsletter {
namespace {

TEST(Fixtures, AreWhatThePluginDoes) {
  const auto fixtures = webform::testing::exported_fixtures();
  ASSERT_GE(fixtures.size(), 60U);
  for (const auto& fixture : fixtures) webform::testing::expect_fixture_to_hold(fixture);
}

TEST(Fixtures, ShowEachProviderTakenAndRefused) {
  EXPECT_GE(webform::testing::expect_samples_of_each_provider("newsletter", {"native"}), 10);
}

TEST(Fixtures, GiveEachEventOfARequestAKeyOfItsOwn) {
  webform::testing::expect_events_with_keys({"native"});
}

}  // namespace
}  // namespace leadhub::newsletter
