#include "value_template.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Json values = {{"email", "ada+1@example.com"},
                     {"name", "Ada <b>"},
                     {"phone", nullptr},
                     {"company", ""},
                     {"score", 70},
                     {"vip", true},
                     {"tags", {"a", "b"}},
                     {"none", Json::array()},
                     {"attributes", {{"size", 250}}},
                     {"points", {{{"given", "Ada@X"}}}}};

std::string text(std::string_view given, Escape escape = Escape::none) {
  return fill_in_text(given, values, escape);
}
std::string filled(std::string_view shape) {
  const auto made = fill_in(Json::parse(shape), values, Escape::none);
  return made ? made->dump() : "nothing";
}

TEST(ValueTemplate, FillsInWhatThePathsName) {
  EXPECT_EQ(text("{{email}} has {{score}}, {{ attributes.size }}, {{points.0.given}}, {{tags}}"),
            "ada+1@example.com has 70, 250, Ada@X, a, b");
  EXPECT_EQ(text("[{{phone}}{{company}}{{nobody.at.all}}{{points.1.given}}{{email.x}}{{none}}]"), "[]");
  EXPECT_EQ(text("no {{end"), "no {{end");
  EXPECT_EQ(text(""), "");
}

TEST(ValueTemplate, TakesTheFirstOfSeveralThatHasAValue) {
  EXPECT_EQ(text("{{phone | company | name}}"), "Ada <b>");
  EXPECT_EQ(text("{{phone | 'not given'}}"), "not given");
  EXPECT_EQ(text("{{email | 'not given'}}"), "ada+1@example.com");
}

TEST(ValueTemplate, KeepsTheTypeOfALonePlaceholder) {
  EXPECT_EQ(filled(R"({"a": "{{score}}", "b": "{{vip}}", "c": "{{tags}}", "d": "{{attributes}}", "e": 7})"),
            R"({"a":70,"b":true,"c":["a","b"],"d":{"size":250},"e":7})");
  EXPECT_EQ(filled(R"({"a": "{{score}} points"})"), R"({"a":"70 points"})");
}

TEST(ValueTemplate, LeavesOutWhatHasNoValue) {
  EXPECT_EQ(filled(R"({"a": "{{phone}}", "b": "x{{phone}}", "c": "", "d": {"e": "{{phone}}"}})"),
            R"({"b":"x"})");
  EXPECT_EQ(filled(R"([{"value": "{{phone}}", "primary": true}, {"value": "{{email}}", "primary": true}])"),
            R"([{"value":"ada+1@example.com","primary":true}])");
  EXPECT_EQ(
      filled(R"({"phones": [{"value": "{{phone}}"}], "lines": ["Phone: {{phone}}", "Score: {{score}}"]})"),
      R"({"lines":["Score: 70"]})");
  EXPECT_EQ(filled(R"([[["{{phone}}"], "{{score}}"], 1])"), "[[70],1]");
  EXPECT_EQ(filled(R"({"a": "{{phone}}"})"), "nothing");
}

TEST(ValueTemplate, MergesTheMembersOfAValue) {
  EXPECT_EQ(filled(R"({"size": 1, "kept": 2, "<<": "{{attributes}}"})"), R"({"size":250,"kept":2})");
  EXPECT_EQ(filled(R"({"kept": 2, "<<": "{{phone}}"})"), R"({"kept":2})");
}

TEST(ValueTemplate, PercentEncodesInUrls) {
  EXPECT_EQ(text("/find?q={{email}}", Escape::url), "/find?q=ada%2B1%40example.com");
  EXPECT_EQ(fill_in_text("/{{a}}", {{"a", "../\u00e9?#&%"}}, Escape::url), "/..%2F%C3%A9%3F%23%26%25");
}

TEST(ValueTemplate, TakesTheMeaningFromWhatChatsWouldRead) {
  const auto chat = [](const char* value) { return fill_in_text("{{a}}", {{"a", value}}, Escape::chat); };
  EXPECT_EQ(chat("<!channel> & <https://evil.example|click>"),
            "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;");
  EXPECT_EQ(chat("two\nlines\tand a tab"), "two lines and a tab");
  EXPECT_EQ(chat(std::string(1'000, 'x').c_str()), std::string(1'000, 'x'));
  EXPECT_EQ(chat(std::string(1'001, 'x').c_str()), std::string(1'000, 'x') + "\u2026");
  EXPECT_EQ(chat((std::string(998, 'x') + "&").c_str()), std::string(998, 'x') + "\u2026");
  EXPECT_EQ(chat((std::string(999, 'x') + "\u00e9").c_str()), std::string(999, 'x') + "\u2026");
  EXPECT_EQ(fill_in(Json{{"t", "{{a}}"}}, {{"a", "<a>"}}, Escape::chat)->dump(), R"({"t":"&lt;a&gt;"})");
}

TEST(ValueTemplate, SaysWhatIsWrong) {
  EXPECT_EQ(template_problem("{{email}} and {{phone | 'none'}} and plain } {"), "");
  EXPECT_THAT(template_problem("{{email"), HasSubstr("never closed"));
  EXPECT_THAT(template_problem("{{}}"), HasSubstr("names no field"));
  EXPECT_THAT(template_problem("{{#each}}"), HasSubstr("names no field"));
  EXPECT_THAT(template_problem("{{a..}}"), HasSubstr("names no field"));
  EXPECT_THAT(template_problem("{{'x' | email}}"), HasSubstr("put the text last"));
  EXPECT_THAT(template_roots("{{a.b | c | 'd'}} {{e}}"), ElementsAre("a", "c", "e"));
}

}  // namespace
}  // namespace leadhub::webhook
