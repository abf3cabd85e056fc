// The hub is killed at every step between the lease of a mail and the word that it was sent. What arrived, by
// the mail server's own books, is compared with what was promised: no marketing mail twice, none after an
// answered unsubscribe, and what asks to confirm until it has arrived.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "crash/hub_process.hpp"
#include "crash/stores.hpp"
#include "smtp_sink.hpp"

namespace leadhub::crash {
namespace {

using email::testing::Behaviour;
using email::testing::SmtpSink;

constexpr int people_a_life = 12;
constexpr auto public_url = "http://localhost:8080";

bool is_long() {
  const char* const text = std::getenv("LEADHUB_LONG_TESTS");
  return text != nullptr && std::string_view{text} == "1";
}

/// LEADHUB_CRASH_SEED repeats a run as far as threads let it.
unsigned seed() {
  const char* const text = std::getenv("LEADHUB_CRASH_SEED");
  return text == nullptr ? std::random_device{}() : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// Where a life of the hub ends: at what the mail server hears, or beside a commit of the hub's.
struct Step {
  std::string name;
  std::string moment;     ///< of the mail server
  std::string failpoint;  ///< of the hub
  int last = 1;           ///< the latest occurrence at which it dies
};

const std::array<Step, 9>& steps() {
  static const std::array<Step, 9> all{
      {{"before a commit of leases or outcomes", "", "leadhub.before_commit", 60},
       {"after a commit of leases or outcomes", "", "leadhub.after_commit", 60},
       {"at MAIL FROM", "MAIL", "", 12},
       {"at RCPT TO", "RCPT", "", 12},
       {"at DATA", "DATA", "", 12},
       {"in the content", "content", "", 400},
       {"at the final dot, before the 250", ".", "", 12},
       {"after the 250", "250", "", 12},
       {"at random", "", "", 0}}};
  return all;
}

struct Counts {
  std::size_t kills = 0;
  std::size_t in_doubt = 0;          ///< mails of journeys that were leased then, and are `unknown`
  std::size_t in_doubt_arrived = 0;  ///< and had arrived
};

class MailKill : public testing::Test {
 protected:
  MailKill() {
    std::ofstream{folder_.config(), std::ios::app} << R"(  signup:
    plugin: webform
    config:
      provider: html
      event: newsletter.subscribed
      fields: {email: {to: email, required: true}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
  asking:
    plugin: webform
    config:
      provider: html
      event: newsletter.requested
      fields: {email: {to: email, required: true}}
      consent:
        - {field: accept, purpose: marketing_email, text: "Send me Engine News."}
      double_opt_in: {expires: 48h, resend_after: 1h}
  mail:
    plugin: email
    config:
      transport: smtp
      url: )" << sink_.url() << R"(
      tls: none
      from: "Ada <ada@engines.example>"
      postal_address: 12 St James's Square, London
public_url: )" << public_url << R"(
nurture:
  journeys:
    welcome:
      enter: {event.type: newsletter.subscribed}
      steps:
        - send: {template: first, via: mail}
        - wait: 1s
        - send: {template: second, via: mail}
)";
    Behaviour behaviour;
    behaviour.on_moment = [this](std::string_view moment) { hear(moment); };
    sink_.set_behaviour(std::move(behaviour));
    std::filesystem::create_directory(folder_.templates());
    for (const std::string name : {"first", "second"})
      std::ofstream{folder_.templates() / (name + ".md")} << "---\nsubject: The " << name
                                                          << " mail\n---\nThis is what we write to you.\n";
  }

  int between(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

  static std::optional<HttpAnswer> post(std::uint16_t port, const std::string& path,
                                        const std::string& form) {
    HttpConnection connection{port};
    if (!connection.is_open() || !connection.send("POST " + path +
                                                  " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                                  "application/x-www-form-urlencoded\r\nContent-Length: " +
                                                  std::to_string(form.size()) + "\r\n\r\n" + form))
      return std::nullopt;
    return connection.read_answer();
  }

  void live_and_die(const Step& step) {
    std::vector<std::string> environment;
    if (!step.failpoint.empty())
      environment.push_back("LEADHUB_FAILPOINT=" + step.failpoint + ":" +
                            std::to_string(between(2, step.last)));
    HubProcess hub{folder_, environment};
    arm(&hub, step.moment, step.moment.empty() ? 0 : between(1, step.last));
    if (hub.wait_until_ready()) {
      const std::jthread killer{[&, after = std::chrono::milliseconds{between(0, 150)}] {
        if (step.last > 0) return;
        std::this_thread::sleep_for(after);
        hub.signal(SIGKILL);
      }};
      write_in(hub);
      if (step.last > 0) static_cast<void>(hub.wait(4s));
    }
    hub.signal(SIGKILL);
    ASSERT_EQ(hub.wait(10s), -SIGKILL) << "it ended by itself: " << folder_.log();
    arm(nullptr, {}, 0);
    ++counts_[step.name].kills;
    for (const auto& mail : read_mails(folder_))
      if (mail.state == "attempting" && mail.kind == "journey") doubts_[mail.id] = step.name;
  }

  /// Which hub dies when the server has heard of a moment so many times.
  void arm(HubProcess* hub, std::string moment, int times) {
    const std::scoped_lock lock{arming_};
    armed_ = hub;
    moment_ = std::move(moment);
    left_ = times;
  }
  void hear(std::string_view moment) {
    const std::scoped_lock lock{arming_};
    if (armed_ != nullptr && moment == moment_ && --left_ == 0) armed_->signal(SIGKILL);
  }

  /// People sign up, some ask for a mail to confirm, and some of those who came before leave.
  void write_in(const HubProcess& hub) {
    const auto port = hub.edge_port();
    for (int i = 0; i < people_a_life; ++i) {
      const auto name = std::to_string(next_person_++);
      if (i % 4 == 3) {
        const auto answer = post(port, "/in/asking", "email=asking." + name + "%40example.com&accept=yes");
        if (!answer) return;
        if (answer->status < 400) asked_.insert("asking." + name + "@example.com");
      } else {
        const auto answer = post(port, "/in/signup", "email=person." + name + "%40example.com&accept=yes");
        if (!answer) return;
        if (answer->status < 400) signed_up_.push_back("person." + name + "@example.com");
      }
    }
    // Of those who have just come, for whom the second mail is still to be written.
    const auto count = static_cast<int>(signed_up_.size());
    for (int i = 0; i < 3 && count > 0; ++i)
      unsubscribe(hub, signed_up_[static_cast<std::size_t>(between(std::max(0, count - 12), count - 1))]);
  }

  void unsubscribe(const HubProcess& hub, const std::string& address) {
    const auto links = hub.document("/api/v1/leads/" + address + "/links");
    if (!links.is_object()) return;
    const auto link = links["unsubscribe"].get<std::string>().substr(std::string_view{public_url}.size());
    const auto answer = post(hub.edge_port(), link, "List-Unsubscribe=One-Click");
    if (!answer || answer->status != 200) return;
    // What has been claimed before the answer may still be on the wire; what the server has not heard of then
    // must never come.
    std::this_thread::sleep_for(500ms);
    left_with_.try_emplace(address, heard()[address]);
  }

  /// The hub in peace, until nothing waits any more.
  void live_on() {
    HubProcess hub{folder_};
    ASSERT_TRUE(hub.wait_until_ready()) << folder_.log();
    ASSERT_TRUE(hub.wait_until_caught_up()) << folder_.log();
    const auto waits = [&] {
      const auto on_journeys =
          read_number(folder_.leads(), "SELECT COUNT(*) FROM enrolments WHERE state = 'running'");
      const auto mails = read_mails(folder_);
      return on_journeys > 0 || std::ranges::any_of(mails, [](const StoredMail& mail) {
               return mail.state == "queued" || mail.state == "attempting";
             });
    };
    for (int tries = 0; tries < 600 && waits(); ++tries) std::this_thread::sleep_for(100ms);
    EXPECT_FALSE(waits()) << folder_.log();
    hub.signal(SIGTERM);
    ASSERT_EQ(hub.wait(30s), 0);
  }

  static std::string id_of(const std::string& content) {
    constexpr std::string_view field = "Message-Id: <";
    auto begin = content.find(field);
    if (begin == std::string::npos) begin = content.find("Message-ID: <");
    if (begin == std::string::npos) return {};
    begin += field.size();
    return content.substr(begin, content.find('@', begin) - begin);
  }

  /// How often the server has heard of each recipient.
  [[nodiscard]] std::map<std::string, std::size_t> heard() const {
    std::map<std::string, std::size_t> times;
    for (const auto& line : sink_.lines())
      if (line.starts_with("RCPT TO:<")) ++times[line.substr(9, line.find('>') - 9)];
    return times;
  }

  void judge() {
    EXPECT_FALSE(asked_.empty()) << "nobody was answered who asked for a mail to confirm";
    std::map<std::string, std::size_t> arrived;  // by message
    std::map<std::string, std::size_t> came_to;  // by address and template
    for (const auto& mail : sink_.mails()) ++arrived[id_of(mail.content)];
    ASSERT_EQ(arrived.count(""), 0U) << "a mail without an id";
    for (const auto& mail : read_mails(folder_)) {
      const auto count = arrived.contains(mail.id) ? arrived.at(mail.id) : 0;
      came_to[mail.address + " " + mail.kind + " " + mail.name] += count;
      if (mail.state == "sent") {
        EXPECT_GE(count, 1U) << mail.id;
      }
      if (mail.kind == "opt_in") {
        EXPECT_EQ(mail.state, "sent") << mail.id;
        asked_.erase(mail.address);
        repeated_ += count > 1 ? 1 : 0;
        continue;
      }
      ++states_[mail.state];
      twice_ += count > 1 ? 1 : 0;
      if (mail.state == "withheld" || mail.state == "failed") {
        EXPECT_EQ(count, 0U) << mail.id;
      }
      if (const auto doubt = doubts_.find(mail.id); doubt != doubts_.end()) {
        EXPECT_EQ(mail.state, "unknown") << mail.id;
        ++counts_[doubt->second].in_doubt;
        counts_[doubt->second].in_doubt_arrived += count;
      }
    }
    for (const auto& [what, count] : came_to)
      if (what.find(" journey ") != std::string::npos) {
        EXPECT_LE(count, 1U) << what;
      }
    EXPECT_EQ(twice_, 0U);
    EXPECT_GT(states_["sent"], 0U);
    EXPECT_TRUE(asked_.empty()) << asked_.size() << " were answered and never asked to confirm";
    expect_nobody_hears_after_leaving();
  }

  void expect_nobody_hears_after_leaving() const {
    auto in_all = heard();
    for (const auto& [address, before] : left_with_)
      EXPECT_EQ(in_all[address], before) << address << " has left and was written to";
  }

  void print() {
    std::cout << "\n| killed | times | in doubt | of these arrived |\n|---|--:|--:|--:|\n";
    Counts all;
    for (const auto& step : steps()) {
      const auto& counts = counts_[step.name];
      std::cout << "| " << step.name << " | " << counts.kills << " | " << counts.in_doubt << " | "
                << counts.in_doubt_arrived << " |\n";
      all.kills += counts.kills;
      all.in_doubt += counts.in_doubt;
      all.in_doubt_arrived += counts.in_doubt_arrived;
    }
    std::cout << "| all | " << all.kills << " | " << all.in_doubt << " | " << all.in_doubt_arrived
              << " |\n\n";
    for (const auto& [state, count] : states_)
      std::cout << "mails of journeys " << state << ": " << count << '\n';
    std::cout << "twice: " << twice_ << "\nhave left: " << left_with_.size()
              << "\nmails that ask to confirm, sent again: " << repeated_ << '\n'
              << std::endl;
  }

  // Before the server, whose threads use it.
  std::mutex arming_;
  HubProcess* armed_ = nullptr;
  std::string moment_;
  int left_ = 0;

  SmtpSink sink_;
  HubFolder folder_;
  std::mt19937 random_;
  int next_person_ = 0;
  std::vector<std::string> signed_up_;
  std::set<std::string> asked_;                   ///< and were answered
  std::map<std::string, std::size_t> left_with_;  ///< who has left, with how many mails
  std::map<std::string, std::string> doubts_;     ///< mails that were leased at a death, and at which
  std::map<std::string, Counts> counts_;
  std::map<std::string, std::size_t> states_;
  std::size_t twice_ = 0;
  std::size_t repeated_ = 0;
};

TEST_F(MailKill, SendsNoMarketingMailTwiceAndNoneAfterAnUnsubscribe) {
  const auto number = seed();
  random_.seed(number);
  const std::size_t lives = is_long() ? 207 : 27;
  std::cout << lives << " lives, LEADHUB_CRASH_SEED=" << number << '\n';
  ASSERT_TRUE(HubProcess{folder_}.wait_until_ready()) << folder_.log();  // makes the stores
  for (std::size_t life = 0; life < lives && !HasFailure(); ++life)
    live_and_die(steps()[life % steps().size()]);
  if (!HasFailure()) live_on();
  if (!HasFailure()) judge();
  print();
}

}  // namespace
}  // namespace leadhub::crash
