#include "verify/email_typo.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace leadhub::verify {
namespace {

using nlohmann::json;
using namespace std::string_literals;

json sample() {
  std::ifstream file{LEADHUB_SOURCE_DIR "/tests/data/email_syntax/mailcheck.json"};
  return json::parse(file);
}

std::vector<std::string_view> views(const json& list) {
  std::vector<std::string_view> out;
  for (const auto& text : list) out.push_back(text.get_ref<const std::string&>());
  return out;
}

std::string suggested(std::string_view domain, const CommonDomains& common = common_domains()) {
  return suggest_domain(domain, common).value_or("");
}

TEST(SuggestDomain, ScoresOnTheSampleOfMailcheck) {
  const auto set = sample();
  const auto domains = views(set["domains"]), top_levels = views(set["top_level_domains"]);
  const CommonDomains common{domains, top_levels};
  int asked = 0;
  std::map<std::string, std::string> differences;
  const auto judge = [&](const std::string& typed, const std::string& expected, const std::string& found) {
    ++asked;
    if (found != expected) differences[typed] = found;
  };
  for (const auto& test : set["suggest"]) {
    const auto typed = test[0].get<std::string>();
    const auto at = typed.find('@');
    judge(typed, test[1].is_null() ? "" : test[1].get<std::string>(),
          at == std::string::npos ? "" : suggested(typed.substr(at + 1), common));
  }
  for (const auto& test : set["closest_domain"])
    judge(test[0], test[0] == test[1] ? ""s : test[1].get<std::string>(),
          suggested(test[0].get<std::string>(), common));
  for (const auto& test : set["closest_tld"])
    judge(test[0], "somewhere." + test[1].get<std::string>(),
          suggested("somewhere." + test[0].get<std::string>(), common));
  std::cout << "mailcheck: " << asked - static_cast<int>(differences.size()) << " of " << asked << " agree\n";
  EXPECT_EQ(asked, 24);
  EXPECT_EQ(differences, (std::map<std::string, std::string>{}));
}

TEST(SuggestDomain, MendsWhatPeopleMistype) {
  for (const auto& [typed, meant] : std::map<std::string, std::string>{{"gmial.com", "gmail.com"},
                                                                       {"gamil.com", "gmail.com"},
                                                                       {"gmail.co", "gmail.com"},
                                                                       {"gmail.cm", "gmail.com"},
                                                                       {"gmai.com", "gmail.com"},
                                                                       {"gmailcom", "gmail.com"},
                                                                       {"GMIAL.COM", "gmail.com"},
                                                                       {"hotmial.com", "hotmail.com"},
                                                                       {"hotnail.com", "hotmail.com"},
                                                                       {"outlok.com", "outlook.com"},
                                                                       {"yaho.com", "yahoo.com"},
                                                                       {"icoud.com", "icloud.com"},
                                                                       {"googlemail.de", "googlemail.com"},
                                                                       {"t-onlin.de", "t-online.de"},
                                                                       {"company.con", "company.com"},
                                                                       {"company.ogr", "company.org"},
                                                                       {"company.com.uk", "company.co.uk"},
                                                                       {"yahoo.couk", "yahoo.co.uk"}})
    EXPECT_EQ(suggested(typed), meant) << typed;
}

TEST(SuggestDomain, LeavesAloneWhatIsRight) {
  for (const auto* typed : {"gmail.com",
                            "gmx.at",
                            "web.de",
                            "mail.ru",
                            "example.com",
                            "example.co",
                            "analytical-engines.example",
                            "kicksend.com",
                            "company.cam",
                            "company.nz",
                            "company.co.nz",
                            "company.org.uk",
                            "company.ac.uk",
                            "uni.edu",
                            "mail.example.com",
                            "fr.ee",
                            "x.de",
                            "",
                            ".",
                            "..",
                            "com",
                            "localhost",
                            "\xff\xfe"})
    EXPECT_EQ(suggested(typed), "") << typed;
  EXPECT_EQ(suggested(std::string(10'000, 'g')), "");
}

TEST(SlipsBetween, CountsLettersLeftOutAddedChangedAndSwapped) {
  EXPECT_EQ(slips_between("gmail", "gmail", 2), 0U);
  EXPECT_EQ(slips_between("gmal", "gmail", 2), 1U);
  EXPECT_EQ(slips_between("gmaill", "gmail", 2), 1U);
  EXPECT_EQ(slips_between("gnail", "gmail", 2), 1U);
  EXPECT_EQ(slips_between("gmial", "gmail", 2), 1U);
  EXPECT_EQ(slips_between("gm", "gmail", 2), 3U) << "more than two";
  EXPECT_EQ(slips_between("liamg", "gmail", 2), 3U) << "more than two";
  EXPECT_EQ(slips_between("", "", 0), 0U);
}

}  // namespace
}  // namespace leadhub::verify
