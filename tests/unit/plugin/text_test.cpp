#include "plugin/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leadhub::plugin {
namespace {

using namespace std::string_literals;

TEST(Utf8, KnowsWellFormedText) {
  for (const auto& text : {""s, "plain ascii, longer than eight bytes"s, "äöü"s, "日本語"s,
                           "12345678\xF0\x9F\x98\x80"s, "\xF4\x8F\xBF\xBF"s, "\xED\x9F\xBF"s, "a\0b"s})
    EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, KnowsWhatIsNot) {
  for (const auto& text :
       {"\x80"s, "12345678\xFF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s,
        "\xF0\x80\x80\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xE2\x82"s, "\xC3"s, "ä\xC3"s})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(PlainText, ReplacesWhatCannotBeShown) {
  EXPECT_EQ(plain_text("a\nb\tc\x7F", 100), "a b c ");
  EXPECT_EQ(plain_text("ü\xFF", 100), "???");
  EXPECT_EQ(plain_text("ü", 100), "ü");
}

TEST(PlainText, CutsBetweenCharacters) {
  EXPECT_EQ(plain_text("aüb", 2), "a");
  EXPECT_EQ(plain_text("aüb", 3), "aü");
  EXPECT_EQ(plain_text("üüü", 0), "");
}

}  // namespace
}  // namespace leadhub::plugin
