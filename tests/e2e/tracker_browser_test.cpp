// The tracker on a website with a strict Content-Security-Policy, in a real browser.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "browser.hpp"
#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using ::testing::UnorderedElementsAre;

constexpr auto visited = "/^leadhub_visitor=[0-9a-f]{32}$/.test(document.cookie)";
constexpr auto loaded = "typeof leadhub === 'function'";

/// A website of another origin than the hub's: pages with the tracker, with a form, and with the hub's own
/// embedded form.
class Website : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_browser()) GTEST_SKIP() << "chromedriver is missing: install chromium-driver";
    page("/landing", "<a href='/files/Engine.PDF' download>Our engines</a><a href='/landing'>Here</a>");
    page("/form",
         "<form method=post action='HUB/in/website'><input name=your-email><input name=size>"
         "<button>Send</button></form>");
    page("/embedded", "<script src='HUB/f/website.js' async></script>");
    page("/agreed", "", "<script src='/agreed.js'></script>");
    serve("/agreed.js", "text/javascript",
          "window.leadhub = {q: [['consent', true], ['cart', {value: 1}]]};");
    page("/private", "", "<script src='/private.js'></script>");
    serve("/private.js", "text/javascript",
          "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});");
    serve("/files/Engine.PDF", "application/pdf", "%PDF-1.4");
    serve("/thanks", "text/html", "<!doctype html><title>Thanks</title>");
    const int port = site_.bind_to_any_port("127.0.0.1");
    url_ = "http://127.0.0.1:" + std::to_string(port);
    server_ = std::thread{[this] { site_.listen_after_bind(); }};
  }

  void TearDown() override {
    hub_.reset();
    site_.stop();
    if (server_.joinable()) server_.join();
  }

  /// The example's hub with the website as a channel, tracked.
  void start(const std::string& consent) {
    const int port = free_port();
    hub_url_ = "http://127.0.0.1:" + std::to_string(port);
    auto config =
        replaced(example_config(), "listen: 127.0.0.1:0", "listen: 127.0.0.1:" + std::to_string(port));
    config = replaced(config, "public_url: http://localhost:8080", "public_url: " + hub_url_);
    config = replaced(config, "\"https://www.example.com\"", "\"" + url_ + "\"");
    config = replaced(config, "thank_you: https://www.example.com/thanks", "thank_you: " + url_ + "/thanks");
    config = replaced(config, "\nchannels:\n",
                      "\nchannels:\n  shop:\n    plugin: webform\n    config: {provider: tracker, consent: " +
                          consent + ", origins: [\"" + url_ + "\"]}\n");
    hub_ = std::make_unique<HubProcess>(config);
    hub_->start();
  }

  /// The types of what the inbox holds of the tracker; waits until there are so many.
  [[nodiscard]] std::vector<std::string> tracked(std::size_t count) const {
    std::vector<std::string> types;
    for (int tries = 0; tries < 200 && (tries == 0 || types.size() < count); ++tries) {
      if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds{50});
      types.clear();
      const auto inbox = Json::parse(hub_->run({"inbox", "list", "--channel", "shop", "--json"}).out);
      for (const auto& entry : inbox.at("items"))
        for (const auto& event : entry.at("events")) types.push_back(event.at("type"));
    }
    return types;
  }

  /// The lead, once it has so many events.
  [[nodiscard]] Json lead(const std::string& who, std::size_t events) const {
    Json found = Json::object();
    for (int tries = 0; tries < 100; ++tries) {
      const auto said = hub_->run({"leads", "show", who, "--json"});
      if (said.code == 0) found = Json::parse(said.out);
      if (found.contains("timeline") && found["timeline"].size() >= events) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    ADD_FAILURE() << who << " has no " << events << " events: " << found.dump(1);
    return found;
  }

  static std::vector<std::string> types_of(const Json& lead) {
    std::vector<std::string> types;
    for (const auto& event : lead.at("timeline")) types.push_back(event.at("type"));
    return types;
  }

  /// Nothing in the browser, and nothing asked of the hub.
  void expect_silence(Browser& browser) const {
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    EXPECT_EQ(browser.run("return document.cookie"), "");
    EXPECT_EQ(browser.run("return sessionStorage.length + localStorage.length"), 0);
    EXPECT_EQ(browser.run("return performance.getEntriesByType('resource').filter("
                          "(one) => one.name.includes('/in/')).length"),
              0);
    EXPECT_TRUE(tracked(0).empty());
  }

  std::string url_, hub_url_;
  std::unique_ptr<HubProcess> hub_;

 private:
  void serve(const std::string& path, const std::string& type, const std::string& body) {
    site_.Get(path, [type, body](const httplib::Request&, httplib::Response& response) {
      response.set_content(body, type.c_str());
    });
  }

  void page(const std::string& path, const std::string& content, const std::string& before = {}) {
    site_.Get(path, [this, content, before](const httplib::Request&, httplib::Response& response) {
      std::string html = "<!doctype html><html lang=en><title>A page</title>" + before +
                         "<script src='HUB/f/shop.js' async></script>" + content;
      for (std::size_t at = html.find("HUB"); at != std::string::npos; at = html.find("HUB"))
        html.replace(at, 3, hub_url_);
      response.set_header("content-security-policy", "default-src 'none'; script-src 'self' " + hub_url_ +
                                                         "; connect-src " + hub_url_ +
                                                         "; form-action 'self' " + hub_url_);
      response.set_content(html, "text/html; charset=utf-8");
    });
  }

  httplib::Server site_;
  std::thread server_;
};

