#include <gtest/gtest.h>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

TEST(Fixtures, AreWhatThePluginDoes) {
  const auto fixtures = testing::exported_fixtures();
  ASSERT_GE(fixtures.size(), 11u);
  for (const auto& fixture : fixtures) testing::expect_fixture_to_hold(fixture);
}

}  // namespace
}  // namespace leadhub::webform
