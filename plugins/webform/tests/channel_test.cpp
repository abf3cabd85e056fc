#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "limits.hpp"
#include "web_form.hpp"

/// The HTML provider behind the C tables: what happens to a posted form.
namespace leadhub::webform {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::noon_ms;
using ::testing::Not;
using testing::Outcome;
using testing::Request;
using testing::token_in;
using testing::WebForm;
using testing::website;

TEST(PostedForm, BecomesALeadEventAndARedirect) {
  WebForm form(website());
  const Outcome outcome =
      form.send(form.form("your-email=Ada.Lovelace%40Example.com&your-name=Ada+Lovelace&size=250"));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(outcome.response.status, 303);
  EXPECT_EQ(outcome.response.header("location"), "https://www.example.com/thanks");
  ASSERT_EQ(outcome.events.size(), 1u);
  EXPECT_EQ(outcome.events[0],
            Json::parse(R"({"type":"form.submitted","person":{"email":"Ada.Lovelace@Example.com",
    "name":"Ada Lovelace"},"attributes":{"company_size":250}})"));
}

TEST(PostedForm, IsThankedForByAPageWhereNoneIsConfigured) {
  Json config = website();
  config.erase("thank_you");
  WebForm form(config);
  const Outcome outcome = form.send(form.form("your-email=a%40example.com"));
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_THAT(outcome.response.body, HasSubstr("Thank you. We have received your message."));
}

TEST(PostedForm, NeverRedirectsWhereTheRequestSays) {
  WebForm form(website());
  Request request = form.form(
      "your-email=a%40example.com&thank_you=https%3A%2F%2Fevil.example&redirect=https%3A%2F%2Fevil.example"
      "&_next=%2F%2Fevil.example");
  request.query = "thank_you=https://evil.example&redirect=https://evil.example";
  request.headers.emplace_back("referer", "https://evil.example/");
  request.headers.emplace_back("host", "evil.example");
  EXPECT_EQ(form.send(request).response.header("location"), "https://www.example.com/thanks");
}

TEST(PostedForm, IsAnsweredInJsonToPrograms) {
  WebForm form(website());
  Request request = form.form("your-email=a%40example.com");
  request.headers.emplace_back("accept", "application/json");
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.body, R"({"status":"accepted"})");
}

