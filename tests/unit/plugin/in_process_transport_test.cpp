#include "plugin/in_process_transport.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ops/limits.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using namespace std::chrono_literals;
using deliver::Delivery;
using deliver::OutgoingMail;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

OutgoingMail mail(std::string subject = "Your engine") {
  OutgoingMail made;
  made.message_id = "0198.confirm@engines.example";
  made.to = "ada@example.com";
  made.to_name = "Ada Lovelace";
  made.subject = std::move(subject);
  made.text = "Dear Ada,\n\nzwölf \"Räder\"\n";
  made.html = "<p>Dear Ada</p>";
  made.headers = {{"List-Unsubscribe", "<https://engines.example/u/1>"}, {"X-Empty", ""}};
  made.date = from_milliseconds(1'767'614'400'123);
  return made;
}

class Postman : public ::testing::Test {
 protected:
  static HostServices in_folder(HostServices services, const std::filesystem::path& folder) {
    services.folder = folder;
    return services;
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  const test::TemporaryFolder folder_;
  test::TestServices test_;
  const HostServices services_ = in_folder(test_.services, folder_.path());
  PluginHost host_{registry_, services_};
  std::unique_ptr<deliver::MailTransport> transport_ =
      *host_.make_transport({"mail", "postman", R"({"password": "open-sesame"})"});
};

TEST_F(Postman, HandsOverTheWholeMailAsADocument) {
  EXPECT_EQ(transport_->name(), "mail");
  const auto result = transport_->deliver(mail());
  EXPECT_EQ(result.outcome, Delivery::sent) << result.detail;
  EXPECT_THAT(result.detail, IsEmpty());
  const auto bag = test::read_file(folder_.path() / "mailbag.json");
  EXPECT_EQ(bag, "0198.confirm@engines.example\n60000\n0\n" + to_document(mail())) << "beside hub.yaml";
  EXPECT_EQ(nlohmann::ordered_json::parse(to_document(mail())).dump(),
            R"({"type":"mail","version":1,)"
            R"("message_id":"0198.confirm@engines.example","to":"ada@example.com","to_name":"Ada Lovelace",)"
            R"("subject":"Your engine","text":"Dear Ada,\n\nzwölf \"Räder\"\n","html":"<p>Dear Ada</p>",)"
            R"("headers":[{"name":"List-Unsubscribe","value":"<https://engines.example/u/1>"},)"
            R"({"name":"X-Empty","value":""}],"date":"2026-01-05T12:00:00.123Z"})");
}

TEST_F(Postman, LeavesOutWhatAMailDoesNotHave) {
  auto bare = mail();
  bare.to_name.clear();
  bare.html.clear();
  bare.headers.clear();
  EXPECT_EQ(transport_->deliver(bare).outcome, Delivery::sent);
  EXPECT_EQ(to_document(bare),
            R"({"type":"mail","version":1,"message_id":"0198.confirm@engines.example",)"
            R"("to":"ada@example.com","subject":"Your engine",)"
            R"("text":"Dear Ada,\n\nzwölf \"Räder\"\n","date":"2026-01-05T12:00:00.123Z"})");
}

TEST(MailDocument, SaysWhoseTheMailIsWhereItSaysSoItself) {
  auto given = mail();
  given.from = {"ada@engines.example", "Ada"};
  given.reply_to = {"hello@engines.example", ""};
  EXPECT_THAT(mail_fault(given), IsEmpty());
  const auto document = nlohmann::json::parse(to_document(given));
  EXPECT_EQ(document["from"].dump(), R"({"address":"ada@engines.example","name":"Ada"})");
  EXPECT_EQ(document["reply_to"].dump(), R"({"address":"hello@engines.example"})");
  given.from.name = "Ada\r\nBcc: eve@example.com";
  EXPECT_THAT(mail_fault(given), HasSubstr("the sender's name"));
  given = mail();
  given.reply_to.address = "a@b.example\n";
  EXPECT_THAT(mail_fault(given), HasSubstr("the address for answers"));
}

TEST_F(Postman, OutcomesKeepTheirMeaning) {
  const std::string who = "channel \"mail\" (plugin postman): ";
  const auto rejected = transport_->deliver(mail("rejected"));
  EXPECT_EQ(rejected.outcome, Delivery::rejected);
  EXPECT_EQ(rejected.detail, who + "no such mailbox");
  const auto later = transport_->deliver(mail("later"));
  EXPECT_EQ(later.outcome, Delivery::retry);
  EXPECT_EQ(later.detail, who + "busy");
  EXPECT_EQ(later.retry_after, 90s);
  const auto unknown = transport_->deliver(mail("unknown"));
  EXPECT_EQ(unknown.outcome, Delivery::unknown);
  EXPECT_EQ(unknown.detail, who + "cut off behind the final dot");
  EXPECT_EQ(transport_->deliver(mail("no time")).outcome, Delivery::untried);
  EXPECT_EQ(transport_->deliver(mail("nobody here")).outcome, Delivery::gone)
      << "the recipient, as far as mails go";
}

TEST_F(Postman, SecretsDoNotLeaveInDetails) {
  const auto result = transport_->deliver(mail("password"));
  EXPECT_EQ(result.outcome, Delivery::retry);
  EXPECT_THAT(result.detail, EndsWith("cannot log in with ***"));
}

