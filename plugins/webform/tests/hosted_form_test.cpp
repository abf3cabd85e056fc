#include <gmock/gmock.h>

#include "web_form.hpp"

namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::Outcome;
using testing::Request;
using testing::token_in;
using testing::WebForm;
using testing::website;

TEST(HostedForm, HasALabelAndAPurposeForEveryInput) {
  WebForm form(website());
  const Outcome outcome = form.send(form.get("/f/website"));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.header("content-type"), "text/html; charset=utf-8");
  const std::string& page = outcome.response.body;
  EXPECT_THAT(page, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("<title>Talk to us</title>"));
  EXPECT_THAT(page, HasSubstr("action=\"../in/website\""));
  EXPECT_THAT(page, HasSubstr("<label for=\"field-0\">E-mail"));
  EXPECT_THAT(
      page,
      HasSubstr("<input type=\"email\" id=\"field-0\" name=\"your-email\" autocomplete=\"email\" required>"));
  EXPECT_THAT(page, HasSubstr("<input type=\"tel\""));
  EXPECT_THAT(page, HasSubstr("<input type=\"number\" inputmode=\"numeric\""));
  EXPECT_THAT(page, HasSubstr("<textarea rows=\"5\" id=\"field-5\" name=\"about\">"));
  EXPECT_THAT(page, HasSubstr("Yes, send me mail about engines."));
  EXPECT_EQ(token_in(page).size(), 46u);
}

TEST(HostedForm, ShowsItsFieldsInTheConfigurationsOrder) {
  WebForm form(website());
  const std::string page = form.send(form.get("/f/website")).response.body;
  std::size_t before = 0;
  for (const char* name : {"your-email", "your-name", "tel", "company", "size", "about", "accept"}) {
    const std::size_t at = page.find("name=\"" + std::string(name) + "\"");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(at, before) << name;
    before = at;
  }
}

TEST(HostedForm, HidesTheHoneypotFromPeopleAndScreenReaders) {
  WebForm form(website());
  EXPECT_THAT(
      form.send(form.get("/f/website")).response.body,
      HasSubstr(
          "<div class=\"elsewhere\" aria-hidden=\"true\"><label for=\"elsewhere\">Leave this empty</label>"
          "<input id=\"elsewhere\" tabindex=\"-1\" autocomplete=\"off\" name=\"website_url\">"));
}

TEST(HostedForm, CarriesAttributionOnAndEscapesIt) {
  WebForm form(website());
  Request request = form.get("/f/website", "utm_source=%22%3E%3Cscript%3E&gclid=Cj0&evil=%3Cb%3E&\"><i>");
  request.headers.emplace_back("referer", "https://search.example/?q=\"><u>");
  const std::string page = form.send(request).response.body;
  EXPECT_THAT(page,
              HasSubstr("<input type=\"hidden\" name=\"utm_source\" value=\"&quot;&gt;&lt;script&gt;\">"));
  EXPECT_THAT(page, HasSubstr("<input type=\"hidden\" name=\"gclid\" value=\"Cj0\">"));
  EXPECT_THAT(page,
              HasSubstr("name=\"landing_page\" value=\"http://localhost:8080/f/website?utm_source=%22"));
  EXPECT_THAT(page, HasSubstr("name=\"referrer\" value=\"https://search.example/?q=&quot;&gt;&lt;u&gt;\""));
  for (const char* evil : {"<script", "<b>", "<i>", "<u>"}) EXPECT_THAT(page, Not(HasSubstr(evil)));
}

TEST(HostedForm, RunsNothingAndLoadsNothing) {
  WebForm form(website());
  const testing::Response response = form.send(form.get("/f/website")).response;
  const std::string policy = response.header("content-security-policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("form-action 'self' https://www.example.com"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'self' http://localhost:8080 https://www.example.com"));
  EXPECT_THAT(response.body, Not(HasSubstr("<script")));
  EXPECT_THAT(response.body, Not(HasSubstr("<link")));
  EXPECT_THAT(response.body, Not(HasSubstr("style=")));
  EXPECT_EQ(response.header("cache-control"), "no-store");
  EXPECT_EQ(response.header("x-content-type-options"), "nosniff");
}

TEST(HostedForm, EscapesWhateverTheConfigurationSays) {
  Json config = website();
  const std::string evil = "\"><script>alert('x')</script>";
  config["title"] = evil;
  config["intro"] = evil;
  config["button"] = evil;
  config["language"] = evil;
  config["consent"][0]["text"] = evil;
  config["fields"]["your-name"]["label"] = evil;
  config["fields"][evil] = {{"to", "city"}, {"options", {evil}}};
  WebForm form(config);
  ASSERT_TRUE(form.problems().empty());
  for (const Request& request : {form.get("/f/website"), form.form("your-name=x")})
    EXPECT_THAT(form.send(request).response.body, Not(HasSubstr("<script")));
}

TEST(HostedForm, ShowsChoices) {
  Json config = website();
  config["fields"]["plan"] = {{"to", "attributes.plan"}, {"options", {"Small", "Large & more"}}};
  config["fields"]["topics"] = {{"to", "attributes.topics"}, {"type", "list"}, {"options", {"A", "B"}}};
  config["fields"]["big"] = {{"to", "attributes.big"}, {"type", "boolean"}};
  WebForm form(config);
  const std::string page = form.send(form.form("plan=Large+%26+more&topics=B&big=true")).response.body;
  EXPECT_THAT(page, HasSubstr("<option value=\"Large &amp; more\" selected>Large &amp; more</option>"));
  EXPECT_THAT(page, HasSubstr("<legend>Topics</legend>"));
  EXPECT_THAT(page, HasSubstr("value=\"A\"><label"));
  EXPECT_THAT(page, HasSubstr("value=\"B\" checked><label"));
  EXPECT_THAT(page, HasSubstr("value=\"true\" checked><label"));
}

TEST(HostedForm, CanOnlyBeLookedAt) {
  WebForm form(website());
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    Request request = form.get("/f/website");
    request.method = method;
    const Outcome outcome = form.send(request);
    EXPECT_EQ(outcome.response.status, 405) << method;
    EXPECT_EQ(outcome.response.header("allow"), "GET, HEAD");
  }
  Request head = form.get("/f/website");
  head.method = "HEAD";
  EXPECT_EQ(form.send(head).response.status, 200);
}

}  // namespace
}  // namespace leadhub::webform