TEST_F(Website, IsVisitedAndTheVisitBecomesThatOfWhoSendsAForm) {
  start("not_required");
  Browser browser{1280, 900};
  browser.open(url_ + "/landing?utm_source=newsletter&gclid=Cj0&secret=1");
  ASSERT_TRUE(browser.becomes_true(visited));
  const auto cookie = browser.run("return document.cookie");
  browser.click("a[download]");
  browser.run("leadhub('cart', {value: 1200.5, currency: 'EUR', items: [{id: 'e-1', quantity: 2}]})");
  EXPECT_THAT(tracked(3), UnorderedElementsAre("page.viewed", "content.downloaded", "cart.updated"));

  browser.open(url_ + "/form");
  ASSERT_TRUE(browser.becomes_true(visited));
  EXPECT_EQ(browser.run("return document.cookie"), cookie);
  browser.type("[name=your-email]", "ada@example.com");
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  browser.click("button");
  ASSERT_TRUE(browser.becomes_true("location.pathname == '/thanks'"));

  const auto found = lead("ada@example.com", 5);
  EXPECT_THAT(types_of(found), UnorderedElementsAre("page.viewed", "content.downloaded", "cart.updated",
                                                    "page.viewed", "form.submitted"));
  EXPECT_EQ(found.at("attribution").at("first").at("utm_source"), "newsletter");
  EXPECT_EQ(found.at("attribution").at("first").at("gclid"), "Cj0");
  EXPECT_EQ(found.at("attribution").at("first").at("landing_page"), url_ + "/landing");
  EXPECT_EQ(found.at("temperature"), "hot");
  EXPECT_EQ(Json::parse(hub_->run({"leads", "list", "--json"}).out).at("items").size(), 1U);
}

