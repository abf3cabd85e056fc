#include "secrets.hpp"

#include <gtest/gtest.h>
#include <leadhub/sdk/channel.hpp>

namespace leadhub::webform {
namespace {

TEST(Secrets, AreOneOrAList) {
  EXPECT_EQ(secrets_in("whsec_a").size(), 1u);
  EXPECT_EQ(secrets_in(R"(["whsec_a","whsec_b"])"), (std::vector<std::string>{"whsec_a", "whsec_b"}));
  EXPECT_THROW(secrets_in("[1]"), sdk::ChannelError);
  EXPECT_THROW(secrets_in("["), sdk::ChannelError);
}

TEST(Secrets, AreNotBlank) {
  EXPECT_NE(empty_secret_problem(""), "");
  EXPECT_NE(empty_secret_problem(" \n"), "");
  EXPECT_EQ(empty_secret_problem("x"), "");
}

}  // namespace
}  // namespace leadhub::webform
