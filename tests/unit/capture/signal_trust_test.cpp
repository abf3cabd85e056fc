#include "capture/signal_trust.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace leadhub::capture {
namespace {

using lead::SignalTrust;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// Somebody follows a link of a mail that came an hour ago.
SignalFacts facts() {
  return {SignalKind::click, "GET", firefox, false, 1h, 1};
}
SignalFacts by(std::string_view user_agent, SignalKind kind = SignalKind::click) {
  auto out = facts();
  out.kind = kind;
  out.user_agent = user_agent;
  return out;
}
SignalFacts after(std::optional<std::chrono::milliseconds> since_sent) {
  auto out = facts();
  out.since_sent = since_sent;
  return out;
}

TEST(SignalTrust, TakesABrowserAnHourLaterForAPerson) {
  const auto judged = judge(facts());
  EXPECT_EQ(judged.trust, SignalTrust::human);
  EXPECT_EQ(judged.reason, "followed in a browser, when people read");
}

TEST(SignalTrust, KnowsHeadForAScanners) {
  auto head = facts();
  head.method = "HEAD";
  EXPECT_EQ(judge(head).trust, SignalTrust::scanner);
  EXPECT_THAT(judge(head).reason, HasSubstr("HEAD"));
}

TEST(SignalTrust, KnowsWhatABrowserFetchesAhead) {
  auto ahead = facts();
  ahead.is_prefetch = true;
  EXPECT_EQ(judge(ahead).trust, SignalTrust::scanner);
  EXPECT_EQ(judge(ahead).reason, "a browser fetched it ahead");
}

TEST(SignalTrust, KnowsMachinesByWhatTheySayOfThemselves) {
  constexpr std::array<std::pair<const char*, const char*>, 12> machines{
      {{"", "without a user agent"},
       {"curl/7.88.1", "the user agent of curl"},
       {"python-requests/2.31.0", "the user agent of a program in Python"},
       {"Go-http-client/1.1", "the user agent of a program in Go"},
       {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "the user agent of a robot"},
       {"Mozilla/5.0 (Windows NT 10.0) BarracudaCentral/1.0", "the user agent of Barracuda"},
       {"Mozilla/5.0 (compatible; Mimecast-URL)", "the user agent of Mimecast"},
       {"Proofpoint-URLDefense", "the user agent of Proofpoint"},
       {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
        "the user agent of a browser without a screen"},
       {"Microsoft Office Existence Discovery", "the user agent of Microsoft Office"},
       {"Mozilla/5.0 (compatible) SkypeUriPreview Preview/0.5", "the user agent of Microsoft Teams"},
       {"facebookexternalhit/1.1", "the user agent of Facebook"}}};
  for (const auto& [agent, reason] : machines) {
    EXPECT_EQ(judge(by(agent)).trust, SignalTrust::scanner) << agent;
    EXPECT_EQ(judge(by(agent)).reason, reason);
  }
}

TEST(SignalTrust, TakesNoTelephoneForARobot) {
  EXPECT_EQ(
      judge(by("Mozilla/5.0 (Linux; Android 9; CUBOT X18 Build/P) AppleWebKit/537.36 Chrome/120.0 Mobile "
               "Safari/537.36"))
          .trust,
      SignalTrust::human);
}

TEST(SignalTrust, KnowsWhoFetchesPicturesInThePlaceOfReaders) {
  const auto open = [](const char* agent) { return judge(by(agent, SignalKind::open)); };
  EXPECT_EQ(open("Mozilla/5.0").trust, SignalTrust::scanner) << "Apple Mail, whether anybody looks or not";
  EXPECT_EQ(
      open("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)").trust,
      SignalTrust::unknown);
  EXPECT_EQ(open("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html").trust,
            SignalTrust::unknown);
  EXPECT_EQ(open("Mozilla/4.0 (compatible; ms-office; MSOffice 16)").trust, SignalTrust::human) << "Outlook";
  EXPECT_EQ(open("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0").trust,
            SignalTrust::human);
}

TEST(SignalTrust, ClicksOfPictureProxiesAreNoPersons) {
  EXPECT_EQ(judge(by("Mozilla/5.0 (via ggpht.com GoogleImageProxy)")).trust, SignalTrust::scanner);
  EXPECT_EQ(judge(by("Mozilla/5.0")).trust, SignalTrust::unknown);
}

TEST(SignalTrust, AsksHowLongTheMailHasBeenOut) {
  for (const auto since : {-5s, 0s, 9s})
    EXPECT_EQ(judge(after(since)).trust, SignalTrust::scanner) << since.count();
  for (const auto since : {10s, 59s})
    EXPECT_EQ(judge(after(since)).trust, SignalTrust::unknown) << since.count();
  EXPECT_EQ(judge(after(60s)).trust, SignalTrust::human);
  EXPECT_EQ(judge(after(9s)).reason, "9 s after the mail left, sooner than anybody reads");
  EXPECT_EQ(judge(after(std::nullopt)).trust, SignalTrust::unknown);
}

TEST(SignalTrust, KnowsThatNobodyFollowsManyLinksAtOnce) {
  auto several = facts();
  several.links_at_once = 2;
  EXPECT_EQ(judge(several).trust, SignalTrust::human);
  several.links_at_once = 3;
  EXPECT_EQ(judge(several).trust, SignalTrust::scanner);
  EXPECT_EQ(judge(several).reason, "3 links of the mail were followed within 10 s");
  several.kind = SignalKind::open;
  EXPECT_EQ(judge(several).trust, SignalTrust::scanner)
      << "whoever follows them all looks at the picture, too";
}

TEST(SignalTrust, IsNotSureOfProgramsThatNobodyKnows) {
  EXPECT_EQ(judge(by("SomeMailProgram 3")).trust, SignalTrust::unknown);
  EXPECT_EQ(judge(by("SomeMailProgram 3")).reason, "a user agent that nobody knows");
}

}  // namespace
}  // namespace leadhub::capture