TEST(PostedForm, WithoutARequiredFieldComesBackWithWhatWasTyped) {
  WebForm form(website());
  const Outcome outcome =
      form.send(form.form("your-name=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&about=%3C%2Ftextarea%3E%3Cimg+"
                          "src%3Dx+onerror%3Dalert(1)%3E"
                          "&accept=on&utm_source=%22%3E%3Cb%3E&tel=%27+onfocus%3Dalert(1)+x%3D%27"));
  EXPECT_EQ(outcome.response.status, 422);
  EXPECT_TRUE(outcome.events.empty());
  const std::string& page = outcome.response.body;
  EXPECT_THAT(page, HasSubstr("<a href=\"#field-0\">E-mail is required</a>"));
  EXPECT_THAT(page, HasSubstr("aria-describedby=\"field-0-problem\""));
  EXPECT_THAT(page, HasSubstr("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
  EXPECT_THAT(page, HasSubstr("&lt;/textarea&gt;&lt;img src=x onerror=alert(1)&gt;</textarea>"));
  EXPECT_THAT(page, HasSubstr("&#39; onfocus=alert(1) x=&#39;"));
  for (const char* evil : {"<script", "<img", "<b>", " checked"}) EXPECT_THAT(page, Not(HasSubstr(evil)));
  EXPECT_THAT(outcome.response.header("content-security-policy"), HasSubstr("default-src 'none'"));
}

TEST(PostedForm, TooLongToBeShownAgainIsStillExplained) {
  WebForm form(website());
  const Outcome outcome =
      form.send(form.form("your-email=a%40example.com&about=" + std::string(limits::page_bytes_max, '<')));
  EXPECT_EQ(outcome.response.status, 422);
  EXPECT_TRUE(outcome.events.empty());
  EXPECT_THAT(outcome.response.body, HasSubstr("What can we do for you? is too long"));
  EXPECT_LT(outcome.response.body.size(), limits::page_bytes_max);
}

TEST(PostedForm, WithoutARequiredFieldIsExplainedToPrograms) {
  WebForm form(website());
  Request request = form.form("size=many");
  request.headers.emplace_back("accept", "application/json");
  EXPECT_EQ(
      form.send(request).response.body,
      R"({"errors":[{"field":"your-email","message":"is required"},{"field":"size","message":"must be a whole number"}]})");
}

TEST(Consent, IsRecordedWithItsExactTextWhereTheBoxIsChecked) {
  for (const std::string value :
       {"on", "1", "TRUE", "yes", "checked", "Yes%2C+send+me+mail+about+engines.+I+can+leave+at+any+time."}) {
    WebForm form(website());
    Request request = form.form("your-email=a%40example.com&accept=" + value);
    request.headers.emplace_back("referer", "https://www.example.com/contact");
    request.headers.emplace_back("user-agent", "Mozilla/5.0");
    const Outcome outcome = form.send(request);
    ASSERT_EQ(outcome.events.size(), 1u) << value;
    EXPECT_EQ(outcome.events[0]["consent"],
              Json::parse(R"([{"purpose":"marketing_email","channel":"email","state":"granted",
                "text":"Yes, send me mail about engines. I can leave at any time.",
                "url":"https://www.example.com/contact","ip":"192.0.2.1","user_agent":"Mozilla/5.0"}])"))
        << value;
  }
}

TEST(Consent, IsNothingWhereTheBoxIsNotChecked) {
  for (const std::string body : {"", "&accept=", "&accept=off", "&accept=0", "&accept=maybe"}) {
    WebForm form(website());
    EXPECT_FALSE(form.send(form.form("your-email=a%40example.com" + body)).events.at(0).contains("consent"))
        << body;
  }
}

TEST(Consent, StoodOnTheHostedFormWhereNoPageIsNamed) {
  WebForm form(website());
  EXPECT_EQ(form.send(form.form("your-email=a%40example.com&accept=on")).events.at(0)["consent"][0]["url"],
            "http://localhost:8080/f/website");
}

TEST(Consent, MayBeRequired) {
  Json config = website();
  config["consent"][0]["required"] = true;
  WebForm form(config);
  const Outcome outcome = form.send(form.form("your-email=a%40example.com"));
  EXPECT_EQ(outcome.response.status, 422);
  EXPECT_THAT(outcome.response.body, HasSubstr("This must be checked."));
}

TEST(Spam, InTheHoneypotIsHeldAndAnsweredAsUsual) {
  WebForm form(website());
  const Outcome outcome = form.send(form.form("your-email=a%40example.com&website%5Furl=http"));
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_HOLD);
  EXPECT_EQ(outcome.reason, "the honeypot field was filled in");
  EXPECT_EQ(outcome.response.status, 303);
  EXPECT_EQ(outcome.events.size(), 1u);
  EXPECT_EQ(form.host().counted("held"), 1u);
}

TEST(Spam, SentFasterThanPeopleTypeIsHeld) {
  WebForm form(website());
  const std::string token = token_in(form.send(form.get("/f/website"), noon_ms).response.body);
  ASSERT_FALSE(token.empty());
  const Request request = form.form("your-email=a%40example.com&_leadhub_token=" + token);
  EXPECT_EQ(form.send(request, noon_ms + 1999).verdict, LEADHUB_VERDICT_HOLD);
  EXPECT_EQ(form.send(request, noon_ms + 2000).verdict, LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(form.send(request, noon_ms + limits::token_age_ms_max + 1).verdict, LEADHUB_VERDICT_ACCEPT)
      << "an old token counts as none";
  EXPECT_EQ(form.send(form.form("your-email=a%40example.com&_leadhub_token=forged"), noon_ms).verdict,
            LEADHUB_VERDICT_ACCEPT);
}

TEST(Spam, OfOneAddressIsSlowedDown) {
  WebForm form(website());
  const Request request = form.form("your-email=a%40example.com");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(form.send(request).verdict, LEADHUB_VERDICT_ACCEPT) << i;
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE);
  EXPECT_EQ(outcome.response.status, 429);
  EXPECT_EQ(outcome.response.header("retry-after"), "6");
  EXPECT_EQ(form.send(request, noon_ms + 6000).verdict, LEADHUB_VERDICT_ACCEPT);
}

