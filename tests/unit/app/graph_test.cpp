#include "app/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/condition_words.hpp"
#include "app/mermaid.hpp"

namespace leadhub::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string words(const char* condition) {
  return words_of(nlohmann::ordered_json::parse(condition));
}

TEST(ConditionWords, SayWhatEachMatcherAsksFor) {
  EXPECT_EQ(words(R"({"event.type": "form.submitted", "lead.score": {"gte": 20, "lt": 60}})"),
            "event.type is form.submitted and lead.score >= 20 and lead.score < 60");
  EXPECT_EQ(words(R"({"lead.stage": ["registered", "developing"]})"),
            "lead.stage is registered or developing");
  EXPECT_EQ(words(R"({"lead.owner": {"present": false}, "lead.phone": {"present": true}})"),
            "lead.owner is missing and lead.phone is there");
  EXPECT_EQ(words(R"({"lead.created_at": {"within": "7d"}, "event.message": {"matches": "(?i)price"}})"),
            "lead.created_at within the last 7d and event.message matches (?i)price");
}

TEST(ConditionWords, KeepGroupsTogether) {
  EXPECT_EQ(words(R"({"any": [{"lead.country": "GB"}, {"lead.country": "IE", "lead.verified": true}]})"),
            "((lead.country is GB) or (lead.country is IE and lead.verified is true))");
  EXPECT_EQ(words(R"({"not": {"segment": "friends"}, "lead.verified": true})"),
            "not (in the segment friends) and lead.verified is true");
}

TEST(MermaidLabel, LeavesNothingThatMermaidOrMarkdownWouldTakeForItsOwn) {
  EXPECT_EQ(mermaid_label("Ada \"the\" #1"), "Ada #34;the#34; #35;1");
  EXPECT_EQ(mermaid_label("<script>&amp;"), "#60;script#62;#38;amp#59;");
  EXPECT_EQ(mermaid_label("`code` *bold* [x](y) {z} a|b \\"),
            "#96;code#96; #42;bold#42; #91;x#93;(y) #123;z#125; a#124;b #92;");
  EXPECT_EQ(mermaid_label("- list"), "#45; list");
  EXPECT_EQ(mermaid_label("12. list"), "12#46; list");
  EXPECT_EQ(mermaid_label("hand-off 1.5\nZürich"), "hand-off 1.5<br/>Zürich");
}

/// A hub.yaml in a folder that goes with the object.
class File {
 public:
  explicit File(const std::string& text)
      : folder_(std::filesystem::temp_directory_path() / ("graph-test-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream{folder_ / "hub.yaml"} << text;
  }
  ~File() { std::filesystem::remove_all(folder_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] std::string graph() const {
    const auto loaded = load(folder_ / "hub.yaml");
    for (const auto& diagnostic : loaded.diagnostics)
      EXPECT_EQ(diagnostic.severity, config::Severity::notice) << config::to_text(diagnostic);
    return loaded.config ? to_mermaid(loaded) : std::string{};
  }

 private:
  std::filesystem::path folder_;
};

TEST(Graph, LinksASegmentToWhateverAsksForIt) {
  const File file{R"(
channels: {}
segments: {near: {lead.country: GB}, far: {not: {segment: near}}}
qualify:
  builtin: false
  temperature: [{is: hot, when: {any: [{segment: far}, {lead.score: {gte: 9}}]}}]
)"};
  const auto graph = file.graph();
  EXPECT_THAT(graph, HasSubstr("n9{{\"near<br/>lead.country is GB\"}}"));
  EXPECT_THAT(graph, HasSubstr("n10{{\"far<br/>not (in the segment near)\"}}"));
  EXPECT_THAT(graph, HasSubstr("n9 -.-> n10"));
  EXPECT_THAT(graph, HasSubstr("n10 -.-> n12"));
}

TEST(Graph, JoinsTheWaysOfASplitUnlessOneEnds) {
  const File file{R"(
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
)"};
  const auto graph = file.graph();
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
  const File file{R"(
channels:
  demo: {plugin: webform, config: {provider: json, event: demo.requested, fields: {email: {to: email}},
         secret: whsec_bm90LWZvci1hbnlib2R5cy1leWVzLXJlYWxseQ==}}
)"};
  const auto graph = file.graph();
  EXPECT_THAT(graph, HasSubstr("demo<br/>webform: json"));
  EXPECT_THAT(graph, Not(HasSubstr("whsec")));
}

}  // namespace
}  // namespace leadhub::app