TEST_F(Website, IsVisitedByWhoSendsTheEmbeddedForm) {
  start("not_required");
  Browser browser{1280, 900};
  const auto shadow = "[...document.querySelectorAll('div')].find(d => d.shadowRoot).shadowRoot";
  browser.open(url_ + "/embedded");
  ASSERT_TRUE(browser.becomes_true(visited));
  ASSERT_TRUE(browser.becomes_true("[...document.querySelectorAll('div')].find(d => d.shadowRoot)"));
  browser.type("[name=your-email]", "mary@example.com", shadow);
  std::this_thread::sleep_for(std::chrono::milliseconds{2'200});  // spam.min_seconds
  browser.click("button", shadow);
  EXPECT_THAT(types_of(lead("mary@example.com", 2)), UnorderedElementsAre("page.viewed", "form.submitted"));
}

TEST_F(Website, IsVisitedByWhoSaysWhoTheyAre) {
  start("not_required");
  Browser browser{1280, 900};
  browser.open(url_ + "/landing");
  ASSERT_TRUE(browser.becomes_true(visited));
  browser.run("leadhub('identify', {email: 'grace@example.com', name: 'Grace Hopper'})");
  browser.run("leadhub('purchase', {id: 'A-17', value: 99, currency: 'EUR'})");
  browser.run("leadhub('purchase', {id: 'A-17', value: 99, currency: 'EUR'})");
  const auto found = lead("grace@example.com", 3);
  EXPECT_THAT(types_of(found),
              UnorderedElementsAre("page.viewed", "x.tracker.identified", "purchase.completed"));
  EXPECT_EQ(found.at("name"), "Grace Hopper");
  EXPECT_TRUE(found.at("consents").empty());
}

TEST_F(Website, TellsAHubThatWasAwayWhatHappenedMeanwhile) {
  start("not_required");
  Browser browser{1280, 900};
  browser.open(url_ + "/landing");
  ASSERT_TRUE(browser.becomes_true(visited));
  EXPECT_EQ(tracked(1).size(), 1U);
  EXPECT_EQ(hub_->stop(), 0);
  browser.run("leadhub('cart', {value: 1})");
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  hub_->start();
  EXPECT_THAT(tracked(2), UnorderedElementsAre("page.viewed", "cart.updated"));
}

TEST_F(Website, KnowsNothingOfItsVisitorsBeforeTheyConsentAndNoMoreAfterTheyWithdraw) {
  start("required");
  Browser browser{1280, 900};
  browser.open(url_ + "/landing?utm_source=newsletter");
  ASSERT_TRUE(browser.becomes_true(loaded));
  browser.run("leadhub('identify', {email: 'ada@example.com'})");
  browser.click("a[download]");
  expect_silence(browser);

  browser.run("leadhub('consent', true)");
  ASSERT_TRUE(browser.becomes_true(visited));
  EXPECT_THAT(tracked(1), UnorderedElementsAre("page.viewed"));
  browser.open(url_ + "/form");
  ASSERT_TRUE(browser.becomes_true(visited)) << "what was agreed to stays so";
  EXPECT_EQ(tracked(2).size(), 2U);

  browser.run("leadhub('consent', false)");
  EXPECT_EQ(browser.run("return document.cookie"), "");
  EXPECT_EQ(browser.run("return sessionStorage.length"), 0);
  browser.run("leadhub('cart', {value: 1})");
  browser.type("[name=your-email]", "ada@example.com");
  browser.click("button");
  ASSERT_TRUE(browser.becomes_true("location.pathname == '/thanks'"));
  EXPECT_THAT(types_of(lead("ada@example.com", 1)), UnorderedElementsAre("form.submitted"));
  browser.open(url_ + "/landing");
  ASSERT_TRUE(browser.becomes_true(loaded));
  std::this_thread::sleep_for(std::chrono::milliseconds{700});
  EXPECT_EQ(tracked(2).size(), 2U);
}

TEST_F(Website, HearsWhatWasSaidBeforeTheScriptWasThere) {
  start("required");
  Browser browser{1280, 900};
  browser.open(url_ + "/agreed");
  ASSERT_TRUE(browser.becomes_true(visited));
  EXPECT_THAT(tracked(2), UnorderedElementsAre("page.viewed", "cart.updated"));
}

TEST_F(Website, RemembersARefusalWhereNobodyIsAskedFirst) {
  start("not_required");
  Browser browser{1280, 900};
  browser.open(url_ + "/landing");
  ASSERT_TRUE(browser.becomes_true(visited));
  EXPECT_EQ(tracked(1).size(), 1U);
  browser.run("leadhub('consent', false)");
  browser.open(url_ + "/form");
  ASSERT_TRUE(browser.becomes_true(loaded));
  std::this_thread::sleep_for(std::chrono::milliseconds{700});
  EXPECT_EQ(browser.run("return document.cookie"), "leadhub_visitor=no");
  EXPECT_EQ(tracked(1).size(), 1U);
}

TEST_F(Website, IsSilentToGlobalPrivacyControl) {
  start("not_required");
  Browser browser{1280, 900};
  browser.open(url_ + "/private");
  ASSERT_TRUE(browser.becomes_true(loaded));
  browser.run("leadhub('consent', true)");
  browser.run("leadhub('purchase', {id: '1'})");
  expect_silence(browser);
}

}  // namespace
}  // namespace leadhub::e2e
