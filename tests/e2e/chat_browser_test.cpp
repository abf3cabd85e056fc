// The web chat as people meet it, in Chromium: on the page of another website.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "browser.hpp"
#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

const std::string tab = "\uE004";
const std::string enter = "\uE007";
const std::string escape = "\uE00C";

/// The shadow root of the widget.
const std::string widget = "[...document.querySelectorAll('div')].find(d => d.shadowRoot).shadowRoot";

class ChatInABrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_browser()) GTEST_SKIP() << "chromedriver is missing: install chromium-driver";
    const int port = free_port();
    hub_url_ = "http://127.0.0.1:" + std::to_string(port);
    other_site_.Get("/page", [this](const httplib::Request&, httplib::Response& response) {
      // As strict as a website can be.
      response.set_header("Content-Security-Policy", "default-src 'none'; script-src " + hub_url_ +
                                                         "; connect-src " + hub_url_ + "; style-src 'none'");
      response.set_content(
          "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
          "<title>A page</title><h1>Our engines</h1><p>They compute.</p><script src='" +
              hub_url_ + "/f/help.js' async></script>",
          "text/html; charset=utf-8");
    });
    const int other_port = other_site_.bind_to_any_port("127.0.0.1");
    page_ = "http://127.0.0.1:" + std::to_string(other_port) + "/page";
    server_ = std::thread{[this] { other_site_.listen_after_bind(); }};
    auto config =
        replaced(example_config(), "listen: 127.0.0.1:0", "listen: 127.0.0.1:" + std::to_string(port));
    config = replaced(config, "public_url: http://localhost:8080", "public_url: " + hub_url_);
    const Json chat{
        {"provider", "web"},
        {"title", "Ask us"},
        {"greeting", "Hello! What would you like to know about our engines?"},
        {"pre_chat", {"name", "email"}},
        {"consent", {{{"field", "news"}, {"purpose", "marketing_email"}, {"text", "Send me Engine News."}}}},
        {"origins", {"http://127.0.0.1:" + std::to_string(other_port)}}};
    hub_ = std::make_unique<HubProcess>(replaced(
        config, "\nchannels:\n", "\nchannels:\n  help: {plugin: chat, config: " + chat.dump() + "}\n"));
    hub_->start();
  }

  void TearDown() override {
    hub_.reset();
    other_site_.stop();
    if (server_.joinable()) server_.join();
  }

  [[nodiscard]] Json lead(const std::string& who) const { return Json::parse(hub_->lead(who)); }
  /// How often a text stands in the log of the widget, without what waits to be sent.
  static std::string count(const std::string& text, const std::string& selector = "p:not(.waiting)") {
    return "[..." + widget + ".querySelectorAll('[role=log] " + selector +
           "')].filter(p => p.textContent.includes(" + Json(text).dump() + ")).length";
  }
  static std::string focused() { return widget + ".activeElement"; }

  httplib::Server other_site_;
  std::thread server_;
  std::string hub_url_;
  std::string page_;
  std::unique_ptr<HubProcess> hub_;
};

TEST_F(ChatInABrowser, BeginsIsAnsweredAndGoesOnAfterAReload) {
  Browser browser{1280, 900};
  browser.open(page_ + "?utm_campaign=spring");
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.take_screenshot("chat-closed-desktop");
  browser.click(".launcher", widget);
  EXPECT_EQ(browser.run("return " + widget + ".querySelector('.launcher').getAttribute('aria-expanded')"),
            "true");
  browser.take_screenshot("chat-open-desktop");
  browser.type("#name", "Ada Lovelace", widget);
  browser.type("#email", "ada@example.com", widget);
  browser.click("#news", widget);
  browser.type("#text", "Do you ship to Scotland?", widget);
  browser.click(".send", widget);
  ASSERT_TRUE(browser.becomes_true(count("Scotland") + " == 1"));
  const auto found = lead("ada@example.com");
  EXPECT_EQ(found["name"], "Ada Lovelace");
  EXPECT_EQ(found["timeline"][0]["type"], "chat.started");
  EXPECT_EQ(found["timeline"][1]["type"], "chat.message");
  EXPECT_EQ(found["attribution"]["first"]["utm_campaign"], "spring");
  EXPECT_EQ(found["consents"][0]["text"], "Send me Engine News.");

  ASSERT_EQ(
      hub_->run({"leads", "reply", "ada@example.com", "Yes, we do. Where to, exactly?\nEdinburgh?"}).code, 0);
  ASSERT_TRUE(browser.becomes_true(count("Where to, exactly?", "p.us") + " == 1"));
  browser.type("#text", "Yes, Edinburgh <b>Leith</b>" + enter, widget);
  ASSERT_TRUE(browser.becomes_true(count("<b>Leith</b>") + " == 1")) << "what is typed is text";
  browser.take_screenshot("chat-answered-desktop");

  browser.type("#text", "A thought not yet", widget);
  browser.run("location.reload()");
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.click(".launcher", widget);
  ASSERT_TRUE(browser.becomes_true(count("Where to, exactly?", "p.us") + " == 1"));
  EXPECT_EQ(browser.run("return " + widget + ".querySelector('#text').value"), "A thought not yet");
  EXPECT_EQ(browser.run("return " + widget + ".querySelector('.first').hidden"), true)
      << "nobody is asked twice";
  EXPECT_EQ(browser.run("return " + count("Scotland")), 1);
  browser.emulate_media("prefers-color-scheme", "dark");
  browser.take_screenshot("chat-dark-desktop");
}

