#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"
#include "ops/clock.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: form.submitted
      fields: {email: {to: email, required: true}, name: {to: name}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
)";

/// The example's hub; two leads want mails, one does not.
class Broadcast : public testing::Test {
 protected:
  Broadcast() {
    auto text = replaced(example_config(), "\nchannels:\n", std::string{"\nchannels:"} + signup);
    text = replaced(text, "  quiet_hours: {from: \"21:00\", to: \"08:00\"}", "");
    hub_ = std::make_unique<HubProcess>(text);
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates",
                          hub_->folder() / "templates", std::filesystem::copy_options::recursive);
    hub_->start();
    sign_up("email=ada%40example.com&name=Ada&accept=yes");
    sign_up("email=grace%40example.com&name=Grace&accept=yes");
    sign_up("email=alan%40example.com&name=Alan");
    for (int tries = 0; tries < 200 && estimate()["fits"] != 3; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }

  void sign_up(const std::string& form) const {
    httplib::Client edge{"127.0.0.1", hub_->edge_port()};
    const auto answer = edge.Post("/in/signup", form, "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer);
    EXPECT_LT(answer->status, 400) << answer->body;
  }
  [[nodiscard]] Json estimate() const {
    return Json::parse(hub_->run({"broadcasts", "estimate", "--json"}).out, nullptr, false);
  }
  [[nodiscard]] auto start(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"broadcasts", "start", "spring", "--template",
                                       "tips",       "--via", "mail"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hub_->run(arguments);
  }
  [[nodiscard]] Json show() const {
    return Json::parse(hub_->run({"broadcasts", "show", "spring", "--json"}).out, nullptr, false);
  }
  [[nodiscard]] Json shown_as(const std::string& state) const {
    auto shown = show();
    for (int tries = 0; tries < 200 && shown["state"] != state; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
      shown = show();
    }
    return shown;
  }
  [[nodiscard]] std::vector<std::string> mails() const {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator{hub_->folder() / "data" / "mail", error})
      if (file.path().extension() == ".eml") found.push_back(read_file(file.path()));
    return found;
  }

  std::unique_ptr<HubProcess> hub_;
};

TEST_F(Broadcast, TellsBeforehandWhomItWouldReachAndWhyNotTheOthers) {
  const auto estimated = estimate();
  EXPECT_EQ(estimated["fits"], 3);
  EXPECT_EQ(estimated["reaches"], 2);
  EXPECT_EQ(estimated["withheld"]["no consent to marketing_email: never given"], 1);
  EXPECT_THAT(hub_->run({"broadcasts", "estimate"}).out,
              HasSubstr("It would reach 2 of 3 leads (3 in all)."));
}

TEST_F(Broadcast, ReachesWhoeverAgreedOnce) {
  EXPECT_EQ(start().code, 0);
  const auto done = shown_as("done");
  EXPECT_EQ(done["mails"]["sent"], 2);
  EXPECT_EQ(done["mails"]["withheld"], 1);
  EXPECT_EQ(done["asked"], 3);
  EXPECT_THAT(mails(),
              AllOf(SizeIs(2), Each(AllOf(HasSubstr("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
                                          HasSubstr("Feedback-ID: tips:spring:broadcast:")))));
  EXPECT_THAT(hub_->run({"leads", "explain", "ada@example.com"}).out,
              HasSubstr("Message broadcast \"tips\" of the broadcast spring: sent "));
  EXPECT_THAT(hub_->run({"broadcasts", "show", "spring"}).out,
              AllOf(HasSubstr("3 of 3 mails"), HasSubstr("3 leads asked")));
  EXPECT_THAT(hub_->run({"broadcasts", "list"}).out, HasSubstr("everybody"));
}

TEST_F(Broadcast, GoesOnAfterARestartAndSendsNothingTwice) {
  EXPECT_EQ(start().code, 0);
  EXPECT_EQ(hub_->stop(), 0);
  hub_->start();
  EXPECT_EQ(shown_as("done")["mails"]["sent"], 2);
  EXPECT_THAT(mails(), SizeIs(2));
}

TEST_F(Broadcast, IsRefusedWhereItCouldNotBeSent) {
  const auto refused = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"broadcasts", "start"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto run = hub_->run(all);
    EXPECT_NE(run.code, 0);
    return run.err;
  };
  EXPECT_THAT(refused({"x", "--template", "tipps", "--via", "mail"}), HasSubstr("did you mean \"tips\"?"));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "telegram"}),
              HasSubstr("no channel that delivers mails"));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "mail", "--segment", "waiting"}),
              HasSubstr("no segment"));
  EXPECT_THAT(refused({"x", "--template", "confirm", "--via", "mail"}),
              HasSubstr("it is one of confirmation mails"));
  EXPECT_THAT(refused({"no name", "--template", "tips", "--via", "mail"}), HasSubstr("\"name\" has letters"));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "mail", "--at", "2020-01-01T09:00"}),
              HasSubstr("has passed"));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "mail", "--at", "tomorrow"}),
              HasSubstr("is a time like"));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "mail", "--each-zone"}),
              HasSubstr("needs \"at\""));
  EXPECT_THAT(refused({"x", "--template", "tips", "--via", "mail", "--subject", "One"}),
              HasSubstr("\"subjects\" are 2 to 5"));
  EXPECT_THAT(
      refused({"x", "--template", "tips", "--via", "mail", "--subject", "One", "--subject", "{{nmae}}"}),
      HasSubstr("nmae"));
  EXPECT_EQ(start().code, 0);
  EXPECT_THAT(refused({"spring", "--template", "tips", "--via", "mail"}), HasSubstr("choose another name"));
}

TEST_F(Broadcast, WaitsForItsTimeAndCanBePausedAndCancelledUntilThen) {
  const auto later = std::chrono::system_clock::now() + std::chrono::hours{48};
  EXPECT_EQ(
      start({"--at", format_rfc3339(std::chrono::time_point_cast<std::chrono::milliseconds>(later))}).code,
      0);
  EXPECT_EQ(show()["state"], "scheduled");
  EXPECT_EQ(hub_->run({"sending", "pause", "--broadcast", "spring"}).out, "broadcast/spring: paused\n");
  EXPECT_EQ(show()["is_paused"], true);
  EXPECT_THAT(hub_->run({"sending", "show"}).out, HasSubstr("broadcast/spring"));
  EXPECT_EQ(hub_->run({"sending", "resume", "--broadcast", "spring"}).code, 0);
  EXPECT_NE(hub_->run({"sending", "pause", "--broadcast", "summer"}).code, 0) << "there is none";
  EXPECT_EQ(hub_->run({"broadcasts", "cancel", "spring"}).code, 0);
  EXPECT_EQ(show()["state"], "cancelled");
  EXPECT_NE(hub_->run({"broadcasts", "cancel", "spring"}).code, 0) << "once is enough";
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Broadcast, TriesItsSubjectsFirst) {
  EXPECT_EQ(start({"--subject", "One, {{first_name}}", "--subject", "Two", "--sample", "99"}).code, 0);
  const auto sending = shown_as("done");
  ASSERT_THAT(sending["subjects"], SizeIs(2));
  EXPECT_EQ(sending["by"], "opens");
  for (const auto& mail : mails())
    EXPECT_THAT(mail, testing::AnyOf(HasSubstr("Subject: One, "), HasSubstr("Subject: Two")));
}

}  // namespace
}  // namespace leadhub::e2e
