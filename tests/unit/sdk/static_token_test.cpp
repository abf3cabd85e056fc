#include <gtest/gtest.h>
#include <leadhub/sdk/static_token.hpp>

#include "requests.hpp"

namespace leadhub::sdk {
namespace {

TokenVerdict verify(const StaticToken& token, const OwnedRequest& request, std::string_view given = {}) {
  return request.shown([&](const HttpRequest& shown) { return token.verify(shown, given); });
}

TEST(StaticToken, StandsInAHeader) {
  const StaticToken telegram(TokenPlace::header("x-telegram-bot-api-secret-token"), {"hush"});
  OwnedRequest request;
  EXPECT_EQ(verify(telegram, request), TokenVerdict::missing);
  request.headers = {{"x-telegram-bot-api-secret-token", "hush"}};
  EXPECT_EQ(verify(telegram, request), TokenVerdict::genuine);
  request.headers = {{"x-telegram-bot-api-secret-token", "hush "}};
  EXPECT_EQ(verify(telegram, request), TokenVerdict::wrong);
}

TEST(StaticToken, StandsBehindAPrefix) {
  const StaticToken bearer(TokenPlace::header("authorization", "Bearer "), {"hush"});
  OwnedRequest request;
  request.headers = {{"authorization", "bearer hush"}};
  EXPECT_EQ(verify(bearer, request), TokenVerdict::genuine);
  request.headers = {{"authorization", "hush"}};
  EXPECT_EQ(verify(bearer, request), TokenVerdict::missing);
}

TEST(StaticToken, StandsInTheAddress) {
  const StaticToken token(TokenPlace::query("secret"), {"a b&c"});
  OwnedRequest request;
  request.query = "x=1&secret=a+b%26c";
  EXPECT_EQ(verify(token, request), TokenVerdict::genuine);
  request.query = "secret=";
  EXPECT_EQ(verify(token, request), TokenVerdict::missing);
  request.query = "secret=wrong&secret=a+b%26c";
  EXPECT_EQ(verify(token, request), TokenVerdict::wrong) << "the first one counts";
}

TEST(StaticToken, StandsInBasicAuthentication) {
  OwnedRequest request;
  request.headers = {{"authorization", "Basic " + base64_encode("key:pass:word")}};
  EXPECT_EQ(verify(StaticToken(TokenPlace::basic_user(), {"key"}), request), TokenVerdict::genuine);
  EXPECT_EQ(verify(StaticToken(TokenPlace::basic_password(), {"pass:word"}), request), TokenVerdict::genuine);
  EXPECT_EQ(verify(StaticToken(TokenPlace::basic_password(), {"key"}), request), TokenVerdict::wrong);
  for (const std::string value : {"Basic", "Basic !!", "Bearer a2V5Og=="}) {
    request.headers = {{"authorization", value}};
    EXPECT_EQ(verify(StaticToken(TokenPlace::basic_user(), {"key"}), request), TokenVerdict::missing)
        << value;
  }
}

TEST(StaticToken, IsGivenFromTheBody) {
  const StaticToken token(TokenPlace::given(), {"google-key"});
  EXPECT_EQ(verify(token, {}, "google-key"), TokenVerdict::genuine);
  EXPECT_EQ(verify(token, {}, "google-keY"), TokenVerdict::wrong);
  EXPECT_EQ(verify(token, {}, ""), TokenVerdict::missing);
}

TEST(StaticToken, MayBeOneOfSeveralWhileItIsChanged) {
  const StaticToken token(TokenPlace::given(), {"old", "new"});
  EXPECT_EQ(verify(token, {}, "old"), TokenVerdict::genuine);
  EXPECT_EQ(verify(token, {}, "new"), TokenVerdict::genuine);
  EXPECT_EQ(verify(token, {}, "oldnew"), TokenVerdict::wrong);
}

TEST(StaticToken, NeedsAValue) {
  EXPECT_THROW(StaticToken(TokenPlace::given(), {}), ChannelError);
  EXPECT_THROW(StaticToken(TokenPlace::given(), {"a", ""}), ChannelError);
}

}  // namespace
}  // namespace leadhub::sdk
