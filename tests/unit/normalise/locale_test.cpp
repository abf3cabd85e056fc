#include "normalise/locale.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>

#include "normalise/country.hpp"

namespace leadhub::normalise {
namespace {

TEST(CountryCode, TakesNamesInManyLanguages) {
  const std::map<std::string, std::string> cases{{"Deutschland", "DE"}, {"Allemagne", "DE"},
                                                 {"Alemania", "DE"},    {"Duitsland", "DE"},
                                                 {"ドイツ", "DE"},      {"Германия", "DE"},
                                                 {"Νορβηγία", "NO"},    {"España", "ES"},
                                                 {"espana", "ES"},      {"Österreich", "AT"},
                                                 {"Osterreich", "AT"},  {"Suisse", "CH"},
                                                 {"Schweiz", "CH"},     {"Svizzera", "CH"},
                                                 {"Royaume-Uni", "GB"}, {"Vereinigtes Königreich", "GB"},
                                                 {"États-Unis", "US"},  {"Estados Unidos", "US"},
                                                 {"日本", "JP"},        {"中国", "CN"},
                                                 {"대한민국", "KR"},    {"Brasil", "BR"},
                                                 {"Türkiye", "TR"},     {"مصر", "EG"},
                                                 {"Holland", "NL"},     {"England", "GB"},
                                                 {"U.S.A.", "US"},      {"Cote d'Ivoire", "CI"},
                                                 {"Ivory Coast", "CI"}, {"Hong Kong", "HK"},
                                                 {"Česko", "CZ"},       {"Czech Republic", "CZ"}};
  for (const auto& [given, code] : cases) EXPECT_EQ(country_code(given), code) << given;
  for (const auto* given : {"Korea", "Congo", "Utopia", "Deutsch", "D", "\xff"})
    EXPECT_EQ(country_code(given), std::nullopt) << given;
}

TEST(LanguageTag, ReadsTagsCodesAndNames) {
  const std::map<std::string, std::string> cases{
      {"de", "de"},       {"DE", "de"},          {"de_DE", "de-DE"},
      {"de-at", "de-AT"}, {"deu", "de"},         {"zh-hant-tw", "zh-Hant-TW"},
      {"pt_BR", "pt-BR"}, {" en-GB ", "en-GB"},  {"de-CH,de;q=0.9", "de-CH"},
      {"German", "de"},   {"deutsch", "de"},     {"Allemand", "de"},
      {"français", "fr"}, {"English", "en"},     {"日本語", "ja"},
      {"Русский", "ru"},  {"sr-Latn", "sr-Latn"}};
  for (const auto& [given, tag] : cases) EXPECT_EQ(language_tag(given), tag) << given;
  for (const auto* given :
       {"", "*", "Klingonisch", "xx", "d", "de-", "-de", "de--DE", "english please", "\xff"})
    EXPECT_EQ(language_tag(given), std::nullopt) << given;
  EXPECT_EQ(language_tag(std::string(10'000, 'd')), std::nullopt);
}

TEST(TimeZone, IsThatOfTheCountryWhereItsClocksShowTheSame) {
  const std::map<std::string, std::string> cases{{"GB", "Europe/London"},
                                                 {"DE", "Europe/Berlin"},
                                                 {"FR", "Europe/Paris"},
                                                 {"JP", "Asia/Tokyo"},
                                                 {"IN", "Asia/Kolkata"},
                                                 {"VN", "Asia/Ho_Chi_Minh"},
                                                 {"AR", "America/Argentina/Buenos_Aires"}};
  for (const auto& [country, zone] : cases) {
    EXPECT_EQ(time_zone_of_country(country), zone) << country;
    EXPECT_TRUE(is_time_zone(zone)) << zone;
  }
  for (const auto* country : {"US", "RU", "AU", "BR", "ES", "CA", "", "XX", "gb", "GBR", "\xff\xff"})
    EXPECT_EQ(time_zone_of_country(country), std::nullopt) << country;
}

TEST(TimeZone, IsKnownByItsIanaName) {
  for (const auto* zone : {"Europe/London", "America/Argentina/Buenos_Aires", "UTC"})
    EXPECT_TRUE(is_time_zone(zone)) << zone;
  for (const auto* zone : {"", "Mars/Olympus", "GMT+2", "Europe", "/", "\xff/"})
    EXPECT_FALSE(is_time_zone(zone)) << zone;
}

}  // namespace
}  // namespace leadhub::normalise
