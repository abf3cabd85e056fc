#include "verify/domain_verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "ops/limits.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using lead::Verdict;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::chrono::seconds day = 24h;

DnsAnswer status(DnsStatus what, std::chrono::seconds ttl = 300s) {
  DnsAnswer answer;
  answer.status = what;
  answer.ttl = ttl;
  return answer;
}

DnsAnswer exchangers(std::vector<MailExchanger> list, std::chrono::seconds ttl = 300s) {
  DnsAnswer answer = status(DnsStatus::answered, ttl);
  answer.exchangers = std::move(list);
  return answer;
}

DnsAnswer addresses(std::vector<std::string> list, std::chrono::seconds ttl = 300s) {
  DnsAnswer answer = status(DnsStatus::answered, ttl);
  answer.addresses = std::move(list);
  return answer;
}

DnsAnswer texts(std::vector<std::string> list) {
  DnsAnswer answer = status(DnsStatus::answered);
  answer.texts = std::move(list);
  return answer;
}

const DnsAnswer none = status(DnsStatus::no_data);

DomainVerdict judge(const DomainAnswers& answers) {
  return judge_domain("shop.example", answers, day);
}

TEST(DomainVerdict, OrdersMailHostsByPreferenceAndName) {
  const auto verdict =
      judge({exchangers({{20, "b.example"}, {10, "z.example"}, {10, "a.example"}}), {}, {}, {}});
  EXPECT_EQ(verdict.verdict, Verdict::valid);
  EXPECT_EQ(verdict.reason, "mx");
  EXPECT_THAT(verdict.mail_hosts, ElementsAre("a.example", "z.example", "b.example"));
  EXPECT_FALSE(verdict.retry_after);
}

TEST(DomainVerdict, TakesANullMxForANo) {
  const auto verdict = judge({exchangers({{0, ""}}), {}, {}, {}});
  EXPECT_EQ(verdict.verdict, Verdict::invalid);
  EXPECT_EQ(verdict.reason, "null_mx");
}

TEST(DomainVerdict, IgnoresANullMxBesideARealOne) {
  const auto verdict = judge({exchangers({{0, ""}, {10, "mx.shop.example"}}), {}, {}, {}});
  EXPECT_EQ(verdict.verdict, Verdict::valid);
  EXPECT_THAT(verdict.mail_hosts, ElementsAre("mx.shop.example"));
}

TEST(DomainVerdict, RefusesMailHostsThatCannotBeHosts) {
  for (const std::string host : {"localhost", "127.0.0.1", "mx.localhost", "no.such.invalid",
                                 "a\\010b.example", "has space.example"}) {
    const auto verdict = judge({exchangers({{10, host}}), {}, {}, {}});
    EXPECT_EQ(verdict.verdict, Verdict::invalid) << host;
    EXPECT_EQ(verdict.reason, "unusable_mail_host") << host;
    EXPECT_THAT(verdict.mail_hosts, IsEmpty());
  }
}