TEST(FormKey, MakesAFormThatIsSentTwiceOneEvent) {
  WebForm form(website());
  const std::string page = form.send(form.get("/f/website")).response.body;
  const Request request = form.form("your-email=a%40example.com&_leadhub_token=" + token_in(page));
  const Json first = form.send(request).events.at(0);
  EXPECT_THAT(first["key"].get<std::string>(), HasSubstr("form-"));
  EXPECT_EQ(form.send(request, noon_ms + 90'000'000).events.at(0), first) << "read() knows no clock";
  const std::string other = form.send(form.get("/f/website")).response.body;
  EXPECT_NE(form.send(form.form("your-email=a%40example.com&_leadhub_token=" + token_in(other)))
                .events.at(0)["key"],
            first["key"]);
}

TEST(FormKey, IsNotTakenFromAForgedToken) {
  WebForm form(website());
  const Outcome outcome =
      form.send(form.form("your-email=a%40example.com&_leadhub_token=" + std::string(46, 'A')));
  EXPECT_FALSE(outcome.events.at(0).contains("key"));
}

TEST(FormKey, SurvivesTheErrorPage) {
  WebForm form(website());
  const std::string token = token_in(form.send(form.get("/f/website")).response.body);
  EXPECT_EQ(token_in(form.send(form.form("_leadhub_token=" + token)).response.body), token);
  EXPECT_EQ(token_in(form.send(form.form("_leadhub_token=forged")).response.body), "");
}

TEST(Origin, OfAnotherWebsiteIsRefused) {
  WebForm form(website());
  for (const char* origin :
       {"https://evil.example", "null", "http://www.example.com", "https://www.example.com.evil"}) {
    Request request = form.form("your-email=a%40example.com");
    request.headers.emplace_back("origin", origin);
    const Outcome outcome = form.send(request);
    EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_REFUSE) << origin;
    EXPECT_EQ(outcome.response.status, 403);
    EXPECT_EQ(outcome.response.header("access-control-allow-origin"), "");
    EXPECT_EQ(outcome.response.header("vary"), "Origin");
  }
}

TEST(Origin, IsTheHubsOwnAloneWhereNoneIsListed) {
  Json config = website();
  config.erase("origins");
  WebForm form(config);
  const auto verdict = [&](const char* origin) {
    Request request = form.form("your-email=a%40example.com");
    request.headers.emplace_back("origin", origin);
    return form.send(request).verdict;
  };
  EXPECT_EQ(verdict("http://localhost:8080"), LEADHUB_VERDICT_ACCEPT);
  EXPECT_EQ(verdict("https://www.example.com"), LEADHUB_VERDICT_REFUSE);
}

TEST(Origin, ThatIsListedMayReadTheAnswer) {
  WebForm form(website());
  Request request = form.form("your-name=Ada");
  request.headers.emplace_back("origin", "https://www.example.com");
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.response.header("access-control-allow-origin"), "https://www.example.com");
  EXPECT_EQ(outcome.response.header("vary"), "Origin");
  EXPECT_EQ(outcome.response.header("access-control-allow-credentials"), "");
}

TEST(Preflight, IsAnsweredWithWhatIsNeeded) {
  WebForm form(website());
  Request request = form.form("");
  request.method = "OPTIONS";
  request.headers = {{"origin", "https://www.example.com"}, {"access-control-request-method", "POST"}};
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.verdict, LEADHUB_VERDICT_ANSWER);
  EXPECT_EQ(outcome.response.status, 204);
  EXPECT_EQ(outcome.response.header("access-control-allow-origin"), "https://www.example.com");
  EXPECT_EQ(outcome.response.header("access-control-allow-methods"), "POST");
  EXPECT_EQ(outcome.response.header("access-control-allow-headers"), "content-type");
  request.headers[0].second = "https://evil.example";
  EXPECT_EQ(form.send(request).response.status, 403);
}

