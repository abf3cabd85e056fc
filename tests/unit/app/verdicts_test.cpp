#include "app/verdicts.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "normalise/email.hpp"
#include "ops/limits.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;

ordered_json email(std::string_view value, const JudgeOptions& options = {}) {
  return judged(ValueKind::email, value, options);
}

TEST(Judged, TellsAllOfAnAddress) {
  const auto document = email(" Info@B\u00dcCHER.Example ");
  EXPECT_EQ(document["value"], " Info@B\u00dcCHER.Example ");
  EXPECT_EQ(document["canonical"], "info@xn--bcher-kva.example");
  EXPECT_EQ(document["send_to"], "Info@xn--bcher-kva.example");
  EXPECT_EQ(document["verdict"], "risky");
  EXPECT_EQ(document["reason"], "role_address");
  EXPECT_EQ(document["domain_unicode"], "b\u00fccher.example");
  EXPECT_EQ(document["role"], true);
  EXPECT_EQ(document["free"], false);
  EXPECT_EQ(document["suggestion"], nullptr);
  EXPECT_THAT(document["lists"].get<std::string>(), HasSubstr("disposable-email-domains 1."));
}

TEST(Judged, SuggestsAndNeverApplies) {
  const auto document = email("Ada@gmial.com");
  EXPECT_EQ(document["suggestion"], "Ada@gmail.com");
  EXPECT_EQ(document["canonical"], "ada@gmial.com");
}

TEST(Judged, HasNoCanonicalFormForWhatIsNone) {
  const auto document = email("ada\r\nBcc: bob@example.com");
  EXPECT_EQ(document["canonical"], nullptr);
  EXPECT_EQ(document["send_to"], nullptr);
  EXPECT_EQ(document["verdict"], "invalid");
  EXPECT_EQ(document["reason"], "control_character");
}

TEST(Judged, AsksForTheDomainAndTakesTheWorseVerdict) {
  std::vector<std::string> asked;
  JudgeOptions options;
  DomainFinding finding{lead::Verdict::valid, "mx"};
  options.ask_domain = [&](std::string_view domain) {
    asked.emplace_back(domain);
    return finding;
  };
  EXPECT_EQ(email("ada@B\u00fccher.example", options)["reason"], "ok");
  EXPECT_THAT(asked, ElementsAre("xn--bcher-kva.example"));
  finding = {lead::Verdict::unknown, "dns_timeout"};
  EXPECT_EQ(email("ada@example.com", options)["verdict"], "unknown");
  EXPECT_EQ(email("info@example.com", options)["reason"], "dns_timeout");
  finding = {lead::Verdict::invalid, "null_mx"};
  EXPECT_EQ(email("info@example.com", options)["reason"], "null_mx");
  finding = {lead::Verdict::risky, "address_fallback"};
  EXPECT_EQ(email("info@example.com", options)["reason"], "role_address") << "no better than that";
  asked.clear();
  EXPECT_EQ(email("ada@site.test", options)["reason"], "special_use_domain");
  EXPECT_EQ(email("ada", options)["reason"], "no_at");
  EXPECT_THAT(asked, ElementsAre()) << "what is invalid already needs no network";
}

TEST(Judged, TellsAllOfANumber) {
  JudgeOptions options;
  options.country = "GB";
  const auto document = judged(ValueKind::phone, "07400 123456 ext 7", options);
  EXPECT_EQ(document.dump(), R"({"value":"07400 123456 ext 7","canonical":"+447400123456","verdict":"valid",)"
                             R"("reason":"ok","message":"the phone number is in its numbering plan",)"
                             R"("region":"GB","type":"mobile","extension":"7","time_zone":"Europe/London"})");
  EXPECT_EQ(judged(ValueKind::phone, "07400 123456", {})["reason"], "country_unknown");
}

TEST(Judged, TellsThePartsOfAName) {
  const auto document = judged(ValueKind::name, " dr. ada  king lovelace ", {});
  EXPECT_EQ(document["canonical"], "dr. ada king lovelace");
  EXPECT_EQ(document["prefix"], "dr.");
  EXPECT_EQ(document["given"], "ada king");
  EXPECT_EQ(document["family"], "lovelace");
  EXPECT_EQ(document["suffix"], nullptr);
  EXPECT_EQ(document["suggested"], "Dr. Ada King Lovelace");
  for (const auto& [name, reason] :
       std::vector<std::pair<std::string, std::string>>{{"", "empty"},
                                                        {"123", "no_letter"},
                                                        {"www.win.example", "link"},
                                                        {"Engines Ltd", "company"},
                                                        {"王伟", "ok"}})
    EXPECT_EQ(judged(ValueKind::name, name, {})["reason"], reason) << name;
}

struct Lines {
  std::vector<std::string> values;
  bool all_good = true;
};

Lines lines_of(const std::string& input, ValueKind kind = ValueKind::email) {
  std::istringstream in{input};
  Lines lines;
  lines.all_good = judge_lines(in, kind, {}, [&](const ordered_json& document) {
    lines.values.push_back(document["value"].get<std::string>());
  });
  return lines;
}

TEST(JudgeLines, AnswersEachLine) {
  const auto lines = lines_of(
      "\xEF\xBB\xBF"
      "ada@example.com\r\n\nbob@example.com");
  EXPECT_THAT(lines.values, ElementsAre("ada@example.com", "", "bob@example.com"));
  EXPECT_FALSE(lines.all_good) << "an empty line is no address";
  EXPECT_TRUE(lines_of("ada@example.com\n").all_good);
  EXPECT_TRUE(lines_of("").all_good);
}

TEST(JudgeLines, KeepsNoMoreOfALineThanItCanBear) {
  const auto lines = lines_of(std::string(10'000'000, 'x') + "\nada@example.com\n");
  ASSERT_EQ(lines.values.size(), 2U);
  EXPECT_EQ(lines.values[0].size(), limits::event_field_bytes_max);
  EXPECT_EQ(lines.values[1], "ada@example.com");
}

TEST(JudgeLines, TakesAnyBytes) {
  std::istringstream in{std::string{"\xff\xfe\0@x\n", 6}};
  judge_lines(in, ValueKind::email, {}, [](const ordered_json& document) {
    EXPECT_EQ(document["verdict"], "invalid");
    EXPECT_NO_THROW((void)document.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  });
}

}  // namespace
}  // namespace leadhub::app
