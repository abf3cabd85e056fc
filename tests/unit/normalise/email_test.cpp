#include "normalise/email.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace leadhub::normalise {
namespace {

using nlohmann::json;
using testing::IsEmpty;
using testing::Not;

json sample(const std::string& name) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/tests/data/email_syntax/" + name};
  return json::parse(file);
}

/// Deliberate differences: the address, and our reason. docs/verification.md says why for each kind.
using Differences = std::map<std::string, std::string>;

/// A set of addresses with the verdict that its makers imply.
class Score {
 public:
  void judge(const std::string& address, lead::Verdict expected) {
    const auto found = read_email(address);
    ++asked_;
    if (found.verdict() == expected)
      ++agreed_;
    else
      differences_.emplace(address, code_of(found.reason));
  }
  void note(const std::string& address, const std::string& difference) {
    ++asked_;
    differences_.emplace(address, difference);
  }
  void agree() {
    ++asked_;
    ++agreed_;
  }
  void print(std::string_view name) const {
    std::cout << name << ": " << agreed_ << " of " << asked_ << " agree, " << asked_ - agreed_
              << " differ on purpose\n";
  }
  [[nodiscard]] const Differences& differences() const { return differences_; }

 private:
  int asked_ = 0;
  int agreed_ = 0;
  Differences differences_;
};

/// What is_email's categories mean for a form: a mailbox, one to look at, none.
lead::Verdict verdict_for(std::string_view diagnosis) {
  if (diagnosis.starts_with("ISEMAIL_VALID") || diagnosis.starts_with("ISEMAIL_DNSWARN"))
    return lead::Verdict::valid;
  return diagnosis.starts_with("ISEMAIL_RFC5321") ? lead::Verdict::risky : lead::Verdict::invalid;
}

/// Blanks and line ends around an address come from copying; they are taken off, never passed on.
bool is_padded(const std::string& address) {
  constexpr std::string_view blanks = " \t\r\n";
  return address.empty() || blanks.find(address.front()) != blanks.npos ||
         blanks.find(address.back()) != blanks.npos;
}

Differences without_padded(Differences differences) {
  std::erase_if(differences,
                [](const auto& entry) { return entry.second == "ok" && is_padded(entry.first); });
  return differences;
}

std::size_t padded(const Differences& differences) {
  return differences.size() - without_padded(differences).size();
}

TEST(ReadEmail, AgreesWithIsEmailButForNamedDifferences) {
  Score score;
  const auto tests = sample("isemail.json");
  for (const auto& test : tests)
    score.judge(test["address"], verdict_for(test["category"].get<std::string>()));
  score.print("is_email");
  EXPECT_EQ(padded(score.differences()), 12U);
  EXPECT_EQ(without_padded(score.differences()),
            (Differences{{"test@io", "bare_top_level"},
                         {"test@iana.123", "top_level_invalid"},
                         {"\"\"@iana.org", "empty_local"},
                         {"test@[255.255.255.255]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555::8888]", "address_literal"},
                         {"test@[IPv6:::]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444::255.255.255.255]", "address_literal"}}));
}

TEST(ReadEmail, AgreesWithPyIsEmailButForNamedDifferences) {
  Score score;
  const auto sets = sample("python_email_validator.json");
  for (const auto& test : sets["test_pyisemail_tests"])
    score.judge(test["email_input"], verdict_for(test["status"].get<std::string>()));
  score.print("pyIsEmail");
  EXPECT_EQ(padded(score.differences()), 24U);
  EXPECT_EQ(without_padded(score.differences()),
            (Differences{{"test@[255.255.255.255]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555:6666::8888]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555::8888]", "address_literal"},
                         {"test@[IPv6:::3333:4444:5555:6666:7777:8888]", "address_literal"},
                         {"test@[IPv6:::]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]", "address_literal"},
                         {"test@[IPv6:1111:2222:3333:4444::255.255.255.255]", "address_literal"}}));
}