TEST(BadRequest, HasAClearAnswer) {
  WebForm form(website());
  Request wrong_method = form.form("");
  wrong_method.method = "PUT";
  Outcome outcome = form.send(wrong_method);
  EXPECT_EQ(outcome.response.status, 405);
  EXPECT_EQ(outcome.response.header("allow"), "POST, OPTIONS");

  Request wrong_type = form.form("{}");
  wrong_type.headers = {{"content-type", "application/json"}};
  EXPECT_EQ(form.send(wrong_type).response.status, 415);
  wrong_type.headers.clear();
  EXPECT_EQ(form.send(wrong_type).response.status, 415);

  std::string thousand;
  for (int i = 0; i < 1000; ++i) thousand += "f" + std::to_string(i) + "=x&";
  outcome = form.send(form.form(thousand));
  EXPECT_EQ(outcome.response.status, 413);
  EXPECT_THAT(outcome.response.body, HasSubstr("more than 500 fields"));

  Request cut = form.form("--b\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\na@exam");
  cut.headers = {{"content-type", "multipart/form-data; boundary=b"}};
  EXPECT_EQ(form.send(cut).response.status, 400);
}

TEST(BadRequest, WithAnyBytesGivesValidUtf8) {
  Json config = website();
  config["spam"] = Json::object();
  WebForm form(config);
  std::string all = "your-email=a%40example.com%00&about=";
  for (int byte = 0; byte < 256; ++byte) {
    constexpr const char* digits = "0123456789abcdef";
    all += '%';
    all += digits[byte / 16];
    all += digits[byte % 16];
  }
  const Outcome outcome = form.send(form.form(all));  // parsing the event would throw for invalid UTF-8
  ASSERT_EQ(outcome.events.size(), 1u);
  EXPECT_EQ(outcome.events[0]["person"]["email"], "a@example.com");
  EXPECT_EQ(form.send(form.form("your-email=x%40y.example&about=caf%E9")).events.at(0)["message"],
            "caf\xC3\xA9");
  EXPECT_EQ(
      form.send(form.form("your-email=x%40y.example&_charset_=utf-8&about=caf%E9")).events.at(0)["message"],
      "caf\xEF\xBF\xBD");
}

TEST(Upload, BecomesAnAttachmentWithoutItsPath) {
  WebForm form(website());
  Request request = form.form(
      "--b\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\na@example.com\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"plan\"; filename=\"C:\\x\\..\\plan%0D%0AX: y.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\nfoo\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\"\r\nContent-Type: "
      "application/octet-stream\r\n\r\n\r\n"
      "--b--\r\n");
  request.headers = {{"content-type", "multipart/form-data; boundary=b"}};
  const Outcome outcome = form.send(request);
  EXPECT_EQ(outcome.response.status, 303);
  EXPECT_EQ(outcome.events.at(0)["attachments"],
            Json::parse(
                R"([{"field":"plan","name":"planX: y.txt","content_type":"text/plain","content":"Zm9v"}])"));
  EXPECT_EQ(outcome.events.at(0)["person"]["email"], "a@example.com");
}

TEST(Upload, OfTooManyFilesIsRefused) {
  WebForm form(website());
  std::string body = "--b\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\na@example.com\r\n";
  for (int i = 0; i < 21; ++i)
    body += "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfoo\r\n";
  Request request = form.form(body + "--b--");
  request.headers = {{"content-type", "multipart/form-data; boundary=b"}};
  EXPECT_EQ(form.send(request).response.status, 422);
}

TEST(Channel, ServesManyThreadsAtOnce) {
  WebForm form(website());
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const std::string token = token_in(form.send(form.get("/f/website"), noon_ms).response.body);
        Request request = form.form("your-email=a%40example.com&_leadhub_token=" + token);
        request.client_address = "192.0.2." + std::to_string(thread);
        const Outcome outcome = form.send(request, noon_ms + 6000LL * (i + 1));
        taken += outcome.verdict == LEADHUB_VERDICT_ACCEPT && outcome.events.size() == 1 ? 1 : 0;
      }
    });
  threads.clear();
  EXPECT_EQ(taken, 800);
}

TEST(Channel, ReportsWhatIsWrongWithItsConfiguration) {
  Json config = website();
  config["fields"]["mail"] = Json{{"to", "email"}};
  WebForm form(config);
  ASSERT_EQ(form.problems().size(), 1u);
  EXPECT_EQ(form.problems()[0].pointer, "/fields/mail/to");
}

}  // namespace
}  // namespace leadhub::webform
