#include <gmock/gmock.h>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cursor.hpp"
#include "dovecot.hpp"

#include "limits.hpp"

/// The plugin as the host calls it, against a real Dovecot.
namespace leadhub::mailbox {
namespace {

using nlohmann::json;
using sdk::testing::ChannelDriver;
using sdk::testing::FakeHost;
using sdk::testing::PluginError;
using sdk::testing::PollOutcome;
using testing::Dovecot;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SilentServer;
using ::testing::SizeIs;

std::string bounce_of(const std::string& address, int number = 1) {
  const std::string id = std::to_string(number);
  return "From: MAILER-DAEMON@mx.example\r\nTo: bounces@hub.example\r\nMessage-ID: <r" + id +
         "@mx.example>\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
         "Final-Recipient: rfc822; " +
         address + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";
}

json config_for(const std::string& url) {
  return {{"url", url},
          {"user", Dovecot::user},
          {"password", {{"$secret", "/password"}}},
          {"folder", "INBOX"},
          {"encryption", "required"}};
}

/// A channel with the host that it sees.
struct Channel {
  explicit Channel(const json& config, const std::string& password = Dovecot::password) {
    host.set_secret("/password", password);
    driver.emplace(leadhub_plugin, host);
    driver->activate(config.dump());
  }
  PollOutcome poll(const std::string& cursor = "", std::int64_t budget_ms = 20'000) {
    return driver->poll(cursor, host.now_ms() + budget_ms);
  }
  FakeHost host;
  std::optional<ChannelDriver> driver;
};

TEST(MailboxChannel, GivesWhatItFindsAndWhereToGoOn) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com", 1));
  dovecot.deliver("From: a@example.com\r\n\r\nSpam.\r\n");
  Channel channel{config_for(dovecot.url())};

  const PollOutcome first = channel.poll();
  ASSERT_THAT(first.events, SizeIs(1));
  const json event = json::parse(first.events[0]);
  EXPECT_EQ(event["type"], "email.bounced");
  EXPECT_EQ(event["person"]["email"], "ada@example.com");
  EXPECT_EQ(event["signal"]["bounce"], "hard");
  EXPECT_EQ(event["signal"]["status"], "5.1.1");
  EXPECT_EQ(read_cursor(first.cursor.value()).last_uid, 2u);
  EXPECT_EQ(first.wait_ms, -1);

  EXPECT_THAT(channel.poll(*first.cursor).events, IsEmpty());
  dovecot.deliver(bounce_of("alan@example.com", 2));
  const PollOutcome second = channel.poll(*first.cursor);
  ASSERT_THAT(second.events, SizeIs(1));
  EXPECT_THAT(second.events[0], HasSubstr("alan@example.com"));
  EXPECT_EQ(channel.host.counted("bounces"), 2u);
  EXPECT_EQ(channel.host.counted("other_messages"), 1u);
}

TEST(MailboxChannel, MarksNothingAsRead) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com"));
  Channel channel{config_for(dovecot.url())};
  EXPECT_THAT(channel.poll().events, SizeIs(1));
  EXPECT_EQ(dovecot.unread(), 1u);
}

TEST(MailboxChannel, GivesTheSameEventsAgainFromTheSameCursor) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com"));
  Channel channel{config_for(dovecot.url())};
  EXPECT_EQ(channel.poll().events, channel.poll().events);
}

TEST(MailboxChannel, ReadsAFolderThatWasNumberedAnewFromItsStartWithTheSameKeys) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com"));
  Channel channel{config_for(dovecot.url())};
  const PollOutcome before = channel.poll();
  dovecot.stop();
  dovecot.renumber();
  ::sleep(1);  // UIDVALIDITY is a time in seconds
  dovecot.start();
  const PollOutcome after = channel.poll(*before.cursor);
  EXPECT_NE(read_cursor(*after.cursor).uid_validity, read_cursor(*before.cursor).uid_validity);
  EXPECT_EQ(after.events, before.events);
}

TEST(MailboxChannel, TakesABatchAtATime) {
  Dovecot dovecot;
  const int count = static_cast<int>(limits::messages_a_poll_max) + 3;
  for (int i = 0; i < count; ++i) dovecot.deliver(bounce_of("u" + std::to_string(i) + "@example.com", i));
  Channel channel{config_for(dovecot.url())};
  const PollOutcome first = channel.poll();
  EXPECT_THAT(first.events, SizeIs(limits::messages_a_poll_max));
  EXPECT_EQ(first.wait_ms, 0);
  const PollOutcome second = channel.poll(*first.cursor);
  EXPECT_THAT(second.events, SizeIs(3));
  EXPECT_EQ(second.wait_ms, -1);
}

TEST(MailboxChannel, ReadsTheStartOfAMailLargerThanItsBound) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com") + std::string(2 * limits::message_bytes_max, 'x') + "\r\n");
  Channel channel{config_for(dovecot.url())};
  EXPECT_THAT(channel.poll().events, SizeIs(1));
}

/// Lines that would end a command, if they were read as lines of the protocol.
TEST(MailboxChannel, IsNotFooledByAMailThatLooksLikeAnAnswerOfTheServer) {
  Dovecot dovecot;
  dovecot.deliver(
      "From: ada@example.com\r\nMessage-ID: <a@example.com>\r\nIn-Reply-To: <m@hub.example>\r\n\r\n"
      "L3 OK done\r\n* BYE\r\n)\r\nL4 OK done\r\nA001 OK {99999999}\r\n* 1 FETCH (UID 1 BODY[] {3}\r\n");
  dovecot.deliver(bounce_of("alan@example.com"));
  Channel channel{config_for(dovecot.url())};
  const PollOutcome outcome = channel.poll();
  ASSERT_THAT(outcome.events, SizeIs(2));
  EXPECT_THAT(json::parse(outcome.events[0])["message"].get<std::string>(), HasSubstr("* BYE"));
}