TEST(ReadEmail, AgreesWithPythonEmailValidatorButForNamedDifferences) {
  const auto sets = sample("python_email_validator.json");
  Score score;
  for (const auto* set : {"test_email_valid", "test_email_valid_intl_local_part"})
    for (const auto& test : sets[set]) {
      const auto expected = [&](const char* part) { return test["output"][part].get<std::string>(); };
      const auto found = read_email(test["email_input"].get<std::string>());
      const bool same = found.local() == expected("local_part") &&
                        found.domain() == expected("ascii_domain") &&
                        unicode_domain(found.domain()) == expected("domain") &&
                        found.needs_smtputf8() == test["output"]["smtputf8"].get<bool>();
      same ? score.agree() : score.note(test["email_input"], std::string{code_of(found.reason)});
    }
  for (const auto& test : sets["test_email_valid_only_if_quoted_local_part"]) {
    const auto found = read_email(test["email_input"].get<std::string>());
    const auto local = test["normalized_local_part"].get<std::string>();
    found.verdict() == lead::Verdict::risky&& found.local() == local
        ? score.agree()
        : score.note(test["email_input"], std::string{code_of(found.reason)});
  }
  for (const auto* set : {"test_email_invalid_syntax", "test_email_invalid_syntax_strict",
                          "test_email_invalid_reserved_domain"})
    for (const auto& test : sets[set]) score.judge(test["email_input"], lead::Verdict::invalid);
  for (const auto& test : sets["test_email_unsafe_character"]) {
    score.judge(test["s"].get<std::string>() + "@example.com", lead::Verdict::invalid);
    score.judge("test@" + test["s"].get<std::string>() + ".com", lead::Verdict::invalid);
  }
  score.print("python-email-validator");
  EXPECT_EQ(padded(score.differences()), 2U);
  EXPECT_EQ(without_padded(score.differences()),
            (Differences{{"MyName <me@example.org>", "display_name"},
                         {"My Name <me@example.org>", "display_name"},
                         {R"("My.\"Na\\me\".Is" <"me \" \\ me"@example.org>)", "display_name"},
                         {"\"s\u0323\u0307\" <s\u0323\u0307@nfc.tld>", "display_name"},
                         {"me@yy--0.tld", "ok"},
                         {"my.s\u0323\u0307.address@1111111111222222222233333333334444444444555555555."
                          "6666666666777777777788888888889999999999000000000."
                          "1111111111222222222233333333334444444444555555555."
                          "6666666666777777777788888888889999999999000000000."
                          "1111111111222222222233333333334444.info",
                          "ok"}}));
}

std::string reason(std::string_view given) {
  return std::string{code_of(read_email(given).reason)};
}

TEST(ReadEmail, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "empty"},
      {" \r\n", "empty"},
      {"ada", "no_at"},
      {"@example.com", "empty_local"},
      {"ada@", "empty_domain"},
      {"ada@b@example.com", "several_at"},
      {"ada@example.com@b.com", "several_at"},
      {"ada,bob@example.com", "several_addresses"},
      {"ada@example.com;bob@example.com", "several_addresses"},
      {"Ada <ada@example.com>", "display_name"},
      {"<ada@example.com>", "display_name"},
      {"ada(x)@example.com", "comment"},
      {"ada@(x)example.com", "comment"},
      {"ada l@example.com", "blank"},
      {"ada@exam\u2005ple.com", "blank"},
      {"ada\r\nBcc: bob@example.com", "control_character"},
      {"ada@example.com\r\n.evil", "control_character"},
      {"\"ada\r\n\"@example.com", "control_character"},
      {"ada\u0085@example.com", "control_character"},
      {"ada\u202egro.live@example.com", "bidi_control"},
      {"ada@\u2066example.com", "bidi_control"},
      {"ada\ue000@example.com", "unsafe_character"},
      {"a\xff@example.com", "unsafe_character"},
      {"<\u0338ada@example.com", "unsafe_character"},
      {"ad[a@example.com", "local_character"},
      {"ad\"a@example.com", "quoted_local_broken"},
      {"\"ada@example.com", "quoted_local_broken"},
      {".ada@example.com", "dot_sequence"},
      {"ada.@example.com", "dot_sequence"},
      {"a..da@example.com", "dot_sequence"},
      {std::string(65, 'a') + "@example.com", "local_too_long"},
      {"ada@" + std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' +
           std::string(63, 'd') + ".com",
       "address_too_long"},
      {std::string(10'000, 'a') + "@example.com", "address_too_long"},
      {"ada@[192.0.2.1]", "address_literal"},
      {"ada@[IPv6:::1]", "address_literal"},
      {"ada@localhost", "bare_top_level"},
      {"ada@192.0.2.1", "top_level_invalid"},
      {"ada@-example.com", "domain_invalid"},
      {"ada@example.com.", "domain_invalid"},
      {"ada@xn--a.example", "domain_invalid"},
  };
  for (const auto& [given, expected] : cases) {
    EXPECT_EQ(reason(given), expected) << given.substr(0, 80);
    EXPECT_EQ(read_email(given).verdict(), lead::Verdict::invalid) << given.substr(0, 80);
    EXPECT_EQ(read_email(given).canonical, "") << given.substr(0, 80);
    EXPECT_EQ(read_email(given).send_to, "") << given.substr(0, 80);
  }
}

