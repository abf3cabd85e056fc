// A mail of a journey through a relay as people run it: Postfix, with STARTTLS, and a DKIM signature that
// dkimpy looks at.
#include "postfix.hpp"

#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

std::string output_of(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> some;
  while (const std::size_t size = std::fread(some.data(), 1, some.size(), pipe))
    output.append(some.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return output;
}

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.subscribed
      fields: {email: {to: email, required: true}, name: {to: name}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
)";

class ThroughPostfix : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = Postfix::what_is_missing(); !missing.empty()) GTEST_SKIP() << missing;
    relay_ = std::make_unique<Postfix>();
    hub_ = std::make_unique<HubProcess>(config());
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates",
                          hub_->folder() / "templates", std::filesystem::copy_options::recursive);
    output_of("openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out '" + key().string() +
              "' 2>/dev/null");
    hub_->start();
  }

  [[nodiscard]] std::filesystem::path key() const { return hub_->folder() / "dkim.pem"; }

  [[nodiscard]] std::string config() const {
    auto text = replaced(example_config(), "\nchannels:\n", std::string{"\nchannels:"} + signup);
    text = replaced(text, "  quiet_hours: {from: \"21:00\", to: \"08:00\"}", "");
    text = replaced(text, "transport: maildir ", "transport: smtp ");
    const auto begin = text.find("      directory: data/mail");
    return text.replace(
        begin, text.find('\n', begin) - begin,
        "      url: smtp://127.0.0.1:" + std::to_string(relay_->port()) +
            "\n      ca_file: " + relay_->certificate().string() +
            "\n      dkim: {domain: analytical-engines.example, selector: e2e, key: \"${file:dkim.pem}\"}");
  }

  void sign_up(const std::string& address) const {
    httplib::Client edge{"127.0.0.1", hub_->edge_port()};
    const auto answer = edge.Post("/in/signup", "email=" + address + "&name=Ada&accept=yes",
                                  "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer);
    ASSERT_LT(answer->status, 400) << answer->body;
  }

  /// The first mail of journeys, once it is neither queued nor on its way.
  [[nodiscard]] Json settled_message() const {
    for (int tries = 0; tries < 400; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
      const auto listed = Json::parse(hub_->run({"messages", "list", "--kind", "journey", "--json"}).out);
      for (const auto& message : listed.at("items"))
        if (message.at("state") != "queued" && message.at("state") != "attempting") return message;
    }
    return {};
  }

  std::unique_ptr<Postfix> relay_;
  std::unique_ptr<HubProcess> hub_;
};

TEST_F(ThroughPostfix, AMailOfAJourneyReachesItsMailboxSealedAndSigned) {
  sign_up("ada%40example.com");
  const auto mails = relay_->mails(1);
  ASSERT_THAT(mails, SizeIs(1)) << relay_->log() << hub_->printed();
  EXPECT_THAT(read_file(mails.front()),
              AllOf(HasSubstr("using TLSv1."), HasSubstr("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
                    HasSubstr("To: Ada <ada@example.com>")));
  const auto dns = hub_->folder() / "dns";
  write_file(dns,
             "e2e._domainkey.analytical-engines.example v=DKIM1; k=rsa; p=" +
                 output_of("openssl pkey -in '" + key().string() + "' -pubout -outform DER | base64 -w0") +
                 "\n");
  const auto verified =
      output_of("/usr/bin/python3 '" LEADHUB_SOURCE_DIR "/plugins/email/tests/verify_dkim.py' '" +
                mails.front().string() + "' '" + dns.string() + "'");
  EXPECT_THAT(verified, AllOf(testing::StartsWith("analytical-engines.example rsa-sha256 "),
                              HasSubstr("list-unsubscribe"), testing::EndsWith(" good\n")));
  EXPECT_EQ(settled_message().at("state"), "sent");
}

TEST_F(ThroughPostfix, WhomPostfixDoesNotKnowIsWrittenToNoMore) {
  sign_up("nobody%40example.com");
  const auto message = settled_message();
  ASSERT_TRUE(message.is_object()) << relay_->log() << hub_->printed();
  EXPECT_EQ(message.at("state"), "failed");
  EXPECT_THAT(message.at("detail").get<std::string>(), HasSubstr("5.1.1"));
  std::string suppressed;
  for (int tries = 0; tries < 200 && suppressed.find("nobody@example.com") == std::string::npos; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    suppressed = hub_->run({"suppressions", "list"}).out;
  }
  EXPECT_THAT(suppressed, HasSubstr("nobody@example.com"));
}

}  // namespace
}  // namespace leadhub::e2e
