#include <gmock/gmock.h>
#include <phonenumbers/phonenumberutil.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <vector>

#include "normalise/email.hpp"
#include "normalise/phone.hpp"

namespace leadhub::normalise {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(CanonicalEmail, IsOneFormForOneMailbox) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"ada@example.com", "ada@example.com"},
      {" Ada.Lovelace@Example.COM\r\n", "ada.lovelace@example.com"},
      {"\u202aada@example.com\u202c", "ada@example.com"},
      {"ada\u200b@example.com", "ada@example.com"},
      {"ada+news@example.com", "ada+news@example.com"},
      {"ada@sub.example.co.uk", "ada@sub.example.co.uk"},
      {"o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"},
      {"ada@b\u00fccher.example", "ada@xn--bcher-kva.example"},
      {"ada@BU\u0308CHER.example", "ada@xn--bcher-kva.example"},
      {"ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"},
      {"ada@stra\u00dfe.example", "ada@xn--strae-oqa.example"},      // non-transitional: sharp s stays
      {"ada@\u4f8b\u5b50\u3002example", "ada@xn--fsqu00a.example"},  // an ideographic full stop
      {"\u00d6zg\u00fcr@example.com", "\u00f6zg\u00fcr@example.com"},
      {"Zoe\u0308@example.com", "zo\u00eb@example.com"},
      {"\"Ada Lovelace\"@example.com", "\"ada lovelace\"@example.com"},
      {"\"a@b\"@example.com", "\"a@b\"@example.com"},
      {"\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com"},
      {repeat("a", 64) + "@example.com", repeat("a", 64) + "@example.com"},
  };
  for (const auto& [given, canonical] : cases) {
    const auto result = canonical_email(given);
    ASSERT_TRUE(result) << given << ": " << result.error().message;
    EXPECT_EQ(*result, canonical) << given;
  }
}

