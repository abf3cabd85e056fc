#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "dovecot.hpp"
#include "hub_process.hpp"

/// What a mailbox says of mails that were sent, from a Dovecot to the lead.
namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using mailbox::testing::Dovecot;
using ::testing::HasSubstr;

std::string bounce_of(const std::string& address) {
  return "From: MAILER-DAEMON@mx.example\r\nTo: bounces@hub.example\r\nMessage-ID: <" + address +
         ".1@mx.example>\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
         "Final-Recipient: rfc822; " +
         address + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";
}

std::string config_of(const std::string& url, const std::string& password = Dovecot::password) {
  const Json config{
      {"url", url}, {"user", Dovecot::user}, {"password", password}, {"poll", {{"every", "1s"}}}};
  return replaced(example_config(), "\nchannels:\n",
                  "\nchannels:\n  returned: {plugin: mailbox, config: " + config.dump() + "}\n");
}

/// The lead document once its timeline has so many events, else what there is after ten seconds.
Json lead_with_events(const HubProcess& hub, const std::string& email, std::size_t events) {
  Json lead = Json::object();
  for (int tries = 0; tries < 100 && lead.value("timeline", Json::array()).size() < events; ++tries) {
    const auto said = hub.run({"leads", "show", email, "--json"});
    if (said.code == 0) lead = Json::parse(said.out);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  return lead;
}

std::string get(const HubProcess& hub, const std::string& path) {
  httplib::Client client{"127.0.0.1", hub.control_port()};
  client.set_bearer_token_auth(hub.token());
  const auto answer = client.Get(path);
  return answer ? answer->body : "";
}

Json poll_status_in(const std::string& status) {
  const Json document = Json::parse(status);
  for (const auto& channel : document.at("channels"))
    if (channel.at("name") == "returned") return channel.value("poll", Json::object());
  return Json::object();
}

Json poll_status(const HubProcess& hub) {
  return poll_status_in(get(hub, "/api/v1/status"));
}

/// Waits until the channel was polled so many times more.
void wait_for_polls(const HubProcess& hub, int count) {
  const int before = poll_status(hub).value("polls", 0);
  for (int tries = 0; tries < 200 && poll_status(hub).value("polls", 0) < before + count; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

std::size_t entries_of_channel(const HubProcess& hub) {
  const auto said = hub.run({"inbox", "list", "--channel", "returned", "--json"});
  const auto listed = Json::parse(said.out);
  return listed.at("items").size();
}

TEST(Mailbox, SuppressesWhomAMailDidNotReach) {
  Dovecot dovecot;
  HubProcess hub{config_of(dovecot.url())};
  hub.start();
  wait_for_polls(hub, 1);
  dovecot.deliver(bounce_of("ada@example.com"));

  const Json lead = lead_with_events(hub, "ada@example.com", 1);
  ASSERT_EQ(lead.value("timeline", Json::array()).size(), 1u) << hub.printed();
  EXPECT_EQ(lead["timeline"][0]["type"], "email.bounced");
  EXPECT_EQ(lead["timeline"][0]["channel"], "returned");
  const auto suppressions = hub.run({"suppressions", "list"});
  EXPECT_THAT(suppressions.out, HasSubstr("ada@example.com"));
  EXPECT_THAT(suppressions.out, HasSubstr("hard_bounce"));

  wait_for_polls(hub, 2);
  EXPECT_EQ(entries_of_channel(hub), 1u) << "a second poll finds nothing new";
  EXPECT_EQ(dovecot.unread(), 1u);
  EXPECT_THAT(get(hub, "/metrics"), HasSubstr("leadhub_polled_events_total{channel=\"returned\"} 1"));
  EXPECT_THAT(get(hub, "/metrics"), HasSubstr("leadhub_channel_bounces_total{channel=\"returned\"} 1"));
  EXPECT_EQ(hub.stop(), 0);
}

TEST(Mailbox, IsSeenToFail) {
  Dovecot dovecot;
  HubProcess hub{config_of(dovecot.url(), "wrong")};
  hub.start();
  Json status = Json::object();
  for (int tries = 0; tries < 100 && status.value("state", "") != "failing"; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    status = poll_status(hub);
  }
  EXPECT_EQ(status.value("state", ""), "failing");
  EXPECT_THAT(status.value("failure", ""), HasSubstr("refuses the login"));
  EXPECT_THAT(get(hub, "/metrics"),
              HasSubstr("leadhub_polls_total{channel=\"returned\",outcome=\"failed\"} 1"));
  EXPECT_THAT(hub.printed(), HasSubstr("refuses the login"));
}

/// Starts the hub and waits until it has polled, or is gone. false: it ended before it was ready, or not at
/// all.
bool is_killed_while_polling(HubProcess& hub) {
  try {
    hub.start();
  } catch (const std::runtime_error&) {
    return false;
  }
  for (int tries = 0; tries < 400; ++tries) {
    const auto status = get(hub, "/api/v1/status");
    if (status.empty() || poll_status_in(status).value("polls", 0) > 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{25});
  }
  return hub.stop() == 128 + SIGKILL;
}

/// Whenever the process ends, a bounce counts once: events and cursor are one commit.
TEST(Mailbox, LosesAndDoublesNothingWhereverTheHubIsKilled) {
  Dovecot dovecot;
  HubProcess hub{config_of(dovecot.url())};
  hub.start();
  wait_for_polls(hub, 1);
  hub.stop();
  std::size_t bounces = 0;
  for (const std::string moment : {"before_commit", "after_commit"}) {
    int killed = 0;
    for (int passage = 1; passage <= 6; ++passage) {
      SCOPED_TRACE(moment + ":" + std::to_string(passage));
      const std::string address = "reader" + std::to_string(++bounces) + "@example.com";
      dovecot.deliver(bounce_of(address));
      hub.set_environment({{"LEADHUB_FAILPOINT", "leadhub-inbox." + moment + ":" + std::to_string(passage)}});
      killed += is_killed_while_polling(hub) ? 1 : 0;
      hub.set_environment({});
      hub.start();
      EXPECT_EQ(lead_with_events(hub, address, 1)["timeline"].size(), 1u) << hub.printed();
      EXPECT_EQ(entries_of_channel(hub), bounces);
      hub.stop();
    }
    EXPECT_GE(killed, 1) << "no passage lay in a poll";
  }
}

TEST(Mailbox, DoesNotHoldUpAStopWhileTheMailServerIsSilent) {
  const mailbox::testing::SilentServer silent;
  HubProcess hub{config_of("imap://127.0.0.1:" + std::to_string(silent.port()))};
  hub.start();
  std::this_thread::sleep_for(std::chrono::seconds{1});  // the poll waits for a greeting by now
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(hub.stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{8}) << "a poll may take 15";
}

}  // namespace
}  // namespace leadhub::e2e
