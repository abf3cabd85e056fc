#include "control/replies.hpp"

#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "control/server.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::control {
namespace {

using nlohmann::json;
using test::entry;
using test::event;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto token = "a token for tests";

/// The control API of a hub whose channels "telegram" and "web" answer. Ada wrote in both, in "web" last.
class RepliesApi : public testing::Test {
 protected:
  RepliesApi() {
    write("telegram", "telegram", "7", "Hello", "2026-01-05T11:00:00Z", R"("name":"Ada")");
    write("mail-only", "crisp", "s1", "Anybody?", "2026-01-05T11:30:00Z", R"("name":"Ada")");
    hub.run();
    ada = test::value_or_throw(hub.reader()->find({lead::ContactKind::external, "telegram:7"})).front();
    hub.append_form(R"("email":"grace@example.com")");
    hub.run();
    grace = hub.leads_with("grace@example.com").front();
    queries = test::value_or_throw(Queries::open(hub.lead_file(), hub.inbox->workspace(), hub.inbox_file(),
                                                 hub.inbox->workspace(), hub.clock));
    segments = std::make_unique<Segments>(hub.reader(), hub.clock, [] { return Segments::Conditions{}; });
    messages = std::make_unique<Messages>(
        test::value_or_throw(store::MessageReader::open(hub.lead_file(), hub.inbox->workspace())),
        [] { return std::vector<std::string>{}; });
    Services services{*queries,
                      *messages,
                      *segments,
                      [](std::int64_t) -> Result<std::int64_t> { return fail(ErrorCode::conflict, ""); },
                      [this](const lead::Action& action) -> Result<bool> {
                        ++actions;
                        if (is_behind) return false;
                        hub.act(action);
                        return true;
                      },
                      [](std::string_view, capture::ImportMode) { return Result<capture::ImportReport>{}; },
                      [](std::int64_t) {},
                      [](std::int64_t, std::chrono::milliseconds) { return std::int64_t{0}; },
                      [] { return Result<void>{}; },
                      [] { return std::string{}; },
                      [] { return nlohmann::ordered_json::object(); },
                      [] { return nlohmann::ordered_json::object(); }};
    services.chat_channels = [] { return std::vector<std::string>{"telegram", "web"}; };
    services.hash_reply_key = [](std::string_view key) { return "hash of " + std::string{key}; };
    server = test::value_or_throw(Server::start("127.0.0.1", 0, TokenCheck{token}, std::move(services)));
  }

  void write(const std::string& channel, const std::string& system, const std::string& id,
             const std::string& text, const std::string& at, const std::string& person,
             const std::string& more_ids = "") {
    auto draft =
        entry({event(json{{"type", "chat.message"}, {"occurred_at", at}, {"message", text}}.dump())});
    auto& written = draft.events.front().json;
    written.pop_back();
    written += R"(,"person":{)" + person + R"(,"external_ids":{")" + system + R"(":")" + id + "\"" +
               more_ids + "}}}";
    draft.channel = channel;
    hub.append(std::move(draft));
  }

  httplib::Response post(const std::string& who, const std::string& body, const std::string& key = "") {
    httplib::Client client{"127.0.0.1", server->port()};
    httplib::Headers headers{{"Authorization", std::string{"Bearer "} + token}};
    if (!key.empty()) headers.emplace("Idempotency-Key", key);
    const auto answer = client.Post("/api/v1/leads/" + who + "/replies", headers, body, "application/json");
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    return *answer;
  }
  json conversation(const std::string& who) {
    httplib::Client client{"127.0.0.1", server->port()};
    const auto answer = client.Get("/api/v1/leads/" + who + "/conversation",
                                   {{"Authorization", std::string{"Bearer "} + token}});
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    return json::parse(answer->body);
  }

  test::Hub hub;
  std::string ada, grace;
  int actions = 0;
  bool is_behind = false;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<Messages> messages;
  std::unique_ptr<Segments> segments;
  std::unique_ptr<Server> server;
};

TEST_F(RepliesApi, PutAReplyWhereThePersonWroteLast) {
  const auto answer = post(ada, R"({"text":" Good morning.\r\nHow can we help? ","author":"Grace"})", "one");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto message = json::parse(answer.body);
  EXPECT_EQ(message["kind"], "chat_reply");
  EXPECT_EQ(message["channel"], "telegram");
  EXPECT_EQ(message["system"], "telegram");
  EXPECT_EQ(message["address"], "7");
  EXPECT_EQ(message["text"], "Good morning.\nHow can we help?");
  EXPECT_EQ(message["author"], "Grace");
  EXPECT_EQ(message["state"], "queued");
}

