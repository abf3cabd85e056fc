#include "charset.hpp"

#include <gtest/gtest.h>

#include "text.hpp"

namespace leadhub::webform {
namespace {

TEST(Charset, TakesUtf8AsItIs) {
  EXPECT_EQ(to_utf8("Zo\xC3\xAB", Charset::undeclared), "Zo\xC3\xAB");
}

TEST(Charset, ReadsOtherBytesAsWindows1252) {
  EXPECT_EQ(to_utf8("Zo\xEB \x80 \x93", Charset::undeclared), "Zo\xC3\xAB \xE2\x82\xAC \xE2\x80\x9C");
}

TEST(Charset, HeedsWhatIsDeclared) {
  EXPECT_EQ(charset_named(" ISO-8859-1 "), Charset::windows_1252);
  EXPECT_EQ(charset_named("UTF-8"), Charset::utf_8);
  EXPECT_EQ(charset_named("shift_jis"), Charset::undeclared);
  EXPECT_EQ(to_utf8("\xC3\xAB", Charset::windows_1252), "\xC3\x83\xC2\xAB");
  EXPECT_EQ(to_utf8("Zo\xEB", Charset::utf_8), "Zo\xEF\xBF\xBD");
}

TEST(Text, OfOneLineCannotBreakIt) {
  EXPECT_EQ(single_line("  Ada\r\nBcc: x@example.com\t"), "Ada  Bcc: x@example.com");
  EXPECT_EQ(single_line("\x01"), "");
  EXPECT_EQ(single_line(""), "");
}

TEST(Text, OfManyLinesHasOneKindOfLineEnd) {
  EXPECT_EQ(multi_line("a\r\nb\rc\nd\x00\n"), "a\nb\nc\nd");
}

TEST(Suggestion, IsTheNearestOrNone) {
  EXPECT_EQ(nearest("emial", {"email", "name"}), "email");
  EXPECT_EQ(nearest("firstname", {"first_name", "last_name"}), "first_name");
  EXPECT_EQ(nearest("zebra", {"email", "name"}), "");
}

}  // namespace
}  // namespace leadhub::webform
