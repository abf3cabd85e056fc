#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "bounce_report.hpp"
#include "text.hpp"

/// The bounces of flufl.bounce, which Mailman reads its bounces with: 115 of them, written by the mail
/// systems of twenty years. Its expectations are the yardstick: who was not reached, and whether the mail is
/// still being tried.
namespace leadhub::mailbox {
namespace {

using Outcome = FailedRecipient::Outcome;

struct Verdict {
  std::set<std::string> addresses;
  bool temporary = false;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

std::string read_sample(const std::string& name) {
  std::ifstream file(std::string{MAILBOX_DATA "/flufl/eml/"} + name, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  std::string text = std::move(bytes).str();
  // The line that mbox puts before a mail is no part of it.
  if (text.starts_with("From ")) text.erase(0, text.find('\n') + 1);
  return text;
}

std::map<std::string, Verdict> expected_verdicts() {
  std::ifstream file(MAILBOX_DATA "/flufl/expected.json");
  std::map<std::string, Verdict> verdicts;
  const auto samples = nlohmann::json::parse(file);
  for (const auto& [name, findings] : samples.items()) {
    Verdict& verdict = verdicts[name];
    for (const auto& finding : findings) {
      for (const auto& address : finding.at("failed_recipients"))
        verdict.addresses.insert(lower_case(address.get<std::string>()));
      verdict.temporary = verdict.temporary || finding.at("temporary").get<bool>();
    }
  }
  return verdicts;
}

Verdict verdict_on(const std::string& bytes) {
  const auto report = read_bounce_report(read_message(bytes));
  Verdict verdict;
  if (!report) return verdict;
  for (const FailedRecipient& recipient : report->recipients) {
    verdict.addresses.insert(lower_case(recipient.address));
    verdict.temporary = verdict.temporary || recipient.outcome == Outcome::delayed;
  }
  return verdict;
}

std::string shown(const Verdict& verdict) {
  std::string text = verdict.temporary ? "delayed:" : "failed:";
  for (const std::string& address : verdict.addresses) text += " " + address;
  return verdict.addresses.empty() ? "nobody" : text;
}

/// "postfix_01.txt" -> "postfix".
std::string set_of(const std::string& name) {
  return name.substr(0, name.find('_'));
}

TEST(BounceSamples, AgreeWithTheirExpectationsButForTheNamedOnes) {
  struct Score {
    int samples = 0;
    int agree = 0;
  };
  std::map<std::string, Score> scores;
  std::set<std::string> differ;
  for (const auto& [name, expected] : expected_verdicts()) {
    const Verdict found = verdict_on(read_sample(name));
    Score& score = scores[set_of(name)];
    ++score.samples;
    if (found == expected) {
      ++score.agree;
    } else {
      differ.insert(name);
      std::cout << "  differs: " << name << "\n    expected " << shown(expected) << "\n    found    "
                << shown(found) << '\n';
    }
  }
  int samples = 0;
  int agree = 0;
  std::cout << "  set           samples  agree  differ\n";
  for (const auto& [set, score] : scores) {
    samples += score.samples;
    agree += score.agree;
    std::cout << "  " << set << std::string(14 - set.size(), ' ') << score.samples << "\t" << score.agree
              << "\t" << score.samples - score.agree << '\n';
  }
  std::cout << "  all           " << samples << "\t" << agree << "\t" << samples - agree << '\n';
  EXPECT_EQ(samples, 113);
  EXPECT_EQ(agree, 111);
  // AOL gives a screen name and Yale a user's name, neither with a domain. To guess one could suppress a
  // stranger; nobody is named.
  EXPECT_THAT(differ, testing::UnorderedElementsAre("aol_01.txt", "yale_01.txt"));
  for (const std::string& name : differ)
    EXPECT_THAT(verdict_on(read_sample(name)).addresses, testing::IsEmpty());
}

/// The set has two samples without expectations: bounces that name no address.
TEST(BounceSamples, KnowBouncesThatNameNobody) {
  for (const char* const name : {"bounce_01.txt", "dumbass_01.txt", "simple_43.txt"}) {
    const auto report = read_bounce_report(read_message(read_sample(name)));
    ASSERT_TRUE(report) << name;
    EXPECT_THAT(report->recipients, testing::IsEmpty()) << name;
  }
}

/// A person's answer and an automatic one, which the set has among the bounces to see that they are none.
TEST(BounceSamples, KnowWhatIsNoBounce) {
  for (const char* const name : {"groupwise_03.txt", "qmail_08.txt"})
    EXPECT_FALSE(read_bounce_report(read_message(read_sample(name)))) << name;
}

/// What the samples' own words and codes say, by sample.
TEST(BounceSamples, AreHardSoftOrBlockByTheirCodesAndWords) {
  using Bounce = sdk::Signal::Bounce;
  const std::map<std::string, Bounce> expected{
      {"dsn_01.txt", Bounce::soft},      // 5.0.0, "disk quota" in the same field
      {"dsn_02.txt", Bounce::soft},      // 4.4.7
      {"dsn_10.txt", Bounce::hard},      // 5.0.0, "User unknown"
      {"dsn_11.txt", Bounce::hard},      // 5.1.1
      {"dsn_14.txt", Bounce::hard},      // the code in Diagnostic-Code
      {"exim_01.txt", Bounce::hard},     // 553 5.1.1
      {"postfix_01.txt", Bounce::hard},  // 550 5.1.1
      {"postfix_02.txt", Bounce::soft},  // the name service failed
      {"postfix_04.txt", Bounce::soft},  // quota
      {"simple_07.txt", Bounce::soft},   // mailbox is full
      {"simple_11.txt", Bounce::hard},   // not listed
      {"simple_38.txt", Bounce::soft},   // quota
      {"smtp32_04.txt", Bounce::hard},   // unknown user
      {"qmail_04.txt", Bounce::hard},    // no such user
      {"yahoo_02.txt", Bounce::soft},    // over quota
  };
  for (const auto& [name, bounce] : expected) {
    const auto report = read_bounce_report(read_message(read_sample(name)));
    ASSERT_TRUE(report && !report->recipients.empty()) << name;
    const FailedRecipient& recipient = report->recipients.front();
    EXPECT_EQ(bounce_class(recipient.status, recipient.reason), bounce)
        << name << ": " << recipient.status << " " << recipient.reason;
  }
}

}  // namespace
}  // namespace leadhub::mailbox