TEST(ReadEmail, KnowsWhoItIsWhereNoMailCanGo) {
  for (const auto* domain :
       {"site.test", "printer.local", "home.arpa", "x.onion", "a.internal", "b.invalid"}) {
    const auto address = read_email("Ada@" + std::string{domain});
    EXPECT_EQ(code_of(address.reason), "special_use_domain");
    EXPECT_EQ(address.verdict(), lead::Verdict::invalid);
    EXPECT_EQ(address.canonical, "ada@" + std::string{domain});
  }
  EXPECT_EQ(reason("ada@example.com"), "ok") << "documents use it, and so do people who try things out";
}

TEST(ReadEmail, LooksTwiceAtWhatDeceives) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"ada@p\u0430ypal.com", "mixed_script"},  // one Cyrillic letter
      {"\u0430da@example.com", "mixed_script"},
      {"ada@\u0440\u0430\u0443\u0440\u0430\u04cf.com", "homograph"},  // all of them
      {"ada@xn--80aa0cbo65f.com", "homograph"},                       // the same kind, as A-labels
      {"ada\u200b@example.com", "invisible_character"},
      {"ada@exam\u00adple.com", "invisible_character"},
      {"a\u200dda@example.com", "invisible_character"},
      {"\"ada lovelace\"@example.com", "quoted_local"},
  };
  for (const auto& [given, expected] : cases) {
    EXPECT_EQ(reason(given), expected) << given;
    EXPECT_EQ(read_email(given).verdict(), lead::Verdict::risky) << given;
    EXPECT_NE(read_email(given).canonical, "") << given;
  }
  for (const auto* honest :
       {"\u0438\u0432\u0430\u043d@\u043f\u043e\u0447\u0442\u0430.\u0440\u0444",
        "\u0438\u0432\u0430\u043d@example.com", "\u5c71\u7530@\u4f8b\u5b50.jp", "jos\u00e9@espa\u00f1a.es",
        "\u03b9\u03c9@\u03b5\u03b5\u03c4\u03c4.gr", "\u202aada@example.com\u202c", "ada\u3042@example.jp"})
    EXPECT_EQ(reason(honest), "ok") << honest;
}

TEST(ReadEmail, ReadsItsOwnCanonicalFormAsTheSame) {
  for (const auto* given : {"a\u200d\u200db@example.com", "\u212a\u200dx@example.com",
                            "\u017f\u200dx@example.com", "\u0149\u200d\u200dx@example.com"}) {
    const auto once = read_email(given);
    ASSERT_NE(once.canonical, "") << given;
    EXPECT_EQ(read_email(once.canonical).canonical, once.canonical) << given;
  }
  EXPECT_EQ(reason("x.\u070f\u0349y@example.com"), "unsafe_character") << "nothing between dot and mark";
}

TEST(ReadEmail, GivesTheFormToSendTo) {
  const auto address = read_email(" Ada.Lovelace@B\u00dcCHER.Example ");
  EXPECT_EQ(address.send_to, "Ada.Lovelace@xn--bcher-kva.example");
  EXPECT_EQ(address.local(), "Ada.Lovelace");
  EXPECT_EQ(address.domain(), "xn--bcher-kva.example");
  EXPECT_EQ(unicode_domain(address.domain()), "b\u00fccher.example");
  EXPECT_FALSE(address.needs_smtputf8());
  EXPECT_TRUE(read_email("Zo\u00eb@example.com").needs_smtputf8());
  EXPECT_EQ(read_email(R"("ada"@example.com)").send_to, "ada@example.com");
  EXPECT_EQ(read_email(R"("a\da\ l"@example.com)").send_to, R"("ada l"@example.com)");
  EXPECT_EQ(read_email(R"("a\\\"b"@example.com)").send_to, R"("a\\\"b"@example.com)");
  EXPECT_EQ(read_email("\"a..b\"@example.com").canonical, "\"a..b\"@example.com");
  EXPECT_EQ(read_email("nobody").local(), "");
  EXPECT_EQ(read_email("nobody").domain(), "");
}

TEST(ReadEmail, HasAWordAndASentenceForEachReason) {
  std::set<std::string_view> codes;
  for (int i = static_cast<int>(EmailReason::ok); i <= static_cast<int>(EmailReason::domain_invalid); ++i) {
    const auto each = static_cast<EmailReason>(i);
    EXPECT_TRUE(codes.insert(code_of(each)).second) << code_of(each);
    EXPECT_THAT(std::string{code_of(each)}, testing::MatchesRegex("[a-z_]+"));
    EXPECT_THAT(sentence_of(each), Not(IsEmpty()));
  }
}

}  // namespace
}  // namespace leadhub::normalise