TEST(DomainVerdict, KeepsOnlySoManyMailHosts) {
  std::vector<MailExchanger> many;
  for (int i = 0; i < 10'000; ++i)
    many.push_back({static_cast<std::uint16_t>(10'000 - i), "mx" + std::to_string(i) + ".example"});
  const auto verdict = judge({exchangers(many), {}, {}, {}});
  ASSERT_EQ(verdict.mail_hosts.size(), limits::mail_hosts_max);
  EXPECT_EQ(verdict.mail_hosts.front(), "mx9999.example");
}

TEST(DomainVerdict, FallsBackToAnAddress) {
  for (const std::string address : {"93.184.216.34", "2606:2800:220:1::1"}) {
    const auto verdict = judge({none, addresses({"10.0.0.1", address}), none, none});
    EXPECT_EQ(verdict.verdict, Verdict::risky);
    EXPECT_EQ(verdict.reason, "address_fallback");
    EXPECT_THAT(verdict.mail_hosts, ElementsAre("shop.example"));
  }
}

TEST(DomainVerdict, RefusesADomainWhoseAddressesNoStrangerReaches) {
  const auto verdict = judge({none, addresses({"192.168.0.1"}), addresses({"::1"}), none});
  EXPECT_EQ(verdict.verdict, Verdict::invalid);
  EXPECT_EQ(verdict.reason, "unusable_address");
}

TEST(DomainVerdict, BelievesADomainThatSaysItSendsNoMail) {
  const auto with = [](const std::string& text) {
    return judge({none, addresses({"93.184.216.34"}), none, texts({"other", text})}).reason;
  };
  EXPECT_EQ(with("v=spf1 -all"), "sends_no_mail");
  EXPECT_EQ(with("V=SPF1  -ALL "), "sends_no_mail");
  EXPECT_EQ(with("v=spf1 mx -all"), "address_fallback");
  EXPECT_EQ(with("v=spf1 ~all"), "address_fallback");
  EXPECT_EQ(with("xv=spf1 -all"), "address_fallback");
}

TEST(DomainVerdict, AsksNothingMoreOfADomainWithMailHosts) {
  EXPECT_FALSE(needs_addresses(exchangers({{10, "mx.example"}})));
  EXPECT_FALSE(needs_addresses(status(DnsStatus::no_such_name)));
  EXPECT_FALSE(needs_addresses(status(DnsStatus::timed_out)));
  EXPECT_TRUE(needs_addresses(none));
}

TEST(DomainVerdict, NeverTakesAnOutageForANo) {
  const auto timeout = status(DnsStatus::timed_out);
  const auto failure = status(DnsStatus::failed);
  const std::vector<DomainAnswers> outages{{timeout, {}, {}, {}},
                                           {failure, {}, {}, {}},
                                           {none, timeout, none, none},
                                           {none, none, timeout, none},
                                           {none, failure, none, none},
                                           {none, none, failure, none},
                                           {none, addresses({"10.0.0.1"}), timeout, none},
                                           {none, {}, {}, {}},
                                           {status(DnsStatus::stopped), {}, {}, {}}};
  for (const auto& answers : outages) {
    const auto verdict = judge(answers);
    EXPECT_EQ(verdict.verdict, Verdict::unknown) << verdict.reason;
    EXPECT_TRUE(verdict.retry_after);
    EXPECT_LE(verdict.cache_for, 60s);
  }
  EXPECT_EQ(judge({none, addresses({"93.184.216.34"}), timeout, timeout}).verdict, Verdict::risky);
}

TEST(DomainVerdict, KeepsEachAnswerAsLongAsItsKindMayBeKept) {
  const auto kept = [](const DomainAnswers& answers) { return judge(answers).cache_for; };
  EXPECT_EQ(kept({exchangers({{1, "mx.example"}}, 300s), {}, {}, {}}), 300s);
  EXPECT_EQ(kept({exchangers({{1, "mx.example"}}, 0s), {}, {}, {}}), 60s);
  EXPECT_EQ(kept({exchangers({{1, "mx.example"}}, 99h), {}, {}, {}}), 24h);
  EXPECT_EQ(kept({exchangers({{0, ""}}, 1h), {}, {}, {}}), 1h);
  EXPECT_EQ(kept({status(DnsStatus::no_such_name, 24h), {}, {}, {}}), 15min);
  EXPECT_EQ(kept({status(DnsStatus::no_such_name, 5min), {}, {}, {}}), 5min);
  EXPECT_EQ(kept({status(DnsStatus::no_data, 24h), addresses({"9.9.9.9"}, 120s), none, none}), 120s);
  EXPECT_EQ(kept({status(DnsStatus::no_data, 24h), status(DnsStatus::no_data, 24h),
                  status(DnsStatus::no_data, 24h), none}),
            15min);
  EXPECT_EQ(kept({none, addresses({"9.9.9.9"}), none, status(DnsStatus::failed)}), 60s);
}

TEST(DomainVerdict, KnowsWhatIsADomain) {
  const std::string label(63, 'a');
  for (const std::string good : {"a.b", "xn--bcher-kva.example", "_dmarc.example", "1.example"})
    EXPECT_TRUE(is_domain(good)) << good;
  for (const std::string bad :
       {"", "localhost", ".", "a.", ".a", "a..b", "A.example", "b\xc3\xbc.example", "a b.example", "1.2.3.4",
        "[1.2.3.4]", "a\r\nb.example", "-a.example", "a-.example"})
    EXPECT_FALSE(is_domain(bad)) << bad;
  EXPECT_TRUE(is_domain(label + ".example"));
  EXPECT_FALSE(is_domain(label + "a.example"));
  EXPECT_FALSE(is_domain(label + "." + label + "." + label + "." + label + ".example"));
  EXPECT_FALSE(is_domain(std::string(10'000, 'a') + ".example"));
}

// --- Recorded answers of python-email-validator
// ------------------------------------------------------------------

/// "type name" to its answers as recorded; a name under ANY with no answers does not exist.
class Recorded {
 public:
  Recorded() {
    const auto list =
        nlohmann::json::parse(std::ifstream{LEADHUB_SOURCE_DIR "/tests/data/email_dns_answers.json"});
    for (const auto& one : list)
      answers_[one["query"]["type"].get<std::string>() + " " + one["query"]["name"].get<std::string>()] =
          one["answer"].get<std::vector<std::string>>();
  }

  [[nodiscard]] DomainAnswers of(const std::string& domain) const {
    DomainAnswers all{answer(DnsType::mx, "MX", domain), {}, {}, {}};
    if (!needs_addresses(all.mx)) return all;
    all.a = answer(DnsType::a, "A", domain);
    all.aaaa = answer(DnsType::aaaa, "AAAA", domain);
    all.txt = answer(DnsType::txt, "TXT", domain);
    return all;
  }

 private:
  [[nodiscard]] DnsAnswer answer(DnsType type, const std::string& name, const std::string& domain) const {
    if (answers_.contains("ANY " + domain)) return status(DnsStatus::no_such_name);
    const auto found = answers_.find(name + " " + domain);
    if (found == answers_.end() || found->second.empty()) return none;
    DnsAnswer out = status(DnsStatus::answered);
    for (const std::string& text : found->second) {
      if (type == DnsType::mx) {
        const auto space = text.find(' ');
        const auto host = text.substr(space + 1);
        out.exchangers.push_back(
            {static_cast<std::uint16_t>(std::stoi(text)), host.substr(0, host.size() - 1)});
      } else if (type == DnsType::txt) {
        out.texts.push_back(text.substr(1, text.size() - 2));
      } else {
        out.addresses.push_back(text);
      }
    }
    return out;
  }

  std::map<std::string, std::vector<std::string>> answers_;
};

TEST(DomainVerdict, AgreesWithPythonEmailValidator) {
  const Recorded recorded;
  const auto expected =
      nlohmann::json::parse(std::ifstream{LEADHUB_SOURCE_DIR "/tests/data/email_dns_expected.json"});
  int agree = 0;
  for (const auto& one : expected["found"]) {
    const std::string domain = one["domain"];
    const auto verdict = judge_domain(domain, recorded.of(domain), day);
    std::vector<std::string> hosts;
    for (const auto& pair : one["mx"]) hosts.push_back(pair[1]);
    EXPECT_EQ(verdict.reason, one["mx_fallback_type"].is_null() ? "mx" : "address_fallback") << domain;
    EXPECT_EQ(verdict.mail_hosts, hosts) << domain;
    agree += verdict.verdict != Verdict::invalid && verdict.mail_hosts == hosts ? 1 : 0;
  }
  for (const auto& one : expected["fails"]) {
    const std::string domain = one["domain"];
    const auto verdict = judge_domain(domain, recorded.of(domain), day);
    EXPECT_EQ(verdict.verdict, Verdict::invalid) << domain << ": " << verdict.reason;
    if (one["error"] == "does not exist") {
      EXPECT_EQ(verdict.reason, "no_such_domain");
    }
    if (one["error"] == "does not send email") {
      EXPECT_EQ(verdict.reason, "sends_no_mail");
    }
    agree += verdict.verdict == Verdict::invalid ? 1 : 0;
  }
  for (const auto& one : expected["timeout"]) {
    const auto verdict =
        judge_domain(one["domain"].get<std::string>(), {status(DnsStatus::timed_out), {}, {}, {}}, day);
    EXPECT_EQ(verdict.reason, "dns_timeout");
    agree += verdict.verdict == Verdict::unknown ? 1 : 0;
  }
  const auto all = expected["found"].size() + expected["fails"].size() + expected["timeout"].size();
  std::cout << "email_dns: " << agree << " of " << all << " domains judged as expected\n";
  EXPECT_EQ(static_cast<std::size_t>(agree), all);
}

}  // namespace
}  // namespace leadhub::verify
