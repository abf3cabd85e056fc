#include "mail/tags.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leadhub::mail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> faults(std::string_view text) {
  std::vector<std::string> found;
  for (const auto& fault : scan_tags(text).faults)
    found.push_back(std::to_string(fault.offset) + ": " + fault.message);
  return found;
}

TEST(Tags, NameFieldsSectionsAndPartials) {
  const auto scan =
      scan_tags("{{name}} {{ first_name | there }}{{#tags}}{{.}}{{/tags}}{{^a.b}}{{/a.b}}{{> x}}{{! hm }}");
  EXPECT_THAT(scan.faults, IsEmpty());
  ASSERT_EQ(scan.tags.size(), 9U);
  EXPECT_EQ(scan.tags[1].name, "first_name");
  EXPECT_EQ(scan.tags[1].fallback, "there");
  EXPECT_EQ(scan.tags[1].offset, 9U);
  EXPECT_EQ(scan.tags[1].size, 24U);
  EXPECT_EQ(scan.tags[7].type, TagType::partial);
  EXPECT_EQ(scan.tags[7].name, "x");
  EXPECT_EQ(scan.tags[8].type, TagType::comment);
}

TEST(Tags, ThatDoNotEndAreFaults) {
  EXPECT_THAT(faults("Hi {{name, bye"), ElementsAre(HasSubstr("3: the tag does not end")));
  EXPECT_THAT(faults("{{name {{email}}"), ElementsAre(HasSubstr("0: the tag does not end")));
  EXPECT_THAT(faults("Hi name}}"), ElementsAre(HasSubstr("7: there is no tag that }} ends")));
}

TEST(Tags, SectionsAreClosedInTheirOrder) {
  EXPECT_THAT(faults("{{#tags}}"), ElementsAre(HasSubstr("0: the section {{#tags}} is not closed")));
  EXPECT_THAT(faults("a{{/tags}}"), ElementsAre(HasSubstr("1: there is no section {{#tags}} to close")));
  EXPECT_THAT(faults("{{#tags}}{{#name}}{{/tags}}{{/name}}"),
              ElementsAre(HasSubstr("18: {{/tags}} crosses the section {{#name}}"), HasSubstr("27: ")));
  EXPECT_THAT(faults("{{^tags}}{{/name}}{{/tags}}"),
              ElementsAre(HasSubstr("9: {{/name}} closes no section; the open one is {{^tags}}")));
}

TEST(Tags, ThatWouldNotEscapeAreRefused) {
  EXPECT_THAT(faults("{{{name}}}"), ElementsAre(HasSubstr("without escaping")));
  EXPECT_THAT(faults("{{& name}}"), ElementsAre(HasSubstr("without escaping")));
  EXPECT_THAT(faults("{{=<% %>=}} <%& name %>"), ElementsAre(HasSubstr("delimiters stay")));
}

TEST(Tags, NamesAreNames) {
  EXPECT_THAT(faults("{{}}"), ElementsAre(HasSubstr("names nothing")));
  EXPECT_THAT(faults("{{first name}}"), ElementsAre(HasSubstr("is no name of a field")));
  EXPECT_THAT(faults("{{name|a{b}}"), ElementsAre(HasSubstr("without braces")));
}

}  // namespace
}  // namespace leadhub::mail