TEST_F(RepliesApi, GoIntoTheConversationWhereThatIsNotThePerson) {
  write("telegram", "chatwoot", "1", "Hello", "2026-01-05T11:45:00Z", R"("email":"mary@example.com")",
        R"(,"chatwoot_conversation":"3/12")");
  hub.run();
  const auto answer = post(hub.leads_with("mary@example.com").front(), R"({"text":"Good morning"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json::parse(answer.body)["system"], "chatwoot_conversation");
  EXPECT_EQ(json::parse(answer.body)["address"], "3/12");
}

TEST_F(RepliesApi, PreferTheLaterOfTwoChannels) {
  write("web", "web", "c1", "And here", "2026-01-05T11:45:00Z", R"("email":"ada@example.com")");
  hub.run();
  hub.act(lead::MergeLeads{ada, hub.leads_with("ada@example.com").front()});
  EXPECT_EQ(json::parse(post(ada, R"({"text":"There?"})").body)["channel"], "web");
  EXPECT_EQ(json::parse(post(ada, R"({"text":"Or there?","channel":"telegram"})").body)["channel"],
            "telegram");
}

TEST_F(RepliesApi, AreOneMessageAKey) {
  const auto first = post(ada, R"({"text":"Hello"})", "one");
  const auto again = post(ada, R"({"text":"Hello"})", "one");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(actions, 1);
  const auto other = post(ada, R"({"text":"Something else"})", "one");
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr("take a new key"));
  EXPECT_EQ(post(grace, R"({"text":"Hello"})", "one").status, 409) << "another lead's";
  EXPECT_EQ(post(ada, R"({"text":"Hello"})").status, 200);
  EXPECT_THAT(test::value_or_throw(hub.reader()->get(ada)).messages, SizeIs(2));
}

TEST_F(RepliesApi, SayWhatIsWrong) {
  const auto text = [](std::size_t bytes) { return R"({"text":")" + std::string(bytes, 'a') + R"("})"; };
  EXPECT_EQ(post(ada, text(limits::chat_text_bytes_max)).status, 200);
  for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{
           {text(limits::chat_text_bytes_max + 1), 422},
           {R"({"text":" \n "})", 422},
           {R"({"text":"a","author":")" + std::string(201, 'a') + R"("})", 422},
           {R"({"text":7})", 400},
           {R"({})", 400},
           {R"({"text":"a","channnel":"web"})", 400},
           {R"(["text"])", 400},
           {"text", 400}}) {
    const auto answer = post(ada, body);
    EXPECT_EQ(answer.status, status) << body.substr(0, 40);
    EXPECT_EQ(json::parse(answer.body)["status"], status);
  }
  EXPECT_EQ(post("nobody@example.com", R"({"text":"a"})").status, 404);
  EXPECT_EQ(post("019b8e2c-1a00-7000-8000-000000000001", R"({"text":"a"})").status, 404);
  EXPECT_EQ(post(ada, R"({"text":"a"})", std::string(201, 'k')).status, 400);
  const auto silent = post(grace, R"({"text":"a"})");
  EXPECT_EQ(silent.status, 409);
  EXPECT_THAT(silent.body, AllOf(HasSubstr("written nothing"), HasSubstr("telegram, web")));
  EXPECT_EQ(post(ada, R"({"text":"a","channel":"web"})").status, 409);
  EXPECT_EQ(post(ada, R"({"text":"a","channel":"mail-only"})").status, 409) << "it only listens";
}

TEST_F(RepliesApi, ArePendingBehindABacklog) {
  is_behind = true;
  const auto answer = post(ada, R"({"text":"Hello"})", "one");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(json::parse(answer.body)["status"], "pending");
}

TEST_F(RepliesApi, StandInTheConversationInTheOrderOfTime) {
  hub.clock.advance(std::chrono::hours{1});
  ASSERT_EQ(post(ada, R"({"text":"Good morning."})").status, 200);
  const auto shown = conversation(ada);
  EXPECT_EQ(shown["lead"], ada);
  ASSERT_THAT(shown["items"], SizeIs(2)) << shown.dump(1);
  EXPECT_EQ(shown["items"][0]["from"], "person");
  EXPECT_EQ(shown["items"][0]["text"], "Hello");
  EXPECT_EQ(shown["items"][0]["channel"], "telegram");
  EXPECT_EQ(shown["items"][0]["conversation"], (json{{"system", "telegram"}, {"id", "7"}}));
  EXPECT_EQ(shown["items"][1]["from"], "team");
  EXPECT_EQ(shown["items"][1]["text"], "Good morning.");
  EXPECT_EQ(shown["items"][1]["state"], "queued");
  EXPECT_THAT(conversation(grace)["items"], SizeIs(0));
}

}  // namespace
}  // namespace leadhub::control
