#include "form_token.hpp"

#include <gtest/gtest.h>

namespace leadhub::webform {
namespace {

constexpr std::int64_t now = 1767614400123;

TEST(FormToken, SaysWhenTheFormWasShown) {
  const FormTokens tokens("key");
  const auto token = tokens.read(tokens.make(now));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->shown_at_ms, now);
}

TEST(FormToken, GivesEachFormItsOwnKeyAndTheSameEachTime) {
  const FormTokens tokens("key");
  const std::string one = tokens.make(now);
  EXPECT_EQ(tokens.read(one)->key, tokens.read(one)->key);
  EXPECT_NE(tokens.read(one)->key, tokens.read(tokens.make(now))->key);
}

TEST(FormToken, OfAnotherKeyOrChangedIsNone) {
  const FormTokens tokens("key");
  const std::string token = tokens.make(now);
  EXPECT_FALSE(FormTokens("other").read(token));
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {  // the last character has bits that mean nothing
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.read(changed)) << i;
  }
  EXPECT_FALSE(tokens.read(""));
  EXPECT_FALSE(tokens.read(token + "A"));
  EXPECT_FALSE(tokens.read(std::string(46, '=')));
}

}  // namespace
}  // namespace leadhub::webform