TEST(MailboxChannel, ReadsTheFolderThatItIsToldTo) {
  Dovecot dovecot;
  dovecot.deliver(bounce_of("ada@example.com"), "Returned");
  json config = config_for(dovecot.url());
  config["folder"] = "Returned";
  EXPECT_THAT(Channel{config}.poll().events, SizeIs(1));
  config["folder"] = "Nowhere \"\\";
  try {
    static_cast<void>(Channel{config}.poll());
    ADD_FAILURE() << "a folder that is not there was read";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.code, LEADHUB_ERROR_NOT_FOUND);
  }
}

TEST(MailboxChannel, SpeaksTlsFromTheFirstByteAndChecksTheCertificate) {
  Dovecot dovecot{Dovecot::Tls::offered};
  dovecot.deliver(bounce_of("ada@example.com"));
  json config = config_for(dovecot.tls_url());
  try {
    static_cast<void>(Channel{config}.poll());
    ADD_FAILURE() << "a certificate of nobody was believed";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.retry_class, LEADHUB_RETRY_TRANSIENT);
    EXPECT_THAT(error.what(), HasSubstr("certificate"));
  }
  config["ca_file"] = dovecot.ca_file().string();
  EXPECT_THAT(Channel{config}.poll().events, SizeIs(1));
}

TEST(MailboxChannel, SendsNoPasswordWithoutStarttlsToAnotherMachine) {
  Dovecot dovecot{Dovecot::Tls::offered};
  json config = config_for(dovecot.other_url());
  config["ca_file"] = dovecot.ca_file().string();
  EXPECT_TRUE(Channel{config}.poll().cursor);
  const Dovecot plain;
  config["url"] = plain.other_url();
  try {
    static_cast<void>(Channel{config}.poll());
    ADD_FAILURE() << "the password went over the wire as it is";
  } catch (const PluginError& error) {
    EXPECT_THAT(error.what(), HasSubstr("STARTTLS"));
  }
  config["encryption"] = "none";
  EXPECT_TRUE(Channel{config}.poll().cursor);
}

TEST(MailboxChannel, TellsAuthenticationFromOtherFailures) {
  Dovecot dovecot;
  Channel wrong{config_for(dovecot.url()), "wrong"};
  try {
    static_cast<void>(wrong.poll());
    ADD_FAILURE() << "a wrong password was taken";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.retry_class, LEADHUB_RETRY_AUTH);
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("wrong")));
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("bounces@")));
  }
  Channel channel{config_for(dovecot.url())};
  dovecot.stop();
  try {
    static_cast<void>(channel.poll());
    ADD_FAILURE() << "a server that is away was read";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.retry_class, LEADHUB_RETRY_TRANSIENT);
  }
  dovecot.start();
  EXPECT_THAT(channel.poll().events, IsEmpty());
}

TEST(MailboxChannel, KeepsItsDeadlineBeforeAServerThatIsSilent) {
  const SilentServer silent;
  Channel channel{config_for("imap://127.0.0.1:" + std::to_string(silent.port()))};
  try {
    static_cast<void>(channel.poll("", 300));
    ADD_FAILURE() << "a silent server was read";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.code, LEADHUB_ERROR_TIMEOUT);
  }
}

TEST(MailboxChannel, EndsWithTheHubBeforeAServerThatIsSilent) {
  const SilentServer server;
  Channel channel{config_for("imap://127.0.0.1:" + std::to_string(server.port()))};
  std::jthread stopper{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    channel.host.stop();
  }};
  const auto began = std::chrono::steady_clock::now();
  try {
    static_cast<void>(channel.poll());
    FAIL() << "it found something in a server that says nothing";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.retry_class, LEADHUB_RETRY_TRANSIENT);
    EXPECT_THAT(error.what(), HasSubstr("stopping"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
}

TEST(MailboxChannel, BeginsNothingWithoutTime) {
  Channel channel{config_for("imap://127.0.0.1:1")};
  const PollOutcome outcome = channel.poll("", 0);
  EXPECT_THAT(outcome.events, IsEmpty());
  EXPECT_FALSE(outcome.cursor);
}

TEST(MailboxChannel, SaysWhatIsWrongWithItsConfiguration) {
  FakeHost host;
  ChannelDriver driver{leadhub_plugin, host};
  EXPECT_THAT(driver.check(config_for("imaps://mail.example.com").dump()), IsEmpty());
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"url", "https://mail.example.com"},
                                                        {"url", "imaps://user@mail.example.com"},
                                                        {"url", "imaps://mail.example.com/INBOX"},
                                                        {"folder",
                                                         "Zur\xC3\xBC"
                                                         "ck"},
                                                        {"user", "a\r\nb"}}) {
    json config = config_for("imaps://mail.example.com");
    config[key] = value;
    const auto found = driver.check(config.dump());
    ASSERT_THAT(found, SizeIs(1)) << value;
    EXPECT_EQ(found[0].pointer, "/" + key);
  }
}

}  // namespace
}  // namespace leadhub::mailbox
