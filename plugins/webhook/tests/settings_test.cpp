#include "settings.hpp"

#include <gmock/gmock.h>

#include "lead_delivery.hpp"
#include "leads.hpp"

namespace leadhub::webhook {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What check() says, each as "pointer: message".
std::vector<std::string> problems(const Json& config) {
  FakeHost host;
  ChannelDriver driver{leadhub_plugin, host};
  std::vector<std::string> said;
  for (const auto& [pointer, message] : driver.check(prepared(config, host)))
    said.push_back(std::string(pointer).append(": ").append(message));
  return said;
}

const Json hubspot = {{"preset", "hubspot"}, {"token", "pat-1"}};
Json with(Json config, const char* key, Json value) {
  config[key] = std::move(value);
  return config;
}
const Json generic = {{"url", "https://crm.example.com/hook"}};

TEST(Settings, OfEveryPresetAreGoodWithWhatItNeeds) {
  EXPECT_THAT(problems(generic), IsEmpty());
  EXPECT_THAT(problems({{"url", "https://h.example/x?sig=1&v=2"}, {"secret", "whsec_ZGVtby1zZWNyZXQtb25l"}}),
              IsEmpty());
  EXPECT_THAT(problems(hubspot), IsEmpty());
  EXPECT_THAT(problems({{"preset", "pipedrive"}, {"token", "abc"}}), IsEmpty());
  for (const char* preset : {"salesforce", "espocrm"})
    EXPECT_THAT(problems({{"preset", preset}, {"url", "https://my.example.com/"}, {"token", "t"}}),
                IsEmpty());
  EXPECT_THAT(problems({{"preset", "slack"}, {"url", "https://hooks.slack.com/services/T0/B0/x"}}),
              IsEmpty());
  EXPECT_THAT(problems(with(hubspot, "fields", {{"company_size", "{{attributes.company_size}}"}, {"n", 7}})),
              IsEmpty());
}

TEST(Settings, SayWhatIsMissing) {
  EXPECT_THAT(problems(Json::object()), ElementsAre(HasSubstr("\"url\" is missing")));
  EXPECT_THAT(problems({{"preset", "slack"}}), ElementsAre(HasSubstr("\"url\" is missing")));
  EXPECT_THAT(problems({{"preset", "hubspot"}}), ElementsAre(HasSubstr("\"token\" is missing")));
  EXPECT_THAT(problems({{"preset", "salesforce"}, {"token", "t"}}), ElementsAre(HasSubstr("\"url\"")));
  EXPECT_THAT(problems(with(hubspot, "token", " ")), ElementsAre(HasSubstr("/token: the secret is empty")));
}

TEST(Settings, SayWhatDoesNotBelongThere) {
  EXPECT_THAT(problems(with(hubspot, "secret", "whsec_ZGVtby1zZWNyZXQtb25l")),
              ElementsAre(HasSubstr("HubSpot takes no signatures")));
  EXPECT_THAT(problems(with(generic, "token", "t")), ElementsAre(HasSubstr("/token: is for CRMs")));
  EXPECT_THAT(problems(with(generic, "fields", {{"a", "b"}})),
              ElementsAre(HasSubstr("/fields: is for CRMs")));
  EXPECT_THAT(problems({{"preset", "fax"}}), ::testing::Contains(HasSubstr("/preset: is none")));
}

TEST(Settings, RefuseUrlsThatNothingCanBeSentTo) {
  for (const char* url : {"", "crm.example.com", "ftp://crm.example.com", "https://", "https://a b/",
                          "https://crm.example.com/#x", "file:///etc/passwd", "https://\u00e9.example"})
    EXPECT_THAT(problems({{"url", url}}), ElementsAre(HasSubstr("/url: is no address"))) << url;
  EXPECT_THAT(problems({{"url", "https://user:secret@crm.example.com/"}}),
              ElementsAre(AllOf(HasSubstr("put it into headers"), Not(HasSubstr("secret@")))));
  EXPECT_THAT(problems({{"preset", "espocrm"}, {"token", "t"}, {"url", "https://crm.example.com/?a=b"}}),
              ElementsAre(HasSubstr("has a \"?\"")));
}

TEST(Settings, RefuseSecretsThatAreNone) {
  EXPECT_THAT(
      problems(with(generic, "secret", "whsec_!!!")),
      ElementsAre(AllOf(HasSubstr("/secret: "), HasSubstr("Standard Webhooks"), Not(HasSubstr("!!!")))));
  EXPECT_THAT(problems(with(generic, "secret", {"whsec_ZGVtby1zZWNyZXQtb25l", ""})),
              ElementsAre(HasSubstr("/secret/1: ")));
}

TEST(Settings, RefuseHeadersOfTheHubAndBrokenOnes) {
  const auto header = [](const char* name, const char* value) {
    return problems(with(generic, "headers", {{name, value}}));
  };
  EXPECT_THAT(header("X-Team", "sales"), IsEmpty());
  EXPECT_THAT(header("Host", "x"), ElementsAre(HasSubstr("written by the hub")));
  EXPECT_THAT(header("Webhook-Signature", "x"), ElementsAre(HasSubstr("written by the hub")));
  EXPECT_THAT(header("X Team", "x"), ElementsAre(HasSubstr("a name that no header has")));
  EXPECT_THAT(header("X-Team", "a\r\nHost: b"), ElementsAre(HasSubstr("control character")));
}

TEST(Settings, CheckTheTemplatesOfFields) {
  const auto field = [](const char* name, const char* text) {
    return problems(with(hubspot, "fields", {{name, text}}));
  };
  EXPECT_THAT(field("size", "{{atributes.size}}"), ElementsAre(HasSubstr("did you mean \"attributes\"?")));
  EXPECT_THAT(field("size", "{{company_size}}"), ElementsAre(HasSubstr("{{attributes.company_size}}")));
  EXPECT_THAT(field("size", "{{email"), ElementsAre(HasSubstr("never closed")));
  EXPECT_THAT(field("a b", "x"), ElementsAre(HasSubstr("a name that no field has")));
  EXPECT_THAT(field("a..b", "x"), ElementsAre(HasSubstr("a name that no field has")));
}

TEST(Settings, BoundTheTimeout) {
  for (const char* good : {"1s", "15s", "30s"})
    EXPECT_THAT(problems(with(generic, "timeout", good)), IsEmpty()) << good;
  for (const char* bad : {"0s", "31s", "1m", "1h", "s", "-5s", "99999999999999999999s"})
    EXPECT_THAT(problems(with(generic, "timeout", bad)), ElementsAre(HasSubstr("between 1s and 30s"))) << bad;
}

TEST(Words, SayNothingOfThePerson) {
  const auto shown = [](const char* words) { return without_personal_data(words, ada()); };
  EXPECT_EQ(shown("REQUIRED_FIELD_MISSING: Company"), "REQUIRED_FIELD_MISSING: Company");
  EXPECT_EQ(shown("Email ADA.Lovelace@example.com is invalid"), "Email *** is invalid");
  EXPECT_EQ(shown("somebody@else.example and +49 (30) 1234567"), "*** and +49 (30) ***");
  EXPECT_EQ(shown("ada\r\nlovelace"), "***  ***");
  EXPECT_LE(without_personal_data(std::string(5'000, 'x'), ada()).size(), 210U);
  EXPECT_EQ(without_personal_data("", ada()), "");
}

}  // namespace
}  // namespace leadhub::webhook
