#include "normalise/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <vector>

#include "normalise/country.hpp"

namespace leadhub::normalise {
namespace {

TEST(CleanLine, MeansWhatPeopleMean) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", ""},
      {"Ada Lovelace", "Ada Lovelace"},
      {"  Ada \t\r\n Lovelace  ", "Ada Lovelace"},
      {"Ada\u00a0Lovelace\u3000", "Ada Lovelace"},
      {"Ada\u2028Lovelace\u0085x", "Ada Lovelace x"},
      {"Zoe\u0308", "Zo\u00eb"},               // composed
      {"Zoe\u200e\u0308", "Zo\u00eb"},         // also where a mark stood between
      {"\u202eadA\u202c", "adA"},              // an override of the direction
      {"\u2066Ada\u2069\u200f\u061c", "Ada"},  // isolates and marks
      {"\ufeffAda\u200b\u2060\u00ad", "Ada"},  // what shows nothing
      {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
       "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"},
      {"\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"},  // joiners that scripts need
      {"\U0001F469\u200d\U0001F4BB", "\U0001F469\u200d\U0001F4BB"},
      {"a\x01\x7f\u0090z", "az"},
      {"a\xffz", "a\ufffdz"},
  };
  for (const auto& [given, clean] : cases) EXPECT_EQ(clean_line(given), clean) << given;
  EXPECT_EQ(clean_line(std::string_view{"a\0b", 3}), "ab");
}

TEST(CleanText, KeepsLinesAndTabs) {
  EXPECT_EQ(clean_text("  one\r\ntwo\rthree\n\nfour\tfive  six \r\n"), "one\ntwo\nthree\n\nfour\tfive  six");
  EXPECT_EQ(clean_text("a\u2028b\u2029c\u0085"
                       "d"),
            "a\nb\nc\nd");
  EXPECT_EQ(clean_text("a\x01\u202e"
                       "b\x7f"),
            "ab");
  EXPECT_EQ(clean_text("e\u0301"), "\u00e9");
  EXPECT_EQ(clean_text(""), "");
  EXPECT_EQ(clean_text("\r\n \t"), "");
}

/// Texts of pieces that trouble: blanks, marks, controls, broken bytes, letters that compose.
std::string awkward_text() {
  static const std::array<std::string, 32> pieces{
      "a",      "B",      " ",      "  ",         "\t",     "\r",     "\n",     "\u00a0",
      "\u2028", "\u200b", "\u200c", "\u200d",     "\u200e", "\u202e", "\u0301", "\u0308",
      "\u0345", "e",      "\u03b1", "\u1100",     "\u1161", "\u0085", "\x01",   "\xff",
      "\xc3",   "\ufeff", "\u0600", "\U000E0041", "\u1fef", "\u2000", "\u212b", "\u0344"};
  std::string out;
  for (const auto pick :
       *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, pieces.size())))
    out += pieces[pick];
  return out;
}

RC_GTEST_PROP(CleanLine, ChangesNothingTheSecondTime, ()) {
  const auto text = awkward_text();
  const auto once = clean_line(text);
  RC_ASSERT(clean_line(once) == once);
  RC_ASSERT(once.find('\n') == std::string::npos);
}

RC_GTEST_PROP(CleanText, ChangesNothingTheSecondTime, ()) {
  const auto once = clean_text(awkward_text());
  RC_ASSERT(clean_text(once) == once);
  RC_ASSERT(once.find('\r') == std::string::npos);
}

TEST(CountryCode, TakesCodesAndEnglishNames) {
  const std::vector<std::pair<std::string, std::string>> cases{{"DE", "DE"},
                                                               {"de", "DE"},
                                                               {"DEU", "DE"},
                                                               {"Germany", "DE"},
                                                               {" germany ", "DE"},
                                                               {"GB", "GB"},
                                                               {"uk", "GB"},
                                                               {"United Kingdom", "GB"},
                                                               {"UNITED  STATES", "US"},
                                                               {"usa", "US"},
                                                               {"Curaçao", "CW"},
                                                               {"Cura\u0063\u0327ao", "CW"},
                                                               {"Côte d’Ivoire", "CI"}};
  for (const auto& [given, code] : cases) EXPECT_EQ(country_code(given), code) << given;
  for (const auto* given : {"", " ", "Atlantis", "XX", "ZZ", "D", "DEUT", "001", "Ger many"})
    EXPECT_EQ(country_code(given), std::nullopt) << given;
}

}  // namespace
}  // namespace leadhub::normalise