TEST_F(Postman, OnlyAnExceptionThatSaysSoMeansThatNothingWasSent) {
  const auto refusing = transport_->deliver(mail("refusing exception"));
  EXPECT_EQ(refusing.outcome, Delivery::retry);
  EXPECT_THAT(refusing.detail, EndsWith("not connected"));
  const auto unforeseen = transport_->deliver(mail("unforeseen exception"));
  EXPECT_EQ(unforeseen.outcome, Delivery::unknown);
  EXPECT_THAT(unforeseen.detail, EndsWith("vector::at"));
  EXPECT_EQ(transport_->deliver(mail("an int")).outcome, Delivery::unknown);
  EXPECT_EQ(transport_->deliver(mail()).outcome, Delivery::sent);
}

TEST_F(Postman, DoesNotSeeAMailThatCouldSplitAHeader) {
  const std::vector<std::string> breaks = {
      "\r",           "\n",  "\r\nBcc: eve@example.com", std::string{'\0'}, "\x1b", "\x7f", "\xc2\x85",
      "\xe2\x80\xa8", "\xff"};
  const std::vector<std::string OutgoingMail::*> fields = {&OutgoingMail::message_id, &OutgoingMail::to,
                                                           &OutgoingMail::to_name, &OutgoingMail::subject};
  for (const auto& injected : breaks) {
    for (const auto field : fields) {
      auto bad = mail();
      bad.*field += injected + "secret words";
      const auto result = transport_->deliver(bad);
      EXPECT_EQ(result.outcome, Delivery::rejected);
      EXPECT_THAT(result.detail, AllOf(HasSubstr("was not handed over"), Not(HasSubstr("secret"))));
    }
    auto bad = mail();
    bad.headers[0].second += injected;
    EXPECT_EQ(transport_->deliver(bad).outcome, Delivery::rejected);
    bad = mail();
    bad.headers[0].first += injected;
    EXPECT_EQ(transport_->deliver(bad).outcome, Delivery::rejected);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "mailbag.json")) << "nothing reached the plugin";
}

TEST(MailFault, BodiesMayHaveLinesButNoCarriageReturnAndNoNul) {
  auto given = mail();
  given.text = "tab\tline\nend\n";
  EXPECT_THAT(mail_fault(given), IsEmpty());
  given.text = "dos\r\n";
  EXPECT_EQ(mail_fault(given), "the text part holds a CR or NUL; its lines must end with LF");
  given = mail();
  given.html += '\0';
  EXPECT_EQ(mail_fault(given), "the HTML part holds a CR or NUL; its lines must end with LF");
}

TEST(MailFault, EveryFieldHasItsBound) {
  const auto fault = [](auto change) {
    auto given = mail();
    change(given);
    return mail_fault(given);
  };
  EXPECT_EQ(fault([](auto& m) { m.text.clear(); }), "the text part is empty");
  EXPECT_EQ(fault([](auto& m) { m.to.clear(); }), "the recipient's address is empty");
  EXPECT_EQ(fault([](auto& m) { m.message_id.clear(); }), "the message id is empty");
  EXPECT_EQ(fault([](auto& m) { m.to.assign(10'000, 'a'); }),
            "the recipient's address has 10000 bytes; at most 254 are sent");
  EXPECT_THAT(fault([](auto& m) { m.to_name.assign(10'000, 'a'); }),
              HasSubstr("the recipient's name has 10000"));
  EXPECT_THAT(fault([](auto& m) { m.subject.assign(10'000, 'a'); }), HasSubstr("the subject has 10000"));
  EXPECT_THAT(fault([](auto& m) { m.message_id.assign(10'000, 'a'); }),
              HasSubstr("the message id has 10000"));
  EXPECT_THAT(fault([](auto& m) { m.text.assign(limits::mail_text_bytes_max + 1, 'a'); }),
              HasSubstr("the text part has"));
  EXPECT_THAT(fault([](auto& m) { m.html.assign(limits::mail_html_bytes_max + 1, 'a'); }),
              HasSubstr("the HTML part has"));
  EXPECT_THAT(fault([](auto& m) {
                m.headers.assign(limits::mail_headers_max + 1, {"X-A", "a"});
              }),
              HasSubstr("there are 51 further headers; at most 50"));
  EXPECT_THAT(fault([](auto& m) { m.headers[0].second.assign(10'000, 'a'); }),
              HasSubstr("the header List-Unsubscribe has 10000"));
}

TEST(MailFault, HeadersThatTheTransportWritesAreNotTheSenders) {
  for (const auto* name : {"From", "TO", "cc", "Bcc", "Subject", "Date", "Message-Id", "MIME-Version",
                           "Content-Type", "content-transfer-encoding", "Reply-To", "Sender", "Return-Path",
                           "Received", "DKIM-Signature", "Resent-To"}) {
    auto given = mail();
    given.headers = {{name, "x"}};
    EXPECT_EQ(mail_fault(given), "the header " + std::string{name} + " is not the sender's to write");
  }
  for (const auto* name : {"X:Y", "X Y", "", "Ünter"}) {
    auto given = mail();
    given.headers = {{name, "x"}};
    EXPECT_THAT(mail_fault(given), Not(IsEmpty())) << name;
  }
}

TEST(Transports, AChannelThatCapturesIsNone) {
  const auto registry = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  const test::TestServices test;
  const PluginHost host{registry, test.services};
  const auto capturing = host.make_transport({"website", "good", "{}"});
  ASSERT_FALSE(capturing);
  EXPECT_EQ(capturing.error().message,
            "channel \"website\" (plugin good): the plugin has no leadhub.deliver/1; tell its maker");
  const auto delivering = host.make_channel({"mail", "postman", "{}"});
  ASSERT_FALSE(delivering);
  EXPECT_EQ(delivering.error().message,
            "channel \"mail\" (plugin postman): the plugin has no leadhub.capture.http/1; tell its maker");
}

}  // namespace
}  // namespace leadhub::plugin
