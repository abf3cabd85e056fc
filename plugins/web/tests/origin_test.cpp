#include "origin.hpp"

#include <gtest/gtest.h>

namespace leadhub::webform {
namespace {

TEST(Origin, IsWrittenAsBrowsersSendIt) {
  EXPECT_EQ(parse_origin("https://WWW.Example.com"), "https://www.example.com");
  EXPECT_EQ(parse_origin("HTTPS://example.com:443"), "https://example.com");
  EXPECT_EQ(parse_origin("http://localhost:8080"), "http://localhost:8080");
  EXPECT_EQ(parse_origin("http://[::1]:80"), "http://[::1]");
  EXPECT_EQ(parse_origin("null"), "null");
}

TEST(Origin, IsSchemeAndHostAlone) {
  for (const char* text : {"", "*", "www.example.com", "https://", "https://a.example/",
                           "https://a.example/path", "https://user@a.example", "https://*.example.com",
                           "ftp://a.example", "https://a.example:", "https://a.example:x",
                           "https://a b.example", "https://a.example,https://b.example"})
    EXPECT_FALSE(parse_origin(text)) << text;
}

TEST(Origin, OfAUrlEndsAtItsPath) {
  EXPECT_EQ(origin_of("https://hub.example/prefix"), "https://hub.example");
  EXPECT_EQ(origin_of("https://hub.example?x"), "https://hub.example");
  EXPECT_EQ(origin_of("javascript:alert(1)"), "");
  EXPECT_EQ(origin_of("//evil.example"), "");
}

TEST(OriginPolicy, TakesTheHubsOwnAndTheListed) {
  const OriginPolicy policy({"https://www.example.com"});
  const auto judge = [&](std::string_view origin) {
    return policy.judge(origin, "https://Hub.example:443/x");
  };
  EXPECT_EQ(judge(""), OriginVerdict::absent);
  EXPECT_EQ(judge("https://www.example.com"), OriginVerdict::allowed);
  EXPECT_EQ(judge("https://hub.example"), OriginVerdict::allowed);
  EXPECT_EQ(judge("http://www.example.com"), OriginVerdict::refused);
  EXPECT_EQ(judge("https://www.example.com.evil.example"), OriginVerdict::refused);
  EXPECT_EQ(judge("https://www.example.com:8443"), OriginVerdict::refused);
  EXPECT_EQ(judge("null"), OriginVerdict::refused);
}

TEST(OriginPolicy, TakesNullWhereItIsListed) {
  EXPECT_EQ(OriginPolicy({"null"}).judge("null", "https://hub.example"), OriginVerdict::allowed);
}

}  // namespace
}  // namespace leadhub::webform
