#include "mail/tracked_html.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto untouched = "";

struct TrackedHtml : testing::Test {
  std::vector<std::string> asked;
  std::string instead = "https://hub.example/r/1";

  TrackedLinks clicks() {
    return {.click = [this](std::string_view url) {
      asked.emplace_back(url);
      return instead;
    }};
  }
};

TEST_F(TrackedHtml, LeadsElsewhere) {
  EXPECT_EQ(tracked_html(R"(<p><a style="color:#7a4a12;" href="https://www.example.com/demo">See</a>.</p>)",
                         clicks()),
            R"(<p><a style="color:#7a4a12;" href="https://hub.example/r/1">See</a>.</p>)");
  EXPECT_THAT(asked, ElementsAre("https://www.example.com/demo"));
}

TEST_F(TrackedHtml, ReadsEntitiesInALinkAsABrowserDoes) {
  const auto html = tracked_html(
      R"(<a href="https://example.com/?a=1&amp;b=&quot;2&#39;&#x2F;&copy=3&unknown;&">x</a>)", clicks());
  EXPECT_THAT(asked, ElementsAre("https://example.com/?a=1&b=\"2'/&copy=3&unknown;&"));
  EXPECT_EQ(html, R"(<a href="https://hub.example/r/1">x</a>)");
}

TEST_F(TrackedHtml, EscapesWhatItPutsIn) {
  instead = "https://hub.example/?a=1&b=\"2\"";
  EXPECT_EQ(tracked_html("<a href='https://example.com'>x</a>", clicks()),
            "<a href='https://hub.example/?a=1&amp;b=&quot;2&quot;'>x</a>");
}

TEST_F(TrackedHtml, TakesLinksAsPeopleWriteThemIntoLayouts) {
  instead = "T";
  EXPECT_EQ(tracked_html("<A\n HREF = 'https://one.example' class=x><a disabled title=\">\" "
                         "href=\"https://two.example\">",
                         clicks()),
            "<A\n HREF = 'T' class=x><a disabled title=\">\" href=\"T\">");
  EXPECT_THAT(asked, ElementsAre("https://one.example", "https://two.example"));
}

TEST_F(TrackedHtml, TakesALinkOnceThatSpeaksOfALinkInItsTitle) {
  instead = "T";
  EXPECT_EQ(tracked_html("<a title=\"5 <a b\" href=\"https://one.example\">x</a>", clicks()),
            "<a title=\"5 <a b\" href=\"T\">x</a>");
}

TEST_F(TrackedHtml, LeavesTheRestToTheByte) {
  instead = untouched;
  for (const std::string html : {
           "",
           "<",
           "<a",
           "<a ",
           "<a href",
           "<a href=",
           "<a href=\"",
           "<a href=\"https://example.com",
           "<a name=\"x\">x</a>",
           "<a href=https://bare.example>x</a>",
           "<abbr href=\"https://x.example\">",
           "<link href=\"https://x.example\">",
           "<p>5 < 6 &amp; a href=\"https://x.example\"</p>",
           "<a href=\"https://www.example.com/?a=1&amp;b=2\">kept as it was</a>",
       })
    EXPECT_EQ(tracked_html(html, clicks()), html);
  EXPECT_THAT(asked, ElementsAre("https://www.example.com/?a=1&b=2"));
}

TEST_F(TrackedHtml, AsksAboutSoManyLinksAtMost) {
  std::string html;
  for (std::size_t i = 0; i < limits::tracked_links_max + 5; ++i)
    html += "<a href=\"https://x.example\">x</a>";
  EXPECT_NE(tracked_html(html, clicks()), html);
  EXPECT_THAT(asked, SizeIs(limits::tracked_links_max));
}

TEST_F(TrackedHtml, EndsWithAPictureWhereOpensAreAskedFor) {
  const auto html = tracked_html("<body><a href=\"https://x.example\">x</a></BODY></html>",
                                 {.open = "https://hub.example/o/1"});
  EXPECT_EQ(html,
            "<body><a href=\"https://x.example\">x</a><img src=\"https://hub.example/o/1\" width=\"1\" "
            "height=\"1\" alt=\"\" style=\"display:block;width:1px;height:1px;border:0\"></BODY></html>");
  EXPECT_THAT(asked, IsEmpty());
}

}  // namespace
}  // namespace leadhub::mail
