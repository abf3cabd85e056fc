#include <gmock/gmock.h>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include "support.hpp"

// The plugin behind the C tables, as the host drives it.
namespace leadhub::email {
namespace {

using sdk::testing::ChannelDriver;
using sdk::testing::DeliveryOutcome;
using sdk::testing::FakeHost;
using sdk::testing::PluginError;
using testing::a_mail;
using ::testing::AllOf;
using testing::document_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using testing::names_in;
using ::testing::Not;

class EmailChannel : public ::testing::Test {
 protected:
  EmailChannel() {
    const auto document = config_.dump();
    EXPECT_TRUE(channel_.check(document).empty());
    channel_.activate(document);
  }
  DeliveryOutcome deliver(const std::string& document) {
    return channel_.deliver({document, "1", {}}, host_.now_ms() + 1'000);
  }

  const testing::TemporaryFolder folder_;
  const Json config_{
      {"transport", "maildir"}, {"directory", folder_.path().string()}, {"from", "Ada <ada@example.com>"}};
  FakeHost host_;
  ChannelDriver channel_{leadhub_plugin, host_, "mail"};
};

TEST_F(EmailChannel, WritesAMailAndCountsIt) {
  const auto outcome = deliver(document_of(a_mail()));
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_EQ(outcome.provider_id, "0198-confirm@engines.example.eml");
  EXPECT_EQ(host_.counted("mails"), 1);
  const auto python = testing::read_with_python(folder_.path() / outcome.provider_id);
  EXPECT_EQ(python["subject"], "Please confirm");
  EXPECT_EQ(python["to"], Json::parse(R"([["Ada Lovelace", "ada@example.com"]])"));
}

TEST_F(EmailChannel, DoesNotStartWhatItHasNoTimeFor) {
  EXPECT_EQ(channel_.deliver({document_of(a_mail()), "1", {}}, host_.now_ms()).state,
            LEADHUB_DELIVERY_UNTRIED);
  EXPECT_THAT(names_in(folder_.path()), IsEmpty());
}

TEST_F(EmailChannel, RefusesForGoodWhatCouldSplitAHeaderEvenWhereTheHostLetsItThrough) {
  for (const auto field : {&Mail::message_id, &Mail::to, &Mail::to_name, &Mail::subject}) {
    for (const std::string& injected :
         {std::string{"\r\nBcc: eve@example.com"}, std::string{"\n"}, std::string{"\0", 1}}) {
      auto mail = a_mail();
      mail.*field += injected;
      const auto outcome = deliver(document_of(mail));
      EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
      EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
      EXPECT_THAT(outcome.message, AllOf(HasSubstr("holds a control character"), Not(HasSubstr("eve"))));
    }
  }
  auto mail = a_mail();
  mail.headers.emplace_back("X-One", "1\r\nBcc: eve@example.com");
  EXPECT_EQ(deliver(document_of(mail)).retry_class, LEADHUB_RETRY_PERMANENT);
  mail.headers.back() = {"X-One\r\nBcc", "eve@example.com"};
  EXPECT_EQ(deliver(document_of(mail)).retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(names_in(folder_.path()), IsEmpty());
}

TEST_F(EmailChannel, RefusesForGoodWhatIsNoMail) {
  for (const auto* document : {"", "nonsense", "[]", "{}", R"({"type": "lead"})", R"({"type": "mail"})",
                               R"({"type": "mail", "to": 7})", R"({"type": "mail", "headers": [7]})",
                               R"({"type": "mail", "headers": [{"value": "x"}]})"}) {
    const auto outcome = deliver(document);
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << document;
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT) << document;
    EXPECT_THAT(outcome.message, HasSubstr("the mail cannot be sent: ")) << document;
  }
}

TEST_F(EmailChannel, GoesOnAfterAMailThatCannotBeSent) {
  deliver("nonsense");
  EXPECT_EQ(deliver(document_of(a_mail())).state, LEADHUB_DELIVERY_DONE);
}

TEST_F(EmailChannel, SaysWhatIsWrongWithItsConfiguration) {
  auto config = config_;
  config["from"] = "Ada";
  const auto found = channel_.check(config.dump());
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].pointer, "/from");
  EXPECT_EQ(found[0].message,
            "is not one e-mail address; write it as in \"Ada <ada@example.com>\" or ada@example.com");
}

TEST(EmailChannelStart, AConfigurationThatIsWrongDoesNotStart) {
  FakeHost host;
  ChannelDriver channel{leadhub_plugin, host, "mail"};
  try {
    channel.activate(Json{{"transport", "smtp"}, {"url", "nowhere"}, {"from", "ada@example.com"}}.dump());
    FAIL();
  } catch (const PluginError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/url: is no address of a mail relay"));
  }
}

}  // namespace
}  // namespace leadhub::email
