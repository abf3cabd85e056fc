#include "normalise/name.hpp"

#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

namespace leadhub::normalise {
namespace {

using nlohmann::json;

json sample(const std::string& name) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/tests/data/names/" + name};
  return json::parse(file);
}

/// Letters in lower case: the samples tidy dots and capitals, we keep what was typed.
std::string letters(const std::string& text) {
  icu::UnicodeString out;
  const auto source = icu::UnicodeString::fromUTF8(text);
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1))
    if (u_isalpha(source.char32At(i))) out.append(u_tolower(source.char32At(i)));
  std::string result;
  return out.toUTF8String(result);
}

std::string shown(const PersonName& name) {
  return name.prefix + "|" + name.given + "|" + name.family + "|" + name.suffix;
}

/// Whether the parts are the sample's; first, middle and initials are our given names, in whichever order.
bool agrees(const PersonName& name, const std::string& prefix, const std::string& first,
            const std::string& middle, const std::string& initials, const std::string& last,
            const std::string& suffix) {
  const auto given = letters(name.given);
  return letters(name.prefix) == letters(prefix) && letters(name.family) == letters(last) &&
         letters(name.suffix) == letters(suffix) &&
         (given == letters(first + middle + initials) || given == letters(first + initials + middle) ||
          given == letters(initials + first + middle));
}

TEST(SplitName, AgreesWithHumannameButForNamedDifferences) {
  const auto tests = sample("humanname.json");
  std::map<std::string, std::string> differences;
  for (const auto& test : tests) {
    const auto& parts = test["result"];
    const auto name = split_name(test["name"].get<std::string>());
    if (!agrees(name, parts["salutation"], parts["firstName"], "", parts["initials"], parts["lastName"],
                parts["suffix"]))
      differences[test["name"]] = shown(name);
  }
  std::cout << "humanname: " << tests.size() - differences.size() << " of " << tests.size() << " agree\n";
  EXPECT_EQ(differences, (std::map<std::string, std::string>{}));
}

TEST(SplitName, AgreesWithTheIconicNameParserButForNamedDifferences) {
  const auto sets = sample("theiconic_name_parser.json");
  std::map<std::string, std::string> differences;
  std::size_t asked = 0;
  for (const auto& set : sets)
    for (const auto& test : set) {
      const auto& parts = test["expected"];
      const auto part = [&](const char* member) { return parts.value(member, std::string{}); };
      const auto name = split_name(test["input"].get<std::string>());
      ++asked;
      if (!agrees(name, part("salutation"), part("firstname"), part("middlename"), part("initials"),
                  part("lastname"), part("suffix")))
        differences[test["input"]] = shown(name);
    }
  std::cout << "theiconic/name-parser: " << asked - differences.size() << " of " << asked << " agree\n";
  EXPECT_EQ(differences,
            (std::map<std::string, std::string>{
                {"Mister Mark Williams", "Mister|Mark|Williams|"},            // they abbreviate
                {"Hr. Juergen von der Lippe", "Hr.|Juergen|von der Lippe|"},  // they spell it out
            }));
}

TEST(SplitName, KnowsTheWaysOfManyScripts) {
  const std::map<std::string, std::string> cases{
      {"", "|||"},
      {"Ada", "|Ada||"},
      {"  Ada \t Lovelace ", "|Ada|Lovelace|"},
      {"Ludwig van Beethoven", "|Ludwig|van Beethoven|"},
      {"María de la Cruz", "|María|de la Cruz|"},
      {"José Ortega y Gasset", "|José|Ortega y Gasset|"},
      {"José María Ortega y Gasset", "|José María|Ortega y Gasset|"},
      {"Muhammad bin Salman", "|Muhammad|bin Salman|"},
      {"Ben Johnson", "|Ben|Johnson|"},
      {"Shaquille O'Neil", "|Shaquille|O'Neil|"},
      {"van Gogh, Vincent", "|Vincent|van Gogh|"},
      {"Dr. Prof. Grace Hopper, PhD, Esq.", "Dr. Prof.|Grace|Hopper|PhD, Esq."},
      {"Martin Luther King III", "|Martin Luther|King|III"},
      {"Sir Paul", "Sir|Paul||"},
      {"Frau Dr. Müller", "Frau Dr.||Müller|"},
      {"DUPONT Jean", "|Jean|DUPONT|"},
      {"ADA LOVELACE", "|ADA|LOVELACE|"},
      {"Анна Ивановна Каренина", "|Анна Ивановна|Каренина|"},
      {"Γιώργος Παπαδόπουλος", "|Γιώργος|Παπαδόπουλος|"},
      {"محمد علي", "|محمد|علي|"},
      {"王伟", "|伟|王|"},
      {"王小明", "|小明|王|"},
      {"欧阳修", "|修|欧阳|"},
      {"諸葛孔明", "|孔明|諸葛|"},
      {"山田太郎", "|太郎|山田|"},
      {"山田 太郎", "|太郎|山田|"},
      {"山田太郎様", "|太郎|山田|様"},
      {"山田たろう", "|たろう|山田|"},
      {"やまだ たろう", "|たろう|やまだ|"},
      {"さくら", "|さくら||"},
      {"ジョン・スミス", "|ジョン|スミス|"},
      {"김민준", "|민준|김|"},
      {"남궁민수", "|민수|남궁|"},
      {"김 민준", "|민준|김|"},
      {"Analytical Engines Ltd.", "|||"},
      {"Ada,", "|Ada||"},
      {",", "|||"},
      {"Dr.", "|Dr.||"},
      {"Jr.", "|Jr.||"},
      {"\xff\xfe", "|\ufffd\ufffd||"},
  };
  for (const auto& [full, expected] : cases) EXPECT_EQ(shown(split_name(full)), expected) << full;
  EXPECT_EQ(shown(split_name(std::string(100'000, ','))), "|||");
}

TEST(SuggestedCapitals, OffersThemOnlyWhereNoneWereChosen) {
  EXPECT_EQ(suggested_capitals("ada lovelace"), "Ada Lovelace");
  EXPECT_EQ(suggested_capitals("ADA O'NEIL-MCDONALD"), "Ada O'Neil-McDonald");
  EXPECT_EQ(suggested_capitals("ludwig van beethoven"), "Ludwig van Beethoven");
  EXPECT_EQ(suggested_capitals("ÉMILIE DU CHÂTELET"), "Émilie du Châtelet");
  EXPECT_EQ(suggested_capitals("machado"), "Machado");
  for (const auto* chosen : {"Ada Lovelace", "ada McDonald", "deShawn", "山田太郎", "", "42"})
    EXPECT_EQ(suggested_capitals(chosen), "") << chosen;
}

TEST(CompanyName, IsAsGivenUnlessItOnlyFillsTheField) {
  EXPECT_EQ(company_name("  Analytical  Engines Ltd. "), "Analytical Engines Ltd.");
  EXPECT_EQ(company_name("\"Engines\""), "Engines");
  EXPECT_EQ(company_name("Nonesuch"), "Nonesuch");
  for (const auto* filler : {"n/a", "N.A.", "none", "-", "--", " ", ".", "XXX"})
    EXPECT_EQ(company_name(filler), "") << filler;
}

}  // namespace
}  // namespace leadhub::normalise
