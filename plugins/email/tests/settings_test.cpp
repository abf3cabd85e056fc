#include "settings.hpp"

#include <gmock/gmock.h>

#include "support.hpp"

namespace leadhub::email {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Json;

std::vector<std::string> pointers(const Json& config) {
  std::vector<std::string> found;
  for (const auto& problem : read_settings(config.dump()).problems) found.push_back(problem.pointer);
  return found;
}

TEST(Settings, ReadsTheExample) {
  const auto reading = read_settings(R"({"transport": "maildir", "directory": "/srv/data/mail",
    "from": "Ada at Analytical Engines <ada@analytical-engines.example>",
    "reply_to": "hello@analytical-engines.example", "postal_address": "12 St James's Square, London",
    "rate": {"per_second": 50, "per_domain": {"gmail.com": 10}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.settings.transport, TransportKind::maildir);
  EXPECT_EQ(reading.settings.directory, "/srv/data/mail");
  EXPECT_EQ(reading.settings.sender.from.name, "Ada at Analytical Engines");
  EXPECT_EQ(reading.settings.sender.from.address, "ada@analytical-engines.example");
  ASSERT_TRUE(reading.settings.sender.reply_to);
  EXPECT_EQ(reading.settings.sender.reply_to->address, "hello@analytical-engines.example");
}

TEST(Settings, AddressesAreOneEach) {
  const Json good{{"transport", "maildir"}, {"directory", "/m"}, {"from", "ada@example.com"}};
  EXPECT_THAT(pointers(good), IsEmpty());
  for (const auto* bad :
       {"Ada", "ada@example.com, eve@example.com", "ada@example.com\nBcc: eve@example.com"}) {
    auto config = good;
    config["from"] = bad;
    config["reply_to"] = bad;
    EXPECT_THAT(pointers(config), ElementsAre("/from", "/reply_to")) << bad;
  }
  EXPECT_THAT(pointers({{"transport", "maildir"}, {"directory", "m"}, {"from", "a@b"}}),
              ElementsAre("/directory"));
  EXPECT_THAT(pointers("no object"), ElementsAre(""));
}

TEST(Settings, ReadsWhatApisWant) {
  const auto reading =
      read_settings(R"({"transport": "ses", "from": "ada@example.com", "key_id": "AKIDEXAMPLE",
    "key": {"$secret": "/key"}, "region": "eu-central-1", "configuration_set": "leads"})");
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.settings.transport, TransportKind::ses);
  EXPECT_EQ(reading.settings.api.region, "eu-central-1");
  EXPECT_EQ(reading.settings.api.key_id, "AKIDEXAMPLE");
  EXPECT_EQ(reading.settings.api.configuration_set, "leads");
  const Json wrong{
      {"transport", "ses"}, {"from", "ada@example.com"}, {"key_id", "A B"}, {"region", "eu.evil.example/"}};
  EXPECT_THAT(pointers(wrong), ElementsAre("/region", "/key_id")) << "nothing that would be another host";
  EXPECT_THAT(pointers({{"transport", "mailgun"}, {"from", "ada@example.com"}, {"domain", "../x"}}),
              ElementsAre("/domain"));
}

Json smtp(const Json& more = Json::object()) {
  Json config{{"transport", "smtp"}, {"url", "smtp://relay.example:587"}, {"from", "Ada <ada@example.com>"}};
  config.update(more);
  return config;
}

