#include <gtest/gtest.h>
#include <leadhub/sdk/crypto.hpp>

namespace leadhub::sdk {
namespace {

TEST(Base64, IsStrict) {
  EXPECT_EQ(base64_decode("Zm8="), "fo");
  EXPECT_EQ(base64_decode("Zm8"), "fo");
  EXPECT_EQ(base64_decode(""), "");
  for (const char* text : {"Z", "Zm 8", "Zm8*", "Zm8\n", "===="}) EXPECT_FALSE(base64_decode(text)) << text;
  EXPECT_EQ(base64url_decode(base64url_encode("\xFB\xFF")), "\xFB\xFF");
  EXPECT_EQ(base64url_encode("\xFB\xFF"), "-_8");
  EXPECT_FALSE(base64url_decode("+/8"));
}

TEST(Hex, IsStrict) {
  EXPECT_EQ(hex_encode(std::string_view("\x00\xAB\xFF", 3)), "00abff");
  EXPECT_EQ(hex_decode("00abFF"), std::string("\x00\xAB\xFF", 3));
  for (const char* text : {"0", "0g", " 0", "0x"}) EXPECT_FALSE(hex_decode(text)) << text;
}

// The second case of RFC 2202 (SHA-1) and of RFC 4231 (SHA-256, SHA-512).
TEST(Hmac, FitsThePublishedVectors) {
  const auto digest = [](Digest kind) {
    return hex_encode(Hmac(kind, "Jefe")({"what do ya want for nothing?"}));
  };
  EXPECT_EQ(digest(Digest::sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(digest(Digest::sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(digest(Digest::sha512),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Hmac, IsOfTheConcatenationAndTheSameEachTime) {
  const Hmac hmac(Digest::sha256, "Jefe");
  const std::string whole = hmac({"what do ya want for nothing?"});
  EXPECT_EQ(hmac({"what do ya want ", "for nothing?"}), whole);
  EXPECT_EQ(hmac({"what do ya want for nothing?"}), whole) << "a second use is not changed by the first";
  const Hmac copy = hmac;
  EXPECT_EQ(copy({"what do ya want for nothing?"}), whole);
}

TEST(Sha256, FitsThePublishedVector) {
  // FIPS 180-2, appendix B.1
  EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RandomBytes, AreOthersEachTime) {
  EXPECT_EQ(random_bytes(16).size(), 16u);
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(EqualInConstantTime, IsEquality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("ab", "ab"));
  EXPECT_FALSE(equal_in_constant_time("ab", "ac"));
  EXPECT_FALSE(equal_in_constant_time("ab", "abc"));
}

}  // namespace
}  // namespace leadhub::sdk
