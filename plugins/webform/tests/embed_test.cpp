#include <gmock/gmock.h>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::Outcome;
using ::testing::StartsWith;
using testing::token_in;
using testing::WebForm;
using testing::website;

TEST(EmbedScript, IsAFewKilobytesOfJavaScriptWithoutGlobals) {
  WebForm form(website());
  const Outcome outcome = form.send(form.get("/f/website.js"));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(outcome.response.header("cache-control"), "no-store");
  EXPECT_THAT(outcome.response.body, StartsWith("(() => {\n\"use strict\";"));
  EXPECT_LT(outcome.response.body.size(), 12'000u);
  EXPECT_THAT(outcome.response.body, HasSubstr("\"action\":\"http://localhost:8080/in/website\""));
}

TEST(EmbedScript, CarriesATokenThatCounts) {
  WebForm form(website());
  const std::string token = token_in(form.send(form.get("/f/website.js")).response.body);
  const Outcome outcome = form.send(form.form("your-email=a%40example.com&_leadhub_token=" + token));
  EXPECT_TRUE(outcome.events.at(0).contains("key"));
}

TEST(EmbedScript, CannotBeEscapedFromByTheConfiguration) {
  Json config = website();
  config["title"] = config["thanks"] = "</script><script>alert(1)//<!--\xE2\x80\xA8";
  config["fields"]["your-name"]["label"] = "\"});alert(1);({\"";
  WebForm form(config);
  const std::string script = form.send(form.get("/f/website.js")).response.body;
  EXPECT_THAT(script, Not(HasSubstr("</script")));
  EXPECT_THAT(script, Not(HasSubstr("<!--")));
  EXPECT_THAT(script, Not(HasSubstr("\xE2\x80\xA8")));
  EXPECT_THAT(script, HasSubstr("\\\"});alert(1);({\\\""));
}

}  // namespace
}  // namespace leadhub::webform
