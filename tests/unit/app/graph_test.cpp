#include "app/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/mermaid.hpp"
#include "config_file.hpp"

namespace leadhub::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MermaidLabel, LeavesNothingThatMermaidOrMarkdownWouldTakeForItsOwn) {
  EXPECT_EQ(mermaid_label("Ada \"the\" #1"), "Ada #34;the#34; #35;1");
  EXPECT_EQ(mermaid_label("<script>&amp;"), "#60;script#62;#38;amp#59;");
  EXPECT_EQ(mermaid_label("`code` *bold* [x](y) {z} a|b \\"),
            "#96;code#96; #42;bold#42; #91;x#93;(y) #123;z#125; a#124;b #92;");
  EXPECT_EQ(mermaid_label("- list"), "#45; list");
  EXPECT_EQ(mermaid_label("12. list"), "12#46; list");
  EXPECT_EQ(mermaid_label("hand-off 1.5\nZürich"), "hand-off 1.5<br/>Zürich");
}

std::string graph_of(const std::string& text) {
  const test::ConfigFile file{text};
  const auto loaded = file.loaded();
  return loaded.config ? to_mermaid(loaded) : std::string{};
}

TEST(Graph, LinksASegmentToWhateverAsksForIt) {
  const auto graph = graph_of(R"(
channels: {}
segments: {near: {lead.country: GB}, far: {not: {segment: near}}}
qualify:
  builtin: false
  temperature: [{is: hot, when: {any: [{segment: far}, {lead.score: {gte: 9}}]}}]
)");
  EXPECT_THAT(graph, HasSubstr("n9{{\"near<br/>lead.country is GB\"}}"));
  EXPECT_THAT(graph, HasSubstr("n10{{\"far<br/>not (it is in the segment near)\"}}"));
  EXPECT_THAT(graph, HasSubstr("n9 -.-> n10"));
  EXPECT_THAT(graph, HasSubstr("n10 -.-> n12"));
}

TEST(Graph, JoinsTheWaysOfASplitUnlessOneEnds) {
  const auto graph = graph_of(R"(
channels: {}
nurture:
  journeys:
    welcome:
      enter: {event.type: newsletter.subscribed}
      steps:
        - split:
            stop: {share: 40, steps: [{end: true}]}
            go: {share: 60, steps: []}
        - tag: done
)");
  const auto place = graph.find("{\"split\"}");
  ASSERT_NE(place, std::string::npos);
  const auto begin = graph.rfind(' ', place) + 1;
  const auto split = graph.substr(begin, place - begin);
  EXPECT_THAT(graph, HasSubstr(split + " -->|\"stop 40 %\"|"));
  EXPECT_THAT(graph, HasSubstr(split + " -->|\"go 60 %\"|"));
  const auto tag = graph.substr(graph.find("\"go 60 %\"| ") + 11, 3);
  EXPECT_THAT(graph, HasSubstr(tag + "[\"tag done\"]"));
}

TEST(Graph, ShowsNoSecretOfAChannel) {
  const auto graph = graph_of(R"(
channels:
  demo: {plugin: webform, config: {provider: json, event: demo.requested, fields: {email: {to: email}},
         secret: whsec_bm90LWZvci1hbnlib2R5cy1leWVzLXJlYWxseQ==}}
)");
  EXPECT_THAT(graph, HasSubstr("demo<br/>webform: json"));
  EXPECT_THAT(graph, Not(HasSubstr("whsec")));
}

}  // namespace
}  // namespace leadhub::app
