#include "dkim.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include <sstream>

#include "support.hpp"

// Signatures looked at by dkimpy, which shares nothing with libopendkim.
namespace leadhub::email {
namespace {

using testing::a_mail;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using ::testing::Not;
using ::testing::StartsWith;

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> some;
  while (const std::size_t size = std::fread(some.data(), 1, some.size(), pipe))
    output.append(some.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return output;
}

/// The example keys of RFC 8463 appendix A.2, as PEM.
constexpr const char* rfc_8463_key = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
)";
constexpr const char* rfc_8463_record = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

class Dkim : public ::testing::Test {
 protected:
  std::string make_key(const std::string& options) {
    const auto file = (folder_.path() / "key.pem").string();
    output_of("openssl genpkey " + options + " -out '" + file + "' 2>/dev/null");
    return testing::read_file(file);
  }
  /// The public half of the last key, as the DNS has it.
  std::string record(const std::string& type) {
    const std::string der = type == "rsa" ? "-outform DER" : "-outform DER | tail -c 32";
    std::string base64 = output_of("openssl pkey -in '" + (folder_.path() / "key.pem").string() +
                                   "' -pubout " + der + " | base64 -w0");
    return "v=DKIM1; k=" + type + "; p=" + base64;
  }
  std::vector<std::string> verify(const std::string& message, const std::vector<std::string>& records) {
    const auto mail = folder_.path() / "signed.eml";
    const auto dns = folder_.path() / "dns";
    std::ofstream{mail, std::ios::binary} << message;
    std::ofstream zone{dns};
    for (const auto& line : records) zone << line << '\n';
    zone.close();
    std::istringstream lines{output_of(std::string{"/usr/bin/python3 '"} + VERIFY_DKIM + "' '" +
                                       mail.string() + "' '" + dns.string() + "'")};
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);) found.push_back(line);
    return found;
  }
  static std::string message() { return make_message(testing::a_sender(), a_mail()); }

  const testing::TemporaryFolder folder_;
  static constexpr std::int64_t now_ms = 1'767'614'400'000;
};

TEST_F(Dkim, RsaAndEd25519SignaturesAreGoodToAStranger) {
  std::vector<DkimKey> keys;
  keys.emplace_back("engines.example", "r1", make_key("-algorithm rsa -pkeyopt rsa_keygen_bits:2048"));
  const std::string rsa = "r1._domainkey.engines.example " + record("rsa");
  keys.emplace_back("engines.example", "e1", make_key("-algorithm ed25519"));
  const std::string ed25519 = "e1._domainkey.engines.example " + record("ed25519");
  auto mail = a_mail();
  mail.to_name = "Z\u00f6e";
  mail.text = "trailing blanks  \n\n\ttabs\t and  blanks\n.\n\n\n";
  mail.headers.emplace_back("Feedback-ID", "welcome:engines:leadhub");
  const auto signed_message = sign(keys, make_message(testing::a_sender(), mail), now_ms);
  const auto found = verify(signed_message, {rsa, ed25519});
  ASSERT_EQ(found.size(), 2);
  EXPECT_THAT(found[0], AllOf(StartsWith("engines.example rsa-sha256 "), EndsWith(" good")));
  EXPECT_THAT(found[1], AllOf(StartsWith("engines.example ed25519-sha256 "), EndsWith(" good")));
  for (const auto& line : found)
    for (const std::string header :
         {":list-unsubscribe:", ":list-unsubscribe-post:", ":feedback-id:", ":subject:", ":date:", ":to:"})
      EXPECT_THAT(":" + line.substr(line.find("256 ") + 4), HasSubstr(header)) << "RFC 8058 section 4";
  EXPECT_THAT(signed_message, HasSubstr("t=1767614400")) << "the host's clock";
  EXPECT_THAT(testing::read_with_python(signed_message)["subject"], "Please confirm");
}

