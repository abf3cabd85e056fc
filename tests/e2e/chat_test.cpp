// Chats and their replies, with the real hub: over the edge, the command line and the control API.

#include <gmock/gmock.h>
#include <httplib.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// The chat replies to a lead; the team has its own mails about whoever is hot.
Json replies_of(const HubProcess& hub, const std::string& lead) {
  auto replies = Json::array();
  const auto document = Json::parse(hub.run({"leads", "show", lead, "--json"}).out);
  for (const auto& message : document["messages"])
    if (message["kind"] == "chat_reply") replies.push_back(message);
  return replies;
}

constexpr auto chats = R"(
  help: {plugin: chat, config: {provider: web, pre_chat: [name, email]}}
  parrot: {plugin: parrot, config: {}}
)";

bool soon(const std::function<bool()>& holds) {
  for (int tries = 0; tries < 500; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return false;
}

class Chats : public testing::Test {
 protected:
  Chats()
      : hub{replaced(replaced(example_config(), "search: [plugins]", "search: [" PARROT_FOLDER "]"),
                     "\nchannels:\n", std::string{"\nchannels:"} + chats),
            {{"LEADHUB_PARROT", "spoken.txt"}}} {
    hub.start();
  }

  [[nodiscard]] httplib::Client edge() const { return httplib::Client{"127.0.0.1", hub.edge_port()}; }

  /// Posts what the widget posts.
  Json post(const Json& body, const std::string& token, int status) const {
    httplib::Headers headers;
    if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
    const auto answer = edge().Post("/in/help", headers, body.dump(), "application/json");
    if (!answer) throw std::runtime_error("the hub does not answer");
    EXPECT_EQ(answer->status, status) << answer->body;
    return Json::parse(answer->body);
  }
  std::string open() const { return post({{"open", true}}, "", 201)["conversation"]; }
  void say(const std::string& token, const std::string& id, const std::string& text,
           Json more = Json::object()) {
    more.update({{"conversation", token.substr(0, token.find('.'))}, {"id", id}, {"text", text}});
    post(more, token, 200);
  }
  Json transcript(const std::string& token) const {
    const auto answer = edge().Get("/chat/help", {{"Authorization", "Bearer " + token}});
    return answer && answer->status == 200 ? Json::parse(answer->body) : Json();
  }
  static std::vector<std::string> lines(const Json& document) {
    std::vector<std::string> all;
    for (const auto& message : document["messages"])
      all.push_back(message["from"].get<std::string>() + ": " + message["text"].get<std::string>());
    return all;
  }

  /// Person 7 says something to the parrot; the id of their lead.
  std::string tell_parrot(const std::string& text) {
    EXPECT_EQ(edge().Post("/in/parrot", "7 " + text, "text/plain")->status, 204);
    std::string id;
    EXPECT_TRUE(soon([&] {
      const auto leads = Json::parse(hub.run({"leads", "list", "--json"}).out)["items"];
      if (!leads.empty()) id = leads.front()["id"];
      return !id.empty();
    }));
    EXPECT_THAT(hub.run({"leads", "conversation", id}).out, HasSubstr(text));
    return id;
  }
  Json messages(const std::string& lead) const { return replies_of(hub, lead); }
  [[nodiscard]] std::string spoken() const { return read_file(hub.folder() / "spoken.txt"); }

  HubProcess hub;
};

TEST_F(Chats, AreAnsweredByTheCommandLine) {
  const auto token = open();
  say(token, "m1", "Do you ship to Scotland?",
      {{"first", true}, {"name", "Ada Lovelace"}, {"email", "ada@example.com"}});
  ASSERT_TRUE(soon([&] { return hub.run({"leads", "show", "ada@example.com"}).code == 0; }));
  const auto lead = Json::parse(hub.run({"leads", "show", "ada@example.com", "--json"}).out);
  EXPECT_EQ(lead["name"], "Ada Lovelace");
  EXPECT_EQ(lead["temperature"], "hot");
  ASSERT_THAT(lead["timeline"], SizeIs(2));
  EXPECT_EQ(lead["timeline"][0]["type"], "chat.started");
  EXPECT_EQ(lead["timeline"][1]["type"], "chat.message");

  const std::vector<std::string> reply{"leads", "reply", "ada@example.com", "Yes, we do.", "--key", "k1"};
  const auto replied = hub.run(reply);
  EXPECT_EQ(replied.code, 0) << replied.err;
  EXPECT_THAT(replied.out, HasSubstr("by help to web"));
  EXPECT_EQ(hub.run(reply).code, 0);
  EXPECT_EQ(hub.run({"leads", "reply", "ada@example.com", "No.", "--key", "k1"}).code, 1);
  ASSERT_TRUE(soon([&] { return lines(transcript(token)).size() == 2; }));
  say(token, "m2", "Thanks");
  ASSERT_TRUE(soon([&] { return lines(transcript(token)).size() == 3; }));
  EXPECT_THAT(lines(transcript(token)),
              ElementsAre("you: Do you ship to Scotland?", "us: Yes, we do.", "you: Thanks"));
  EXPECT_THAT(hub.run({"leads", "conversation", "ada@example.com"}).out,
              AllOf(HasSubstr("Do you ship to Scotland?"), HasSubstr("sent"), HasSubstr("Yes, we do.")));

  EXPECT_EQ(hub.stop(), 0);
  hub.start();
  EXPECT_THAT(lines(transcript(token)), SizeIs(3)) << "the token opens the conversation after a restart";
  say(token, "m2", "Thanks");
  EXPECT_THAT(lines(transcript(token)), SizeIs(3)) << "a repetition";

  EXPECT_EQ(hub.run({"leads", "erase", "ada@example.com", "--yes"}).code, 0);
  EXPECT_TRUE(lines(transcript(token)).empty());
  EXPECT_EQ(hub.stop(), 0);
  for (const auto* const file : {"data/leadhub-inbox.db", "data/leadhub.db"})
    for (const auto* const word : {"Scotland", "Yes, we do."})
      EXPECT_EQ(read_file(hub.folder() / file).find(word), std::string::npos)
          << file << " still has " << word;
  EXPECT_EQ(read_file(hub.folder() / "data/leadhub-inbox.db").find(token.substr(token.find('.'))),
            std::string::npos)
      << "the capability is kept nowhere";
  hub.start();
}

TEST_F(Chats, NeverRepeatAReplyThatMayHaveArrived) {
  const auto lead = tell_parrot("Hello");
  EXPECT_EQ(hub.run({"leads", "reply", lead, "Good morning", "--key", "a"}).code, 0);
  ASSERT_TRUE(soon([&] { return spoken().find("Good morning") != std::string::npos; }));

  static_cast<void>(hub.run({"leads", "reply", lead, "fall over", "--key", "b"}));
  ASSERT_TRUE(soon([&] { return spoken().find("fall over") != std::string::npos; }));
  hub.stop();  // it is gone already
  hub.start();
  ASSERT_TRUE(soon([&] { return messages(lead)[1]["state"] == "unknown"; })) << messages(lead);
  EXPECT_THAT(messages(lead)[1]["detail"].get<std::string>(), HasSubstr("ended"));
  const auto again = hub.run({"leads", "reply", lead, "fall over", "--key", "b"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("unknown"));
  EXPECT_EQ(hub.run({"leads", "reply", lead, "Are you well?", "--key", "c"}).code, 0);
  ASSERT_TRUE(soon([&] { return spoken().find("Are you well?") != std::string::npos; }));
  const auto all = spoken();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << "each was spoken once:\n" << all;
  EXPECT_THAT(messages(lead), SizeIs(3));
}

TEST_F(Chats, WaitWhileSendingIsPaused) {
  const auto lead = tell_parrot("Hello");
  EXPECT_EQ(hub.run({"sending", "pause"}).code, 0);
  const auto replied = hub.run({"leads", "reply", lead, "Later"});
  EXPECT_THAT(replied.out, HasSubstr("queued"));
  std::this_thread::sleep_for(std::chrono::milliseconds{700});
  EXPECT_EQ(spoken(), "");
  EXPECT_EQ(hub.run({"sending", "resume"}).code, 0);
  EXPECT_TRUE(soon([&] { return spoken().find("Later") != std::string::npos; }));
}

TEST_F(Chats, SayWhereNobodyCanBeAnswered) {
  const auto answer =
      edge().Post("/in/website", "your-email=grace%40example.com", "application/x-www-form-urlencoded");
  ASSERT_TRUE(answer);
  ASSERT_TRUE(soon([&] { return hub.run({"leads", "show", "grace@example.com"}).code == 0; }));
  const auto refused = hub.run({"leads", "reply", "grace@example.com", "Hello"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("written nothing"), HasSubstr("help, parrot")));
  EXPECT_EQ(hub.run({"leads", "reply", "nobody@example.com", "Hello"}).code, 1);
  EXPECT_THAT(hub.printed(), HasSubstr("sends replies"));
}

TEST_F(Chats, AreReadByManyAtOnce) {
  const auto token = open();
  say(token, "m1", "Hello", {{"first", true}, {"name", "Ada"}, {"email", "ada@example.com"}});
  ASSERT_TRUE(soon([&] { return lines(transcript(token)).size() == 1; }));
  const auto next = transcript(token)["next"].get<std::string>();
  auto client = edge();
  client.set_keep_alive(true);
  constexpr int polls = 1'000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < polls; ++i) {
    const auto answer =
        client.Get(("/chat/help?after=" + next).c_str(), {{"Authorization", "Bearer " + token}});
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
  }
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << static_cast<int>(polls / seconds) << " polls/s over one connection\n";
}

// ------------------------------------------------------------------------------------------ Telegram

/// The Bot API on this machine. It asks for patience first.
class FakeTelegram {
 public:
  FakeTelegram() {
    server_.Post("/bottoken-1/sendMessage", [this](const httplib::Request& request, httplib::Response& out) {
      const std::scoped_lock lock{mutex_};
      const auto body = Json::parse(request.body);
      if (!has_refused_) {
        has_refused_ = true;
        out.status = 429;
        out.set_content(R"({"ok":false,"parameters":{"retry_after":1}})", "application/json");
        return;
      }
      said_.push_back(body["chat_id"].get<std::string>() + ": " + body["text"].get<std::string>());
      out.set_content(R"({"ok":true,"result":{"message_id":12}})", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  ~FakeTelegram() {
    server_.stop();
    thread_.join();
  }
  FakeTelegram(const FakeTelegram&) = delete;
  FakeTelegram& operator=(const FakeTelegram&) = delete;

  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> said() const {
    const std::scoped_lock lock{mutex_};
    return said_;
  }
  [[nodiscard]] bool has_refused() const {
    const std::scoped_lock lock{mutex_};
    return has_refused_;
  }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> said_;
  bool has_refused_ = false;
};

TEST(Telegram, IsGreetedOnceAndAnsweredOnceWhateverItAsksFor) {
  const FakeTelegram telegram;
  const std::string secret = "      secret: ${env:TELEGRAM_SECRET:-telegram-secret}\n";
  auto config = replaced(example_config(), secret,
                         secret + "      token: token-1\n      api: " + telegram.origin() + "\n");
  config =
      replaced(config, "search: [plugins]", "search: [plugins]\n  egress: [\"" + telegram.origin() + "\"]");
  HubProcess hub{config};
  hub.start();
  httplib::Client edge{"127.0.0.1", hub.edge_port()};
  const auto write = [&](int update, const std::string& text) {
    const Json body{{"update_id", update},
                    {"message",
                     {{"from", {{"id", 7}, {"first_name", "Ada"}}},
                      {"chat", {{"id", 7}, {"type", "private"}}},
                      {"date", std::time(nullptr)},
                      {"text", text}}}};
    const auto answer = edge.Post("/in/telegram", {{"X-Telegram-Bot-Api-Secret-Token", "telegram-secret"}},
                                  body.dump(), "application/json");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  };
  const std::string greeting = "7: Thanks, Ada! Somebody will answer within the hour.";
  write(1, "Do you ship to Scotland?");
  ASSERT_TRUE(soon([&] { return telegram.has_refused(); })) << hub.printed();
  const auto is_greeted = [&] { return !telegram.said().empty(); };
  ASSERT_TRUE(soon(is_greeted) || soon(is_greeted)) << "after ten seconds\n" << hub.printed();
  write(1, "Do you ship to Scotland?");
  write(2, "Hello?");
  std::string lead;
  ASSERT_TRUE(soon([&] {
    const auto leads = Json::parse(hub.run({"leads", "list", "--json"}).out)["items"];
    if (!leads.empty()) lead = leads.front()["id"];
    return !lead.empty() &&
           Json::parse(hub.run({"leads", "show", lead, "--json"}).out)["timeline"].size() == 3;
  })) << "two messages and the greeting: "
      << hub.run({"leads", "show", lead}).out;
  int from_hub = 0;
  const auto conversation = Json::parse(hub.run({"leads", "conversation", lead, "--json"}).out);
  for (const auto& item : conversation["items"]) {
    if (item["from"] != "hub") continue;
    ++from_hub;
    EXPECT_EQ("7: " + item["text"].get<std::string>(), greeting);
    EXPECT_EQ(item["type"], "x.telegram.auto_reply");
  }
  EXPECT_EQ(from_hub, 1) << hub.run({"leads", "conversation", lead}).out;
  const auto replied = hub.run({"leads", "reply", lead, "Yes, we do.", "--key", "k1"});
  EXPECT_EQ(replied.code, 0) << replied.err;
  ASSERT_TRUE(soon([&] {
    const auto replies = replies_of(hub, lead);
    return replies.size() == 1 && replies[0]["state"] == "sent";
  })) << hub.run({"leads", "show", lead}).out;
  EXPECT_EQ(hub.run({"leads", "reply", lead, "Yes, we do.", "--key", "k1"}).code, 0);
  EXPECT_EQ(hub.stop(), 0);
  EXPECT_THAT(telegram.said(), ElementsAre(greeting, "7: Yes, we do."));
  EXPECT_THAT(hub.printed(), testing::Not(HasSubstr("token-1")));
}

}  // namespace
}  // namespace leadhub::e2e
