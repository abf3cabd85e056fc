#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.requested
      fields: {email: {to: email, required: true}, name: {to: name}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
      thanks: Please look into your mailbox.
      double_opt_in: {expires: EXPIRES, resend_after: RESEND}
)";

std::string config(const std::string& expires = "48h", const std::string& resend = "1h") {
  auto channel = replaced(replaced(signup, "EXPIRES", expires), "RESEND", resend);
  return replaced(example_config(), "\nchannels:\n", "\nchannels:" + channel);
}

class OptIn : public testing::Test {
 protected:
  void start(const std::string& text) {
    hub_ = std::make_unique<HubProcess>(text);
    hub_->start();
  }

  [[nodiscard]] httplib::Client edge() const { return httplib::Client{"127.0.0.1", hub_->edge_port()}; }

  void sign_up(const std::string& email) const {
    const auto answer = edge().Post("/in/signup", "email=" + email + "&name=Ada&accept=yes",
                                    "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
  }

  [[nodiscard]] std::vector<std::string> mails() const {
    std::vector<std::string> found;
    const auto folder = hub_->folder() / "data" / "mail";
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator{folder, error})
      if (file.path().extension() == ".eml") found.push_back(read_file(file.path()));
    return found;
  }

  /// Waits until there are so many.
  [[nodiscard]] std::vector<std::string> mails(std::size_t count) const {
    for (int tries = 0; tries < 500; ++tries) {
      auto found = mails();
      if (found.size() >= count) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    ADD_FAILURE() << "there are " << mails().size() << " mails, not " << count;
    return mails();
  }

  /// The path of the link in a mail, whose lines may be folded by quoted-printable.
  [[nodiscard]] static std::string link_in(const std::string& mail) {
    const auto text = std::regex_replace(mail, std::regex{"=\r?\n"}, "");
    std::smatch match;
    if (!std::regex_search(text, match, std::regex{R"(http://localhost:8080(/c/[A-Za-z0-9._-]+))"}))
      ADD_FAILURE() << text;
    return match[1];
  }

  [[nodiscard]] Json lead(const std::string& who) const { return Json::parse(hub_->lead(who)); }

  std::unique_ptr<HubProcess> hub_;
};

TEST_F(OptIn, SendsNothingWhileSendingIsPaused) {
  start(config());
  const auto paused = hub_->run({"sending", "pause"});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_EQ(paused.out, "sending: paused\n");
  sign_up("ada%40example.com");
  static_cast<void>(lead("ada@example.com"));
  hub_->stop();
  hub_->start();
  EXPECT_THAT(hub_->printed(), HasSubstr("Sending is paused: an operator said so."));
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_THAT(mails(), IsEmpty());

  EXPECT_EQ(hub_->run({"sending", "resume"}).out, "sending: on\n");
  EXPECT_THAT(mails(1).front(), HasSubstr("Please confirm"));
  httplib::Client control{"127.0.0.1", hub_->control_port()};
  const auto status = control.Get("/api/v1/status", {{"Authorization", "Bearer " + hub_->token()}});
  ASSERT_TRUE(status);
  EXPECT_EQ(Json::parse(status->body)["sending"]["state"], "on");
}

TEST_F(OptIn, MakesALeadRegisteredWhenTheButtonIsPressed) {
  start(config());
  sign_up("Ada.Lovelace%40Example.com");
  const auto mail = mails(1).front();
  EXPECT_THAT(mail, HasSubstr("Please confirm"));
  EXPECT_THAT(mail, HasSubstr("Ada.Lovelace@"));
  EXPECT_THAT(mail, HasSubstr("Send me Engine News."));
  auto before = lead("ada.lovelace@example.com");
  for (int tries = 0; tries < 500 && before["messages"][0]["state"] != "sent"; ++tries)
    before = lead("ada.lovelace@example.com");
  EXPECT_EQ(before["messages"][0]["state"], "sent");
  EXPECT_EQ(before["messages"][0]["address"], "Ada.Lovelace@Example.com");
  EXPECT_EQ(before["stage"], "captured");
  EXPECT_EQ(before["consents"][0]["state"], "requested");

  const auto link = link_in(mail);
  for (int i = 0; i < 3; ++i) {  // a scanner opens every link
    const auto page = edge().Get(link);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_THAT(page->body, HasSubstr("<button"));
  }
  EXPECT_EQ(lead("ada.lovelace@example.com"), before);

  const auto confirmed = edge().Post(link, {{"User-Agent", "Difference Engine"}}, "", "text/plain");
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->status, 200);
  EXPECT_THAT(confirmed->body, HasSubstr("You are in"));

