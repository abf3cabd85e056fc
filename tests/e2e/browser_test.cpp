// A person at a browser. Screenshots go to $LEADHUB_SCREENSHOTS, where that is set.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "browser.hpp"
#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using ::testing::HasSubstr;

constexpr auto signup = R"(  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.requested
      title: Engine News
      fields: {email: {to: email, required: true, label: E-mail}}
      consent: [{field: accept, purpose: marketing_email, text: "Send me Engine News, about one mail a week."}]
      thanks: Please look into your mailbox.
      double_opt_in: {expires: 48h, resend_after: 1h}
)";

/// The example's website channel, and another website on this machine: where people are thanked, and whose
/// page embeds the form.
class FormInABrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_browser()) GTEST_SKIP() << "chromedriver is missing: install chromium-driver";
    other_site_.Get("/thanks", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("<!doctype html><title>Thanks</title><h1>Thank you</h1>", "text/html");
    });
    other_site_.Get("/page", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(
          "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
          "<title>A page</title><h1>Our engines</h1><p>Ask us.</p><script src='" +
              hub_url_ + "/f/website.js' async></script>",
          "text/html; charset=utf-8");
    });
    other_port_ = other_site_.bind_to_any_port("127.0.0.1");
    server_ = std::thread{[this] { other_site_.listen_after_bind(); }};
    const int port = free_port();
    hub_url_ = "http://127.0.0.1:" + std::to_string(port);
    const auto other = "http://127.0.0.1:" + std::to_string(other_port_);
    auto config =
        replaced(example_config(), "listen: 127.0.0.1:0", "listen: 127.0.0.1:" + std::to_string(port));
    config = replaced(config, "public_url: http://localhost:8080", "public_url: " + hub_url_);
    config = replaced(config, "\"https://www.example.com\"", "\"" + other + "\"");
    config = replaced(config, "thank_you: https://www.example.com/thanks", "thank_you: " + other + "/thanks");
    config = replaced(config, "\nchannels:\n", std::string{"\nchannels:\n"} + signup);
    hub_ = std::make_unique<HubProcess>(config);
    hub_->start();
  }

  /// The link in the only mail that the hub has sent.
  [[nodiscard]] std::string link_in_mail() const {
    for (int tries = 0; tries < 100; ++tries) {
      std::error_code error;
      for (const auto& file : std::filesystem::directory_iterator{hub_->folder() / "data" / "mail", error}) {
        if (file.path().extension() != ".eml") continue;
        const auto text = std::regex_replace(read_file(file.path()), std::regex{"=\r?\n"}, "");
        std::smatch match;
        if (std::regex_search(text, match, std::regex{hub_url_ + "/c/[A-Za-z0-9._-]+"})) return match[0];
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    ADD_FAILURE() << "no mail came";
    return hub_url_;
  }

  void TearDown() override {
    hub_.reset();
    other_site_.stop();
    if (server_.joinable()) server_.join();
  }

  [[nodiscard]] Json lead(const std::string& who) const { return Json::parse(hub_->lead(who)); }

  httplib::Server other_site_;
  std::thread server_;
  int other_port_ = 0;
  std::string hub_url_;
  std::unique_ptr<HubProcess> hub_;
};

/// People need more than spam.min_seconds.
void take_ones_time() {
  std::this_thread::sleep_for(std::chrono::milliseconds{2'200});
}

TEST_F(FormInABrowser, IsFilledInRedirectsAndGivesALead) {
  Browser browser{1280, 900};
  browser.open(hub_url_ + "/f/website?utm_source=newsletter&gclid=Cj0");
  browser.take_screenshot("form-desktop");
  browser.type("[name=your-email]", "Ada.Lovelace@Example.COM");
  browser.type("[name=your-name]", "Ada Lovelace");
  browser.type("[name=tel]", "020 7946 0958");
  browser.type("[name=size]", "250");
  browser.type("[name=about]", "An engine, please.");
  browser.click("[name=accept]");
  take_ones_time();
  browser.click("button[type=submit]");
  EXPECT_TRUE(browser.becomes_true("location.pathname == '/thanks' && document.title == 'Thanks'"));
  const auto found = lead("ada.lovelace@example.com");
  EXPECT_EQ(found["phone"], "+442079460958");
  EXPECT_EQ(found["consents"].size(), 1U);
  EXPECT_EQ(found["attribution"]["first"]["utm_source"], "newsletter");
  EXPECT_EQ(found["attribution"]["first"]["gclid"], "Cj0");
  EXPECT_EQ(found["timeline"].size(), 1U);
}

TEST_F(FormInABrowser, ConfirmsASubscriptionAtTheLinkOfTheMail) {
  Browser browser{390, 844};
  browser.open(hub_url_ + "/f/signup");
  browser.type("[name=email]", "ada@example.com");
  browser.click("[name=accept]");
  browser.click("button[type=submit]");
  EXPECT_TRUE(browser.becomes_true("document.body.innerText.includes('mailbox')"));
  EXPECT_EQ(lead("ada@example.com")["stage"], "captured");

  browser.open(link_in_mail());
  browser.take_screenshot("confirm-phone");
  EXPECT_TRUE(browser.becomes_true("document.documentElement.scrollWidth <= innerWidth"));
  EXPECT_THAT(browser.run("return document.body.innerText").get<std::string>(), HasSubstr("Engine News"));
  EXPECT_EQ(lead("ada@example.com")["stage"], "captured") << "looking confirms nothing";
  browser.click("button");
  EXPECT_TRUE(browser.becomes_true("document.body.innerText.includes('You are in')"));
  browser.take_screenshot("confirmed-phone");
  Json found;
  for (int tries = 0; tries < 100 && found["stage"] != "registered"; ++tries) found = lead("ada@example.com");
  EXPECT_EQ(found["stage"], "registered");
  EXPECT_THAT(found["consents"][1]["user_agent"].get<std::string>(), HasSubstr("Chrome"));

  const auto links = Json::parse(hub_->run({"leads", "links", "ada@example.com", "--json"}).out);
  browser.open(links["preferences"]);
  browser.take_screenshot("preferences-phone");
  EXPECT_TRUE(browser.becomes_true("document.querySelector('[name=purpose]').checked"));
  EXPECT_TRUE(browser.becomes_true("document.documentElement.scrollWidth <= innerWidth"));
  browser.click("[name=purpose]");
  browser.click("button:not([name])");
  EXPECT_TRUE(browser.becomes_true("document.body.innerText.includes('Saved')"));
  const auto withdrawn = [&] { return lead("ada@example.com")["permissions"][0]["verdict"] == "withdrawn"; };
  for (int tries = 0; tries < 100 && !withdrawn(); ++tries) {
  }
  EXPECT_TRUE(withdrawn());
  browser.open(links["unsubscribe"]);
  browser.take_screenshot("unsubscribe-phone");
  browser.click("button");
  EXPECT_TRUE(browser.becomes_true("document.body.innerText.includes('You are unsubscribed')"));
}

TEST_F(FormInABrowser, ComesBackReadableWithWhatWasTyped) {
  Browser browser{390, 844};
  browser.open(hub_url_ + "/f/website");
  browser.take_screenshot("form-phone");
  EXPECT_TRUE(browser.becomes_true("document.documentElement.scrollWidth <= innerWidth"))
      << "nothing sticks out";
  browser.type("[name=your-name]", "Grace <b> Hopper");
  browser.click("button[type=submit]");
  EXPECT_TRUE(browser.becomes_true("document.querySelector('[name=your-email]:invalid')"))
      << "the browser's check";
  browser.run("document.querySelector('form').noValidate = true");
  browser.click("button[type=submit]");
  ASSERT_TRUE(browser.becomes_true("document.querySelector('.problems')"));
  browser.take_screenshot("problem-phone");
  EXPECT_THAT(browser.run("return document.querySelector('.problems').innerText").get<std::string>(),
              HasSubstr("E-mail is required"));
  EXPECT_EQ(browser.run("return document.querySelector('[name=your-name]').value"), "Grace <b> Hopper");
  EXPECT_EQ(browser.run("return document.querySelector('[name=your-email]').getAttribute('aria-invalid')"),
            "true");
  browser.type("[name=your-email]", "grace@example.com");
  take_ones_time();
  browser.click("button[type=submit]");
  EXPECT_TRUE(browser.becomes_true("location.pathname == '/thanks'"));
  EXPECT_EQ(lead("grace@example.com")["name"], "Grace <b> Hopper");
}

TEST_F(FormInABrowser, WorksInThePageOfAnotherOrigin) {
  Browser browser{390, 844};
  const auto shadow = "[...document.querySelectorAll('div')].find(d => d.shadowRoot).shadowRoot";
  browser.open("http://127.0.0.1:" + std::to_string(other_port_) + "/page?utm_campaign=spring");
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.take_screenshot("embedded-phone");
  browser.type("[name=your-email]", "mary@example.com", shadow);
  browser.type("[name=size]", "12", shadow);
  take_ones_time();
  browser.click("button", shadow);
  ASSERT_TRUE(browser.becomes_true(std::string{shadow} +
                                   ".querySelector('[role=status]').innerText.includes('Thank')"));
  browser.take_screenshot("embedded-thanks-phone");
  const auto found = lead("mary@example.com");
  EXPECT_EQ(found["attributes"]["company_size"], 12);
  EXPECT_EQ(found["attribution"]["first"]["utm_campaign"], "spring");
}

}  // namespace
}  // namespace leadhub::e2e