TEST_F(Dkim, AnyChangeIsNoticedAndSoIsAHeaderThatWasAdded) {
  const std::string records = "e1._domainkey.engines.example " + std::string{rfc_8463_record};
  std::vector<DkimKey> keys;
  keys.emplace_back("engines.example", "e1", rfc_8463_key);
  const auto good = sign(keys, message(), now_ms);
  EXPECT_THAT(verify(good, {records}), ElementsAre(EndsWith(" good"))) << "RFC 8463's own key";
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto bad = good;
    bad.replace(bad.find(from), from.size(), to);
    return verify(bad, {records});
  };
  EXPECT_THAT(changed("Dear Ada", "Dear Eve"), ElementsAre(Not(EndsWith(" good"))));
  EXPECT_THAT(changed("/u/1", "/u/2"), ElementsAre(Not(EndsWith(" good")))) << "List-Unsubscribe";
  EXPECT_THAT(changed("\r\nSubject:", "\r\nReply-To: eve@example.com\r\nSubject:"),
              ElementsAre(Not(EndsWith(" good"))));
  EXPECT_THAT(changed("\r\nSubject:", "\r\nSubject: Something else\r\nSubject:"),
              ElementsAre(Not(EndsWith(" good"))));
  EXPECT_THAT(changed("\r\nSubject:", "\r\nX-Relay: one more\r\nSubject:"), ElementsAre(EndsWith(" good")))
      << "relays may add theirs";
}

TEST_F(Dkim, WithoutKeysTheMailStaysAsItIs) {
  const auto mail = message();
  EXPECT_EQ(sign({}, mail, now_ms), mail);
}

TEST_F(Dkim, NoLineIsTooLong) {
  std::vector<DkimKey> keys;
  keys.emplace_back("engines.example", "r1", make_key("-algorithm rsa -pkeyopt rsa_keygen_bits:4096"));
  keys.emplace_back("engines.example", "e1", rfc_8463_key);
  for (const auto& key : keys) {
    std::istringstream lines{key.signature(message(), now_ms)};
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100) << line;
      EXPECT_THAT(line, EndsWith("\r"));
    }
  }
}

TEST_F(Dkim, SaysWhyAKeyIsNoneAndNeverWhatStandsInIt) {
  const auto refusal = [](const std::string& key) -> std::string {
    try {
      const DkimKey made{"engines.example", "s", key};
      return {};
    } catch (const sdk::ChannelError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal(rfc_8463_key), IsEmpty());
  for (const std::string key :
       {"", "sesame", "-----BEGIN PRIVATE KEY-----\nsesame\n-----END PRIVATE KEY-----\n"})
    EXPECT_THAT(refusal(key), AllOf(StartsWith("is no private key in PEM"), Not(HasSubstr("sesame"))));
  EXPECT_THAT(refusal(make_key("-algorithm rsa -pkeyopt rsa_keygen_bits:768")), HasSubstr("768 bits"));
  EXPECT_THAT(refusal(make_key("-algorithm ec -pkeyopt ec_paramgen_curve:P-256")),
              HasSubstr("neither an RSA key nor an Ed25519 key"));
  EXPECT_THAT(refusal(make_key("-algorithm ed25519 -aes-128-cbc -pass pass:sesame")),
              HasSubstr("without a passphrase"));
}

TEST_F(Dkim, TheChannelChecksItsKeys) {
  sdk::testing::FakeHost host;
  host.set_secret("/dkim/0/key", rfc_8463_key);
  host.set_secret("/dkim/1/key", "sesame");
  sdk::testing::ChannelDriver channel{leadhub_plugin, host, "mail"};
  const auto key = [](const std::string& pointer) {
    return Json{{"domain", "engines.example"}, {"selector", "s"}, {"key", {{"$secret", pointer}}}};
  };
  const Json config{{"transport", "smtp"},
                    {"url", "smtp://relay.example"},
                    {"from", "ada@engines.example"},
                    {"dkim", {key("/dkim/0/key"), key("/dkim/1/key")}}};
  const auto found = channel.check(config.dump());
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].pointer, "/dkim/1/key");
}

}  // namespace
}  // namespace leadhub::email
