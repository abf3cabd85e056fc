#include <gmock/gmock.h>

#include <fstream>

#include "newsletter_settings.hpp"
#include "senders.hpp"

namespace leadhub::newsletter {
namespace {

using namespace newsletter::testing;  // everything here is about senders
using ::testing::HasSubstr;

std::string problem(const Json& config) {
  CapturingChannel channel(config, "news");
  const auto& problems = channel.problems();
  if (problems.size() != 1) return std::to_string(problems.size()) + " problems";
  return problems[0].pointer + ": " + problems[0].message;
}

TEST(Settings, HaveAPurposeAndTextsWithoutBeingTold) {
  const auto settings = read_settings(R"({"provider": "native", "text": "Yes."})").settings;
  EXPECT_EQ(settings.purpose, "marketing_email");
  EXPECT_EQ(settings.opt_in, OptIn::single);
  EXPECT_EQ(settings.form.texts.title, "Newsletter");
  EXPECT_EQ(settings.form.texts.thanks, "Thank you. You have subscribed.");
  const auto confirmed =
      read_settings(R"({"provider": "native", "text": "Yes.", "double_opt_in": {}})").settings;
  EXPECT_EQ(confirmed.opt_in, OptIn::confirmed);
  EXPECT_THAT(confirmed.form.texts.thanks, HasSubstr("look into your mailbox"));
}

TEST(Settings, SayWhatIsWrongWithThem) {
  const auto native = [](const char* key, const Json& value) {
    return problem(Json{{"provider", "native"}, {"text", "Yes."}, {key, value}});
  };
  EXPECT_THAT(native("thank_you", "/thanks"), HasSubstr("/thank_you: "));
  EXPECT_THAT(native("origins", {"https://x.example/page"}), HasSubstr("/origins/0: "));
  EXPECT_THAT(native("spam", {{"per_address", "often"}}), HasSubstr("/spam/per_address: "));
  EXPECT_THAT(native("spam", {{"honeypot", "email"}}), HasSubstr("/spam/honeypot: "));
  EXPECT_THAT(problem(Json{{"provider", "sendgrid"}, {"public_key", "secret"}}),
              HasSubstr("/public_key: this is not a"));
  EXPECT_THAT(
      problem(Json{{"provider", "sendgrid"}, {"public_key", {sendgrid_key().public_key(), "secret"}}}),
      HasSubstr("/public_key/1: "));
  EXPECT_THAT(problem(Json{{"provider", "brevo"}, {"secret", " "}}),
              HasSubstr("/secret: the secret is empty"));
  EXPECT_THAT(problem(Json{{"provider", "resend"}, {"secret", {"whsec_c2VjcmV0", "not base64!"}}}),
              HasSubstr("/secret/1: this is not a Standard Webhooks secret"));
  EXPECT_THAT(problem(Json{{"provider", "carrier_pigeon"}}), HasSubstr("/provider: there is no provider"));
  EXPECT_EQ(read_settings("[]").problems.size(), 1U);
}

}  // namespace
}  // namespace leadhub::newsletter