TEST(Settings, ReadsARelay) {
  const auto reading = read_settings(
      smtp(
          Json::parse(R"({"url": "smtps://relay.example", "user": "ada", "password": {"$secret": "/password"},
    "connections": 8, "ca_file": "/etc/ca.pem", "envelope_from": "bounces@z\u00fcrich.example",
    "dkim": {"domain": "example.com", "selector": "2026", "key": {"$secret": "/dkim/key"}},
    "rate": {"per_second": 50, "per_domain": {"GMail.com": 10}, "per_connection": 100},
    "warm_up": {"start": "1970-01-03", "days": [50, 100]}})"))
          .dump());
  EXPECT_THAT(reading.problems, IsEmpty());
  const Settings& settings = reading.settings;
  EXPECT_EQ(settings.transport, TransportKind::smtp);
  EXPECT_EQ(settings.smtp.url, "smtps://relay.example");
  EXPECT_EQ(settings.smtp.user, "ada");
  EXPECT_EQ(settings.smtp.tls, Tls::required);
  EXPECT_EQ(settings.smtp.connections, 8);
  EXPECT_EQ(settings.smtp.ca_file, "/etc/ca.pem");
  EXPECT_EQ(settings.smtp.envelope_from, "bounces@xn--zrich-kva.example");
  ASSERT_EQ(settings.dkim.size(), 1);
  EXPECT_EQ(settings.dkim[0].secret, "/dkim/key");
  EXPECT_EQ(settings.rates.per_second, 50);
  EXPECT_EQ(settings.rates.per_connection, 100);
  EXPECT_EQ(settings.rates.per_domain.at("gmail.com"), 10);
  ASSERT_TRUE(settings.warm_up);
  EXPECT_EQ(settings.warm_up->first_day, 2);
  EXPECT_THAT(settings.warm_up->mails, ElementsAre(50, 100));
}

TEST(Settings, BouncesGoToTheSenderWhereNothingElseIsSaid) {
  EXPECT_EQ(read_settings(smtp().dump()).settings.smtp.envelope_from, "ada@example.com");
}

TEST(Settings, SaysWhatIsWrongWithARelayAndWhere) {
  EXPECT_THAT(pointers(smtp()), IsEmpty());
  for (const auto* bad :
       {"relay.example", "http://relay.example", "smtp://", "smtp://a b", "smtp://ada@relay.example",
        "smtp://relay.example:99999", "smtp://relay.example?x=1", "smtp://relay.example/\r\nRSET"})
    EXPECT_THAT(pointers(smtp({{"url", bad}})), ElementsAre("/url")) << bad;
  EXPECT_THAT(pointers(smtp({{"user", "ada"}})), ElementsAre("/user"));
  EXPECT_THAT(pointers(smtp({{"password", {{"$secret", "/password"}}}})), ElementsAre("/password"));
  for (const auto* bad : {"ada", "a b@example.com", "<ada@example.com>", "ada@example.com\r\n"})
    EXPECT_THAT(pointers(smtp({{"envelope_from", bad}})), ElementsAre("/envelope_from")) << bad;
  const Json key{{"domain", "example..com"}, {"selector", "a b"}, {"key", {{"$secret", "/dkim/0/key"}}}};
  EXPECT_THAT(pointers(smtp({{"dkim", Json::array({key})}})),
              ElementsAre("/dkim/0/domain", "/dkim/0/selector"));
  EXPECT_THAT(pointers(smtp({{"warm_up", {{"start", "2026-13-01"}, {"days", Json::array()}}}})),
              ElementsAre("/warm_up/start", "/warm_up/days"));
  EXPECT_THAT(pointers(smtp({{"warm_up", {{"start", "2026-02-29"}, {"days", {1}}}}})),
              ElementsAre("/warm_up/start"));
  EXPECT_THAT(pointers(smtp({{"rate", {{"per_domain", {{"a b", 1}}}}}})), ElementsAre("/rate/per_domain"));
}

TEST(Settings, NoPasswordGoesOverANetworkInTheClear) {
  const auto in_clear = [](const char* url) {
    return pointers(
        smtp({{"url", url}, {"tls", "none"}, {"user", "ada"}, {"password", {{"$secret", "/password"}}}}));
  };
  for (const auto* url : {"smtp://relay.example", "smtp://10.0.0.1:25", "smtp://127.relay.example",
                          "smtp://localhost.relay.example", "smtp://[2001:db8::1]:25"})
    EXPECT_THAT(in_clear(url), ElementsAre("/tls")) << url;
  for (const auto* url : {"smtp://localhost", "smtp://LOCALHOST:2525", "smtp://127.0.0.1:25",
                          "smtp://127.9.9.9", "smtp://[::1]:25", "smtps://relay.example"})
    EXPECT_THAT(in_clear(url), IsEmpty()) << url;
  EXPECT_THAT(in_clear("relay.example"), ElementsAre("/url")) << "one word about it";
  EXPECT_THAT(pointers(smtp({{"tls", "none"}})), IsEmpty())
      << "without a password it is the network's matter";
}

}  // namespace
}  // namespace leadhub::email