TEST_F(ChatInABrowser, IsUsedByTheKeyboardAlone) {
  Browser browser{390, 844};
  browser.open(page_);
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.press(tab + enter);
  EXPECT_TRUE(browser.becomes_true(focused() + ".id == 'name'")) << "the focus moves in";
  browser.take_screenshot("chat-open-phone");
  EXPECT_TRUE(browser.becomes_true("document.documentElement.scrollWidth <= innerWidth"));
  browser.press("Grace" + tab + "not an address" + tab + tab + "Hello" + enter);
  EXPECT_TRUE(browser.becomes_true(focused() + ".id == 'email'")) << "where something is wrong";
  EXPECT_EQ(browser.run("return " + focused() + ".getAttribute('aria-invalid')"), "true");
  const auto note = browser.run("return " + widget + ".getElementById(" + focused() +
                                ".getAttribute('aria-describedby')).textContent");
  EXPECT_NE(note, "");
  browser.take_screenshot("chat-problem-phone");
  browser.run(focused() + ".select()");
  browser.press("grace@example.com" + tab + tab + enter);
  ASSERT_TRUE(browser.becomes_true(count("Hello", "p.you:not(.waiting)") + " == 1"));
  EXPECT_TRUE(browser.becomes_true(focused() + ".id == 'text'")) << "the next message";
  EXPECT_EQ(lead("grace@example.com")["name"], "Grace");
  ASSERT_EQ(hub_->run({"leads", "reply", "grace@example.com", "Good morning, Grace."}).code, 0);
  ASSERT_TRUE(browser.becomes_true(count("Good morning, Grace.") + " == 1"));
  browser.take_screenshot("chat-answered-phone");
  browser.press(escape);
  EXPECT_TRUE(browser.becomes_true(focused() + ".className == 'launcher'")) << "and the focus comes back";
  EXPECT_EQ(browser.run("return " + widget + ".querySelector('[role=dialog]').hidden"), true);
}

TEST_F(ChatInABrowser, KeepsWhatCannotBeSentAndSendsItOnce) {
  Browser browser{390, 844};
  browser.open(page_);
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.click(".launcher", widget);
  browser.type("#name", "Mary", widget);
  browser.type("#email", "mary@example.com", widget);
  browser.type("#text", "First" + enter, widget);
  ASSERT_TRUE(browser.becomes_true(count("First", "p.you:not(.waiting)") + " == 1"));
  EXPECT_EQ(hub_->stop(), 0);
  browser.type("#text", "While you were away" + enter, widget);
  ASSERT_TRUE(
      browser.becomes_true(widget + ".querySelector('[role=status]').textContent.includes('kept here')"));
  browser.take_screenshot("chat-offline-phone");
  EXPECT_EQ(browser.run("return " + count("While you were away", "p.waiting")), 1);
  hub_->start();
  ASSERT_TRUE(browser.becomes_true(count("While you were away", "p.you:not(.waiting)") + " == 1"));
  EXPECT_TRUE(browser.becomes_true(widget + ".querySelector('[role=status]').textContent == ''"));
  Json found = lead("mary@example.com");
  for (int tries = 0; tries < 100 && found["timeline"].size() < 3; ++tries) found = lead("mary@example.com");
  EXPECT_EQ(found["timeline"].size(), 3U) << "started, and two messages";
}

TEST_F(ChatInABrowser, HasAPageOfItsOwn) {
  Browser browser{390, 844};
  browser.open(hub_url_ + "/f/help");
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.take_screenshot("chat-page-phone");
  EXPECT_TRUE(browser.becomes_true("document.documentElement.scrollWidth <= innerWidth"));
  browser.type("#name", "Ada", widget);
  browser.type("#email", "ada@example.com", widget);
  browser.type("#text", "From the page" + enter, widget);
  ASSERT_TRUE(browser.becomes_true(count("From the page", "p.you:not(.waiting)") + " == 1"));
  EXPECT_EQ(lead("ada@example.com")["timeline"][1]["type"], "chat.message");
}

}  // namespace
}  // namespace leadhub::e2e
