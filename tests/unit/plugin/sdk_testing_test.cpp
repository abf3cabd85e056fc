#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/testing/channel_driver.hpp>
#include <leadhub/sdk/testing/fake_host.hpp>

// The SDK's test parts, tried on the same plugin as the real host.
namespace leadhub::sdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeHostTest : public ::testing::Test {
 protected:
  FakeHost host_;
  ChannelDriver channel_{load_plugin(TEST_PLUGINS "/good.so"), host_, "website"};
};

TEST_F(FakeHostTest, DrivesAChannelFromCheckToRead) {
  EXPECT_TRUE(channel_.check("{}").empty());
  channel_.activate("{}");
  Request request;
  request.headers = {{"content-type", "text/plain"}};
  request.body = "hi";
  EXPECT_EQ(channel_.authenticate(request, host_.now_ms()).verdict, LEADHUB_VERDICT_ACCEPT);
  const auto reading = channel_.read(request);
  EXPECT_THAT(reading.events, ElementsAre(HasSubstr("\"hi\"")));
  ASSERT_TRUE(reading.response);
  EXPECT_EQ(reading.response->status, 303);
  EXPECT_EQ(reading.response->header("Location"), "http://localhost:8080/thanks");
}

TEST_F(FakeHostTest, KeepsWhatIsLoggedAndCounted) {
  host_.set_secret("/token", "t0");
  channel_.activate("{}");
  ASSERT_EQ(host_.log_lines().size(), 1);
  EXPECT_EQ(host_.log_lines()[0].level, LEADHUB_LOG_INFO);
  EXPECT_EQ(host_.log_lines()[0].message, "website is active with t0");
  EXPECT_EQ(host_.counted("authenticated"), 0);
  std::ignore = channel_.authenticate({}, 0);
  EXPECT_EQ(host_.counted("authenticated"), 1);
}

TEST_F(FakeHostTest, GivesTheTimeItWasSet) {
  host_.set_now_ms(1'000);
  host_.advance_ms(500);
  EXPECT_EQ(Host{host_.get()}.now_ms(), 1'500);
}

TEST_F(FakeHostTest, KnowsNoSecretThatWasNotSet) {
  EXPECT_EQ(Host{host_.get()}.secret("/none"), std::nullopt);
  EXPECT_EQ(Host{host_.get()}.secret("channel.signing_key")->size(), 32);
}

TEST_F(FakeHostTest, GivesDiagnosticsAndErrorsAsPlainTypes) {
  const auto found = channel_.check(R"({"greeting":"two faults"})");
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].pointer, "/greeting");
  try {
    channel_.activate(R"({"greeting":"never"})");
    FAIL() << "activate() should have failed";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.code, LEADHUB_ERROR_UNAVAILABLE);
    EXPECT_STREQ(error.what(), "the greeting is never said; choose another");
  }
}

TEST(FakeHostDelivery, GivesWhatATransportSaidAsPlainTypes) {
  FakeHost host;
  host.set_secret("/password", "sesame");
  ChannelDriver channel{load_plugin(TEST_PLUGINS "/postman.so"), host, "mail"};
  channel.activate(R"({"mailbag":"/dev/null"})");
  const auto deadline = host.now_ms() + 1'000;
  const auto done = channel.deliver({"a mail"}, deadline);
  EXPECT_EQ(done.state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(done.provider_id, "postman-1");
  const auto later = channel.deliver({"later"}, deadline);
  EXPECT_EQ(later.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(later.retry_class, LEADHUB_RETRY_RATE_LIMITED);
  EXPECT_EQ(later.retry_after_ms, 90'000);
  EXPECT_EQ(later.message, "busy");
  EXPECT_EQ(channel.deliver({"no time"}, deadline).state, LEADHUB_DELIVERY_UNTRIED);
  EXPECT_THROW(std::ignore = channel.read({}), std::logic_error) << "it does not capture";
  ChannelDriver capturing{load_plugin(TEST_PLUGINS "/good.so"), host, "website"};
  EXPECT_THROW(std::ignore = capturing.deliver({"a mail"}, deadline), std::logic_error)
      << "it does not deliver";
}

TEST(LoadPlugin, SaysWhatTheLoaderSays) {
  EXPECT_THROW(load_plugin("/nonexistent.so"), std::runtime_error);
}

}  // namespace
}  // namespace leadhub::sdk::testing
