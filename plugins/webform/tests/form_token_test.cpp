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

TEST(Base64, IsStrict) {
  EXPECT_EQ(base64_decode("Zm8="), "fo");
  EXPECT_EQ(base64_decode("Zm8"), "fo");
  EXPECT_EQ(base64_decode(""), "");
  for (const char* text : {"Z", "Zm 8", "Zm8*", "Zm8\n", "===="}) EXPECT_FALSE(base64_decode(text)) << text;
  EXPECT_EQ(base64url_decode(base64url_encode("\xFB\xFF")), "\xFB\xFF");
}

TEST(HmacSha256, FitsTheVectorOfRfc4231) {
  const HmacSha256 hmac("Jefe");
  const std::string expected(
      "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d"
      "\xec\x58\xb9"
      "\x64\xec\x38\x43",
      32);
  EXPECT_EQ(hmac({"what do ya want ", "for nothing?"}), expected);
  EXPECT_EQ(hmac({"what do ya want for nothing?"}), expected) << "a second use is not changed by the first";
}

}  // namespace
}  // namespace leadhub::webform