TEST(CanonicalEmail, RefusesWhatIsNoAddressWithoutQuotingIt) {
  for (const auto& given : {std::string{""},
                            std::string{" "},
                            std::string{"@"},
                            std::string{"ada"},
                            std::string{"ada@"},
                            std::string{"@example.com"},
                            std::string{"ada@example"},
                            std::string{"ada@example.com."},
                            std::string{"ada@.example.com"},
                            std::string{"ada@example..com"},
                            std::string{"ada@-example.com"},
                            std::string{"ada@exa_mple.com"},
                            std::string{"ada@exa mple.com"},
                            std::string{"ada@[192.0.2.1]"},
                            std::string{"ada lovelace@example.com"},
                            std::string{"Ada <ada@example.com>"},
                            std::string{"ada@b@example.com"},
                            std::string{"ada,bob@example.com"},
                            std::string{"ada;bob@example.com"},
                            std::string{"ada@example.com,bob@example.com"},
                            std::string{"ada\x01@example.com"},
                            std::string{"ada\x7f@example.com"},
                            std::string{"ada@exam\x1fple.com"},
                            std::string{"ada\r\nBcc: bob@example.com"},
                            std::string{"a\0b@example.com", 15},
                            std::string{"\"ada@example.com"},
                            std::string{"\"a\"b\"@example.com"},
                            std::string{"\"a\\\"@example.com"},
                            std::string{"\"\"@example.com"},
                            std::string{"ada@xn--a.example"},
                            std::string{"ada@\u202e.example"},
                            std::string{"\xff@"},
                            std::string{"ada@exa\u2488mple.com"},
                            repeat("a", 65) + "@example.com",
                            "a@" + repeat(repeat("b", 60) + ".", 5) + "com",
                            "ada@" + repeat("b", 64) + ".com",
                            repeat("x", 10'000) + "@example.com",
                            "ada@" + repeat("x", 10'000) + ".com",
                            repeat("@", 10'000),
                            "ada@" + repeat("x.", 5'000) + "com",
                            "ada@" + repeat("\u00fc", 200) + ".com",
                            repeat("\u0149", 32) + "@example.com"}) {
    const auto result = canonical_email(given);
    ASSERT_FALSE(result) << given.substr(0, 100) << " gave " << *result;
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    for (const auto* part : {"ada", "example", "xxx", "bob"})
      EXPECT_THAT(result.error().message, testing::Not(testing::HasSubstr(part))) << given.substr(0, 100);
  }
}

RC_GTEST_PROP(CanonicalEmail, IsItsOwnCanonicalForm, ()) {
  static const std::array<std::string, 24> pieces{"a",      "Z",      "9",      ".",      "-",      "+",
                                                  "\"",     "\\",     " ",      "@",      "\u00df", "\u0130",
                                                  "\u0390", "\u0345", "\u03b1", "\u0308", "e",      "\u200d",
                                                  "\u212b", "\ufb01", "\u1e9e", "xn--",   "\u3002", "\u05d0"};
  const auto text = [] {
    std::string out;
    for (const auto pick :
         *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, pieces.size())))
      out += pieces[pick];
    return out;
  };
  const auto given = "x" + text() + "@d" + text() + ".example";
  const auto once = canonical_email(given);
  if (!once) return;
  const auto twice = canonical_email(*once);
  RC_ASSERT(twice.has_value());
  RC_ASSERT(*twice == *once);
}

struct PhoneExample {
  std::string region;
  std::string type;
  std::string national;
  std::string e164;
};

std::vector<PhoneExample> phone_examples() {
  std::ifstream file{LEADHUB_SOURCE_DIR "/tests/data/phone_examples.csv"};
  std::string line;
  std::getline(file, line);
  std::vector<PhoneExample> examples;
  while (std::getline(file, line)) {
    std::stringstream columns{line};
    std::array<std::string, 6> column;
    for (auto& text : column) std::getline(columns, text, ',');
    examples.push_back({column[0], column[2], column[5] + column[3], column[4]});
  }
  return examples;
}

TEST(CanonicalPhone, ReadsTheExampleNumbersOfAllRegions) {
  const auto examples = phone_examples();
  ASSERT_GT(examples.size(), 1'100U);
  int international = 0, national = 0, risky = 0;
  for (const auto& example : examples) {
    const auto phone = canonical_phone(example.e164, "");
    ASSERT_TRUE(phone) << example.e164 << ": " << phone.error().message;
    // A Mexican 1 after the country code, once dialled to mobiles, belongs to the number no longer.
    const auto expected =
        example.e164.starts_with("+521") && example.region == "MX" && phone->e164 != example.e164
            ? "+52" + example.e164.substr(4)
            : example.e164;
    EXPECT_EQ(phone->e164, expected);
    risky += phone->verdict() == lead::Verdict::valid ? 0 : 1;
    ++international;
    const auto again = canonical_phone(phone->e164, "US");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->e164, phone->e164) << "the canonical form is its own";
    const auto local = canonical_phone(example.national, example.region);
    if (local && local->e164 == expected) ++national;
  }
  std::cout << "phone examples: " << international << " read as international, " << national
            << " as written at home, " << risky << " not valid by today's metadata\n";
  EXPECT_LT(risky, 20);
  EXPECT_GT(national, international * 95 / 100);
}

TEST(CanonicalPhone, ReadsWhatPeopleType) {
  const std::vector<std::array<std::string, 3>> cases{{"020 7946 0958", "GB", "+442079460958"},
                                                      {"(020) 7946-0958", "GB", "+442079460958"},
                                                      {"+44 (0)20 7946 0958", "", "+442079460958"},
                                                      {"0044 20 7946 0958", "DE", "+442079460958"},
                                                      {"tel:+44-20-7946-0958", "", "+442079460958"},
                                                      {"+44 20 7946 0958 ext. 12", "", "+442079460958"},
                                                      {"\uff0b44 20 7946 0958", "", "+442079460958"},
                                                      {"02 3661 8300", "IT", "+390236618300"},
                                                      {"030 123456", "DE", "+4930123456"}};
  for (const auto& [given, region, e164] : cases) {
    const auto phone = canonical_phone(given, region);
    ASSERT_TRUE(phone) << given << ": " << phone.error().message;
    EXPECT_EQ(phone->e164, e164) << given;
  }
}

TEST(CanonicalPhone, NamesTheRegion) {
  EXPECT_EQ(canonical_phone("+442079460958", "")->region, "GB");
  EXPECT_EQ(canonical_phone("+80012345678", "")->region, "") << "a number of no country";
}

TEST(CanonicalPhone, NamesTheRegionThatTheLibraryFinds) {
  using i18n::phonenumbers::PhoneNumberUtil;
  const auto& library = *PhoneNumberUtil::GetInstance();
  std::set<std::string> regions;
  library.GetSupportedRegions(&regions);
  ASSERT_GT(regions.size(), 200U);
  for (const auto& region : regions) {
    for (int type = PhoneNumberUtil::FIXED_LINE; type <= PhoneNumberUtil::VOICEMAIL; ++type) {
      i18n::phonenumbers::PhoneNumber number;
      if (!library.GetExampleNumberForType(region, static_cast<PhoneNumberUtil::PhoneNumberType>(type),
                                           &number))
        continue;
      std::string e164, expected;
      library.Format(number, PhoneNumberUtil::E164, &e164);
      library.GetRegionCodeForNumber(number, &expected);
      const auto phone = canonical_phone(e164, "");
      ASSERT_TRUE(phone) << e164 << ": " << phone.error().message;
      EXPECT_EQ(phone->region, expected) << e164;
      EXPECT_EQ(phone->verdict() == lead::Verdict::valid, library.IsValidNumber(number)) << e164;
    }
  }
}

TEST(CanonicalPhone, RefusesRatherThanGuesses) {
  for (const auto& [given, region] : std::vector<std::pair<std::string, std::string>>{
           {"020 7946 0958", ""},
           {"020 7946 0958", "XX"},
           {"", "GB"},
           {"   ", "GB"},
           {"call me", "GB"},
           {"12", "GB"},
           {"+", "GB"},
           {"+999 123456", "GB"},
           {"253-0000", "US"},  // possible only where the area code goes without saying
           {repeat("1", 300), "US"},
           {repeat("+1", 5'000), "US"},
           {"\xff\xfe", "US"}}) {
    const auto phone = canonical_phone(given, region);
    ASSERT_FALSE(phone) << given.substr(0, 50) << " gave " << phone->e164;
    EXPECT_EQ(phone.error().code, ErrorCode::invalid);
    EXPECT_THAT(phone.error().message, testing::Not(testing::ContainsRegex("[0-9]")));
  }
}

}  // namespace
}  // namespace leadhub::normalise
