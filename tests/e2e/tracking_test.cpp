// A tracked mail from the journey that sends it to the score of whoever follows its links: a whole hub, whose
// clock the test moves.
#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "app/hub.hpp"
#include "hub_process.hpp"
#include "ops/limits.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::e2e {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr auto firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

constexpr auto signup = R"(
  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.subscribed
      fields: {email: {to: email, required: true}, name: {to: name}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
)";

constexpr auto welcome = R"(---
subject: Welcome
---
[See it](https://www.example.com/demo?lead={{id}}&from=mail), [write](mailto:us@example.com) or
[choose]({{preferences_url}}).
)";

/// The HTML part of a mail, decoded from quoted-printable, with its entities read.
std::string html_of(const std::string& mail) {
  auto html = mail.substr(mail.find("text/html"));
  html = std::regex_replace(html, std::regex{"=\r?\n"}, "");
  html = std::regex_replace(html, std::regex{"=3D"}, "=");
  return std::regex_replace(html, std::regex{"&amp;"}, "&");
}
std::string text_of(const std::string& mail) {
  const auto begin = mail.find("text/plain");
  return std::regex_replace(mail.substr(begin, mail.find("text/html") - begin), std::regex{"=\r?\n"}, "");
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression{pattern};
  std::vector<std::string> found;
  for (std::sregex_iterator match{text.begin(), text.end(), expression}, end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

class Tracking : public testing::Test {
 protected:
  /// `track`: what the journey asks for.
  void start(const std::string& track) {
    auto text = replaced(example_config(), "\nchannels:\n", std::string{"\nchannels:"} + signup);
    text = replaced(text, "    welcome:\n", "    welcome:\n" + track);
    write_file(folder_.path() / "hub.yaml", text);
    std::filesystem::copy(std::filesystem::path{LEADHUB_SOURCE_DIR} / "examples" / "templates",
                          folder_.path() / "templates", std::filesystem::copy_options::recursive);
    write_file(folder_.path() / "templates" / "welcome.md", welcome);
    open();
  }
  void open() {
    auto loaded = app::load(folder_.path() / "hub.yaml");
    ASSERT_TRUE(loaded.config) << config::to_text(loaded.diagnostics.front());
    auto hub = app::Hub::start(std::move(loaded), clock_,
                               [](const Error& error) { ADD_FAILURE() << error.message; });
    ASSERT_TRUE(hub) << hub.error().message;
    hub_ = *std::move(hub);
  }

  [[nodiscard]] httplib::Client edge() const {
    httplib::Client client{hub_->edge_url()};
    client.set_default_headers({{"user-agent", firefox}});
    return client;
  }

  /// Whether the hub has written down that it left, and when.
  [[nodiscard]] bool is_sent() const {
    const auto messages = ada().messages;
    return !messages.empty() && messages.front().state == lead::MessageState::sent;
  }

  /// The mail that somebody gets who signs up.
  [[nodiscard]] std::string mail() const {
    const auto answer = edge().Post("/in/signup", "email=ada%40example.com&name=Ada&accept=yes",
                                    "application/x-www-form-urlencoded");
    if (!answer || answer->status >= 400) throw std::runtime_error("the form was not taken");
    for (int tries = 0; tries < 1'000; ++tries) {
      std::error_code error;
      for (const auto& file : std::filesystem::directory_iterator{folder_.path() / "data" / "mail", error})
        if (file.path().extension() == ".eml" && is_sent()) return read_file(file.path());
      std::this_thread::sleep_for(10ms);
    }
    throw std::runtime_error("there is no mail");
  }

  [[nodiscard]] lead::LeadRecord ada() const {
    const auto reader = store::LeadReader::open(hub_->files().leads, 1).value();
    const auto ids = reader->find({lead::ContactKind::email, "ada@example.com"}).value();
    return reader->get(ids.at(0)).value();
  }
  [[nodiscard]] std::vector<lead::TimelineEntry> signals() const {
    auto lines = ada().timeline;
    std::erase_if(lines, [](const auto& line) { return !line.type.starts_with("email."); });
    return lines;
  }
  /// Once there are so many.
  [[nodiscard]] std::vector<lead::TimelineEntry> signals(std::size_t count) const {
    for (int tries = 0; tries < 1'000 && signals().size() < count; ++tries) std::this_thread::sleep_for(10ms);
    return signals();
  }

  TemporaryFolder folder_;
  ManualClock clock_{parse_rfc3339("2026-01-05T12:00:00Z").value()};
  std::unique_ptr<app::Hub> hub_;
};

TEST_F(Tracking, OfAJourneyMailScoresWhatAPersonDoes) {
  start("      track: [clicks, opens]\n");
  const auto sent = mail();
  const auto html = html_of(sent);
  const auto clicks = matches(html, R"re(href="http://localhost:8080(/r/[^"]+)")re");
  const auto pictures = matches(html, R"re(src="http://localhost:8080(/o/[^"]+)")re");
  ASSERT_THAT(clicks, SizeIs(1)) << html;
  ASSERT_THAT(pictures, SizeIs(1)) << html;
  clock_.advance(1h);

  const auto answer = edge().Get(clicks[0]);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 303);
  EXPECT_EQ(answer->get_header_value("location"),
            "https://www.example.com/demo?lead=" + ada().lead.id + "&from=mail");
  const auto picture = edge().Get(pictures[0]);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->get_header_value("content-type"), "image/gif");
  clock_.advance(limits::signal_window);

  const auto recorded = signals(2);
  ASSERT_THAT(recorded, SizeIs(2));
  for (const auto& line : recorded) {
    EXPECT_EQ(line.trust, lead::SignalTrust::human) << line.document;
    EXPECT_EQ(line.channel, "mail");
  }
  std::vector<std::string> rules;
  for (const auto& entry : ada().scores) rules.push_back(entry.rule);
  EXPECT_THAT(rules, Contains("clicked a link"));
  EXPECT_THAT(rules, Contains("opened a mail"));
}

TEST_F(Tracking, OfAJourneyMailScoresNothingThatAScannerDoes) {
  start("      track: [clicks]\n");
  const auto clicks = matches(html_of(mail()), R"re(href="http://localhost:8080(/r/[^"]+)")re");
  ASSERT_THAT(clicks, SizeIs(1));
  clock_.advance(1h);
  const auto head = edge().Head(clicks[0]);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 303) << "who looks first is led on, too";
  clock_.advance(limits::signal_window);
  const auto recorded = signals(1);
  ASSERT_THAT(recorded, SizeIs(1));
  EXPECT_EQ(recorded[0].trust, lead::SignalTrust::scanner);
  for (const auto& entry : ada().scores) EXPECT_NE(entry.rule, "clicked a link");
}

TEST_F(Tracking, LeavesTheTextAndOwnPagesAndOtherSchemesAlone) {
  start("      track: [clicks, opens]\n");
  const auto sent = mail();
  EXPECT_THAT(text_of(sent), Not(HasSubstr("/r/")));
  EXPECT_THAT(text_of(sent), Not(HasSubstr("/o/")));
  const auto links = matches(html_of(sent), R"re(href="([^"]+)")re");
  EXPECT_THAT(links, Contains("mailto:us@example.com"));
  EXPECT_THAT(links, Contains(testing::StartsWith("http://localhost:8080/u/")));
  EXPECT_THAT(links, Contains(testing::StartsWith("http://localhost:8080/p/")));
}

TEST_F(Tracking, IsOffUntilAJourneyAsksForIt) {
  start("");
  const auto html = html_of(mail());
  EXPECT_THAT(html, HasSubstr("https://www.example.com/demo?lead="));
  EXPECT_THAT(html, Not(HasSubstr("/r/")));
  EXPECT_THAT(html, Not(HasSubstr("/o/")));
}

TEST_F(Tracking, LosesNothingInAStopWithinTheWindow) {
  start("      track: [clicks]\n");
  const auto clicks = matches(html_of(mail()), R"re(href="http://localhost:8080(/r/[^"]+)")re");
  ASSERT_THAT(clicks, SizeIs(1));
  clock_.advance(1h);
  ASSERT_TRUE(edge().Get(clicks[0]));
  hub_.reset();
  open();
  EXPECT_THAT(signals(1), SizeIs(1));
}

}  // namespace
}  // namespace leadhub::e2e