  Json after;
  for (int tries = 0; tries < 100 && after["stage"] != "registered"; ++tries)
    after = lead("ada.lovelace@example.com");
  EXPECT_EQ(after["stage"], "registered");
  EXPECT_FALSE(after["stages"]["registered"].is_null());
  ASSERT_EQ(after["timeline"].size(), 2U);
  EXPECT_EQ(after["timeline"][1]["type"], "newsletter.subscribed");
  ASSERT_EQ(after["consents"].size(), 2U);
  const auto proof = after["consents"][1];
  EXPECT_EQ(proof["state"], "granted");
  EXPECT_EQ(proof["text"], "Send me Engine News.");
  EXPECT_FALSE(proof["text_sha256"].is_null());
  EXPECT_EQ(proof["ip"], "127.0.0.1");
  EXPECT_EQ(proof["user_agent"], "Difference Engine");
  EXPECT_EQ(proof["confirms"], after["timeline"][0]["source"]);
  EXPECT_EQ(after["contact_points"][0]["verdict"], "valid");
  EXPECT_FALSE(after["contact_points"][0]["verified_at"].is_null());
}

TEST_F(OptIn, SendsNothingToASuppressedAddressAndSaysWhy) {
  start(config());
  const auto added = hub_->run({"suppressions", "add", "Ada@Example.com"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(added.out, "ada@example.com: gets no mail any more\n");
  EXPECT_THAT(hub_->run({"suppressions", "list"}).out, HasSubstr("ada@example.com  operator"));
  sign_up("ada%40example.com");
  auto shown = lead("ada@example.com");
  for (int tries = 0; tries < 500 && shown["messages"][0]["state"] != "withheld"; ++tries)
    shown = lead("ada@example.com");
  EXPECT_EQ(shown["messages"][0]["state"], "withheld");
  EXPECT_EQ(shown["messages"][0]["detail"], "the address is suppressed: operator");
  EXPECT_EQ(shown["suppressions"][0]["reason"], "operator");
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_EQ(hub_->run({"suppressions", "remove", "ada@example.com"}).out,
            "ada@example.com: gets mails again\n");
  EXPECT_THAT(lead("ada@example.com")["suppressions"], IsEmpty());
  EXPECT_EQ(hub_->run({"suppressions", "add", "nobody"}).code, 1);
}

TEST_F(OptIn, SubscribesToTheNewsletterOfTheExampleByItsHostedForm) {
  start(example_config());
  const auto form = edge().Get("/f/news");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->status, 200);
  EXPECT_THAT(form->body, HasSubstr("Send me Engine News, about one mail a week. I can leave at any time."));
  std::smatch token;
  ASSERT_TRUE(std::regex_search(form->body, token, std::regex{"name=\"_leadhub_token\" value=\"([^\"]+)\""}));
  const httplib::Params typed{{"email", "Ada.Lovelace@Example.com"},
                              {"name", "Ada Lovelace"},
                              {"consent", "yes"},
                              {"_leadhub_token", token[1]}};
  for (int i = 0; i < 2; ++i) {  // a double click
    const auto thanks = edge().Post("/in/news", typed);
    ASSERT_TRUE(thanks);
    EXPECT_EQ(thanks->status, 200);
    EXPECT_THAT(thanks->body, HasSubstr("look into your mailbox"));
  }
  const auto mail = mails(1).front();
  EXPECT_THAT(mail, HasSubstr("Send me Engine News"));
  EXPECT_EQ(lead("ada.lovelace@example.com")["stage"], "captured");
  EXPECT_EQ(edge().Post(link_in(mail))->status, 200);
  Json after;
  for (int tries = 0; tries < 100 && after["stage"] != "registered"; ++tries)
    after = lead("ada.lovelace@example.com");
  EXPECT_EQ(after["stage"], "registered");
  ASSERT_EQ(after["timeline"].size(), 2U);
  EXPECT_EQ(after["timeline"][0]["type"], "newsletter.requested");
  EXPECT_EQ(after["timeline"][1]["type"], "newsletter.subscribed");
  EXPECT_EQ(after["consents"][1]["purpose"], "marketing_email");
  EXPECT_EQ(after["consents"][1]["state"], "granted");
  EXPECT_EQ(after["attributes"]["list"], "engine-news");
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(OptIn, SubscribesByJsonWithoutABox) {
  start(example_config());
  const auto taken =
      edge().Post("/in/news", R"({"email": "ada@example.com", "name": "Ada Lovelace"})", "application/json");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->status, 200);
  EXPECT_EQ(edge().Post(link_in(mails(1).front()))->status, 200);
  Json after;
  for (int tries = 0; tries < 100 && after["stage"] != "registered"; ++tries) after = lead("ada@example.com");
  EXPECT_EQ(after["stage"], "registered");
}

TEST_F(OptIn, RegistersWhoAskedAtAnAddressThatSeveralShare) {
  start(config("48h", "1s"));
  for (const auto* name : {"Ada+Lovelace", "Charles+Babbage"}) {
    EXPECT_EQ(edge()
                  .Post("/in/signup", "email=info%40engines.example.com&accept=yes&name=" + std::string{name},
                        "application/x-www-form-urlencoded")
                  ->status,
              200);
    std::this_thread::sleep_for(std::chrono::milliseconds{1'100});  // a second mail to the address
  }
  const auto both = mails(2);
  for (const auto& mail : both) EXPECT_EQ(edge().Post(link_in(mail))->status, 200);
  Json leads;
  for (int tries = 0; tries < 200; ++tries) {
    leads = Json::parse(hub_->run({"leads", "list", "--stage", "registered", "--json"}).out)["items"];
    if (leads.size() == 2) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  ASSERT_EQ(leads.size(), 2U);
  EXPECT_THAT((std::vector<std::string>{leads[0]["name"], leads[1]["name"]}),
              testing::UnorderedElementsAre("Ada Lovelace", "Charles Babbage"));
}

TEST_F(OptIn, ConfirmsOnceHoweverOftenTheButtonIsPressed) {
  start(config());
  sign_up("ada%40example.com");
  const auto link = link_in(mails(1).front());
  EXPECT_THAT(edge().Post(link)->body, HasSubstr("You are in"));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(edge().Post(link)->body, HasSubstr("confirmed this already"));
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_THAT(edge().Get(link)->body, HasSubstr("confirmed this already"));
  EXPECT_EQ(lead("ada@example.com")["timeline"].size(), 2U);
}

TEST_F(OptIn, SendsOneMailInAWhileAndNoneToWhoHasConfirmed) {
  start(config("48h", "1s"));
  for (int i = 0; i < 3; ++i) sign_up("ada%40example.com");
  const auto link = link_in(mails(1).front());
  std::this_thread::sleep_for(std::chrono::milliseconds{1'100});
  EXPECT_THAT(mails(), SizeIs(1)) << "three requests at once are one mail";
  sign_up("ada%40example.com");
  EXPECT_THAT(mails(2), SizeIs(2)) << "who asks again later gets another one";
  EXPECT_EQ(edge().Post(link)->status, 200);
  std::this_thread::sleep_for(std::chrono::milliseconds{1'300});
  sign_up("ada%40example.com");
  std::this_thread::sleep_for(std::chrono::milliseconds{600});
  EXPECT_THAT(mails(), SizeIs(2)) << "who has confirmed is not asked again";
}

TEST_F(OptIn, OffersANewMailWhereTheLinkHasExpired) {
  start(config("1s", "1s"));
  sign_up("ada%40example.com");
  const auto link = link_in(mails(1).front());
  std::this_thread::sleep_for(std::chrono::milliseconds{2'100});
  const auto expired = edge().Get(link);
  EXPECT_EQ(expired->status, 410);
  EXPECT_THAT(expired->body, HasSubstr("?again"));
  EXPECT_EQ(edge().Post(link)->status, 410) << "expired links confirm nobody";
  EXPECT_EQ(lead("ada@example.com")["stage"], "captured");
  EXPECT_THAT(edge().Post(link + "?again")->body, HasSubstr("on its way"));
  EXPECT_THAT(mails(2), SizeIs(2));
}

TEST_F(OptIn, KnowsNoLinkThatItDidNotSign) {
  start(config());
  sign_up("ada%40example.com");
  const auto link = link_in(mails(1).front());
  HubProcess other{config()};
  other.start();
  const std::vector<std::string> wrong{"/c/",
                                       "/c/x",
                                       link + "x",
                                       link.substr(0, link.size() - 1),
                                       link + "/..",
                                       "/c/" + std::string(4'000, 'a'),
                                       "/c/1.1.0.99999999999.AAAAAAAAAAAAAAAAAAAAAA"};
  for (const auto& path : wrong)
    for (const bool posts : {false, true}) {
      const auto answer = posts ? edge().Post(path) : edge().Get(path);
      ASSERT_TRUE(answer) << path;
      EXPECT_EQ(answer->status, 404) << path;
      EXPECT_THAT(answer->body, HasSubstr("does not work"));
    }
  httplib::Client elsewhere{"127.0.0.1", other.edge_port()};
  EXPECT_EQ(elsewhere.Post(link)->status, 404) << "another hub's link";
  EXPECT_EQ(edge().Delete(link)->status, 405);
  EXPECT_EQ(lead("ada@example.com")["stage"], "captured");
}

class Preferences : public OptIn {
 protected:
  /// Ada, who has confirmed, and where she decides.
  void SetUp() override {
    start(config());
    sign_up("ada%40example.com");
    ASSERT_TRUE(edge().Post(link_in(mails(1).front())));
    await_verdict("allowed");
    links_ = Json::parse(hub_->run({"leads", "links", "ada@example.com", "--json"}).out);
  }

  [[nodiscard]] static std::string path_of(const std::string& url) {
    return url.substr(std::string_view{"http://localhost:8080"}.size());
  }
  [[nodiscard]] std::string verdict() const {
    const auto shown = lead("ada@example.com");
    for (const auto& permission : shown["permissions"])
      if (permission["purpose"] == "marketing_email") return permission["verdict"];
    return "none";
  }
  void await_verdict(const std::string& wanted) const {
    for (int tries = 0; tries < 200 && verdict() != wanted; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    EXPECT_EQ(verdict(), wanted);
  }
  [[nodiscard]] httplib::Result post(const std::string& url, const std::string& body) const {
    return edge().Post(path_of(url), body, "application/x-www-form-urlencoded");
  }

  Json links_;
};

TEST_F(Preferences, UnsubscribeWithOneClickAndNotByLooking) {
  const std::string url = links_["unsubscribe_from"]["marketing_email"];
  for (int i = 0; i < 3; ++i) {  // a scanner opens every link
    const auto page = edge().Get(path_of(url));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_THAT(page->body, HasSubstr("Send me Engine News."));
  }
  EXPECT_EQ(verdict(), "allowed");
  for (int i = 0; i < 3; ++i) {  // RFC 8058, by a mail program that is not sure
    const auto done = post(url, "List-Unsubscribe=One-Click");
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, 200);
    EXPECT_THAT(done->body, HasSubstr("You are unsubscribed"));
  }
  await_verdict("withdrawn");
  const auto shown = lead("ada@example.com");
  EXPECT_EQ(shown["timeline"].back()["type"], "email.unsubscribed");
  EXPECT_EQ(shown["timeline"].back()["channel"], "preferences");
}

TEST_F(Preferences, AreGivenAndTakenBackInTheCentre) {
  const std::string url = links_["preferences"];
  const auto page = edge().Get(path_of(url));
  ASSERT_TRUE(page);
  EXPECT_THAT(page->body, AllOf(HasSubstr("checked> Send me Engine News."), Not(HasSubstr("ada@"))));
  std::smatch mark;
  ASSERT_TRUE(std::regex_search(page->body, mark, std::regex{"name=\"purpose\" value=\"([^\"]+)\""}));

  EXPECT_EQ(post(url, "purpose=" + mark[1].str())->status, 200);
  EXPECT_EQ(lead("ada@example.com")["timeline"].size(), 2U) << "nothing changed";
  EXPECT_EQ(post(url, "")->status, 200);
  await_verdict("withdrawn");
  EXPECT_THAT(edge().Get(path_of(url))->body, Not(HasSubstr("checked>")));
  EXPECT_EQ(post(url, "purpose=" + mark[1].str())->status, 200);
  await_verdict("allowed");
  const auto granted = lead("ada@example.com")["consents"].back();
  EXPECT_EQ(granted["text"], "Send me Engine News.");
  EXPECT_EQ(granted["ip"], "127.0.0.1");
  EXPECT_EQ(post(url, "everything=no&purpose=" + mark[1].str())->status, 200);
  await_verdict("withdrawn");
}

TEST_F(Preferences, KnowNoLinkThatTheHubDidNotSignOrOfTheOtherKind) {
  const auto centre = path_of(links_["preferences"]);
  const auto unsubscribe = path_of(links_["unsubscribe"]);
  for (const auto& path :
       {"/u/" + centre.substr(3), "/p/" + unsubscribe.substr(3), unsubscribe + "a",
        unsubscribe.substr(0, unsubscribe.size() - 1), std::string{"/u/"}, std::string{"/p/x"}}) {
    EXPECT_EQ(edge().Get(path)->status, 404) << path;
    EXPECT_EQ(edge().Post(path)->status, 404) << path;
  }
  EXPECT_EQ(edge().Delete(unsubscribe)->status, 405);
  EXPECT_EQ(verdict(), "allowed");
}

TEST_F(Preferences, TellAnErasedPersonThatNothingIsLeft) {
  EXPECT_EQ(hub_->run({"leads", "erase", "ada@example.com", "--yes"}).code, 0);
  const auto page = post(links_["unsubscribe"], "List-Unsubscribe=One-Click");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("You get no mails from us"));
}

TEST_F(OptIn, KeepsItsPagesPlainAndPrivate) {
  start(config());
  sign_up("ada%40example.com");
  const auto page = edge().Get(link_in(mails(1).front()));
  EXPECT_EQ(page->get_header_value("cache-control"), "no-store");
  EXPECT_EQ(page->get_header_value("referrer-policy"), "no-referrer");
  EXPECT_THAT(page->get_header_value("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page->body, Not(HasSubstr("ada@example.com")));
  EXPECT_THAT(page->body, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace leadhub::e2e
