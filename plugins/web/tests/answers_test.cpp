#include "answers.hpp"

#include <gtest/gtest.h>

#include "html.hpp"

namespace leadhub::webform {
namespace {

TEST(PreferredFormat, IsHtmlForBrowsersAndForWhoDoesNotSay) {
  EXPECT_EQ(preferred_format(""), Format::html);
  EXPECT_EQ(preferred_format("*/*"), Format::html);
  EXPECT_EQ(preferred_format("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            Format::html);
  EXPECT_EQ(preferred_format("text/html, application/json"), Format::html);
  EXPECT_EQ(preferred_format("image/png"), Format::html);
}

TEST(PreferredFormat, IsJsonWhereThatIsWantedMore) {
  EXPECT_EQ(preferred_format("application/json"), Format::json);
  EXPECT_EQ(preferred_format("Application/JSON;charset=utf-8"), Format::json);
  EXPECT_EQ(preferred_format("application/json, text/plain, */*"), Format::json);
  EXPECT_EQ(preferred_format("text/html;q=0.5, application/json;q=0.501"), Format::json);
  EXPECT_EQ(preferred_format("application/*, text/*;q=0.9"), Format::json);
}

TEST(PreferredFormat, HeedsTheQuality) {
  EXPECT_EQ(preferred_format("application/json;q=0.4, text/html;q=0.5"), Format::html);
  EXPECT_EQ(preferred_format("application/json;q=0"), Format::html);
  EXPECT_EQ(preferred_format("application/json;q=0, */*"), Format::html);
  EXPECT_EQ(preferred_format(";;,,q=,application/json;q=x"), Format::json);
}

TEST(JsonProblems, NameTheField) {
  const auto response = json_problems(422, {{"your-email", "E-mail", "is \"required\""}});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.body, R"({"errors":[{"field":"your-email","message":"is \"required\""}]})");
}

TEST(EscapeHtml, LeavesNothingWithAMeaning) {
  EXPECT_EQ(escape_html("<a href=\"x\" title='y'>&</a>"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
  EXPECT_EQ(escape_html(std::string_view("a\0b\xFF", 4)), "ab\xEF\xBF\xBD");
}

TEST(PagePolicy, AllowsNoScriptAndNoOutsideResource) {
  const std::string policy = page_policy("https://thanks.example", "https://www.example.com");
  EXPECT_EQ(policy.find("default-src 'none'; style-src 'sha256-"), 0u);
  EXPECT_NE(policy.find("form-action 'self' https://thanks.example;"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'self' https://www.example.com"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

}  // namespace
}  // namespace leadhub::webform
