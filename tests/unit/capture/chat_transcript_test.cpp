#include "capture/chat_transcript.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/conversation_token.hpp>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "capture/conversation_token.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::capture {
namespace {

using nlohmann::json;
using test::entry;
using test::event;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view key_of_help = "the signing key of help";

TEST(ConversationToken, IsReadByTheHostAsThePluginsMakeIt) {
  const sdk::ConversationTokens tokens{key_of_help};
  for (int i = 0; i < 100; ++i) {
    const auto token = tokens.make();
    const auto id = tokens.read(token);
    ASSERT_TRUE(id) << token;
    EXPECT_EQ(conversation_id(token, key_of_help), id);
    EXPECT_EQ(token.find(*id), 0U);
    EXPECT_NE(tokens.make(), token);
  }
  EXPECT_EQ(sdk::ConversationTokens::conversation_system, conversation_system);
}

TEST(ConversationToken, OpensForItsChannelAlone) {
  const sdk::ConversationTokens tokens{key_of_help};
  const auto token = tokens.make();
  const auto id = *tokens.read(token);
  EXPECT_FALSE(conversation_id(token, "another key"));
  EXPECT_FALSE(sdk::ConversationTokens{"another key"}.read(token));
  auto changed = token;
  changed[3] = changed[3] == 'a' ? 'b' : 'a';
  for (const auto& bad : {changed, id, id + ".", std::string{"."}, std::string{}, token + "x",
                          token.substr(0, token.size() - 1), std::string(10'000, 'a'), "." + token}) {
    EXPECT_FALSE(conversation_id(bad, key_of_help)) << bad.substr(0, 60);
    EXPECT_FALSE(tokens.read(bad)) << bad.substr(0, 60);
  }
}

/// A hub with the web chat "help".
class ChatTranscriptTest : public testing::Test {
 protected:
  ChatTranscriptTest() {
    hub.run();
    transcript = std::make_unique<ChatTranscript>(
        test::value_or_throw(store::TranscriptReader::open(hub.lead_file(), hub.inbox->workspace())),
        [](std::string_view channel) { return "the signing key of " + std::string{channel}; });
  }

  void write(const std::string& conversation, const std::string& message_id, const std::string& text,
             const std::string& person = "", const std::string& channel = "help") {
    auto draft = entry(
        {event(R"({"type":"chat.message","key":")" + conversation + "/" + message_id + R"(","message":")" +
               text + R"(","person":{)" + person + R"("external_ids":{"web":")" + conversation + R"("}}})")});
    draft.channel = channel;
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
    hub.clock.advance(std::chrono::minutes{1});
  }

  std::string lead_of(const std::string& conversation) {
    return test::value_or_throw(hub.reader()->find({lead::ContactKind::external, "web:" + conversation}))
        .front();
  }

  void answer(const std::string& conversation, const std::string& text,
              lead::MessageState state = lead::MessageState::sent) {
    hub.act(lead::ReplyInChat{lead_of(conversation), "help", {"web", conversation}, text, "Grace", text});
    hub.pipeline.reset();
    {
      const auto leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
      auto due =
          test::value_or_throw(leads->outbox().lease({lead::MessageKind::chat_reply}, hub.clock.now(), 9));
      for (auto& message : due) {
        message.state = state;
        if (state == lead::MessageState::sent) message.sent_at = hub.clock.now();
      }
      EXPECT_TRUE(leads->outbox().settle(due));
    }
    hub.clock.advance(std::chrono::minutes{1});
  }

  HttpResponse ask(const std::string& bearer, const std::string& query = "",
                   const std::string& channel = "help", const std::string& method = "GET") {
    HttpRequest request;
    request.method = method;
    request.path = "/chat/" + channel;
    request.query = query;
    if (!bearer.empty()) request.headers.push_back({"authorization", "Bearer " + bearer});
    HttpResponse response;
    transcript->handle(std::move(request), [&](HttpResponse given) { response = std::move(given); });
    return response;
  }
  /// "you: text" and "us: text".
  static std::vector<std::string> lines(const json& document) {
    std::vector<std::string> all;
    for (const auto& message : document["messages"])
      all.push_back(message["from"].get<std::string>() + ": " + message["text"].get<std::string>());
    return all;
  }
  std::vector<std::string> read(const std::string& bearer) { return lines(json::parse(ask(bearer).body)); }

  test::Hub hub;
  sdk::ConversationTokens tokens{key_of_help};
  std::string token = tokens.make();
  std::string id = *tokens.read(token);
  std::unique_ptr<ChatTranscript> transcript;
};

TEST_F(ChatTranscriptTest, ShowsBothSidesInOrder) {
  EXPECT_THAT(read(token), IsEmpty()) << "nothing is written yet";
  write(id, "m1", "Hello");
  answer(id, "Good morning.");
  write(id, "m2", "Do you ship?");
  EXPECT_THAT(read(token), ElementsAre("you: Hello", "us: Good morning.", "you: Do you ship?"));
  const auto document = json::parse(ask(token).body);
  EXPECT_EQ(document["messages"][0]["id"], "m1") << "as its sender called it";
  EXPECT_EQ(document["messages"][0]["at"], "2026-01-05T12:00:00.000Z");
  EXPECT_FALSE(document.dump().find("Grace") != std::string::npos) << "who answers is not told";
}

TEST_F(ChatTranscriptTest, GoesOnWhereItStopped) {
  write(id, "m1", "Hello");
  answer(id, "Good morning.");
  const auto first = json::parse(ask(token).body);
  hub.clock.advance(limits::transcript_overlap);
  const auto after = [](const json& document) { return "after=" + document["next"].get<std::string>(); };
  EXPECT_THAT(lines(json::parse(ask(token, after(first)).body)), ElementsAre("us: Good morning."))
      << "again, lest a clock that was set back hides one";
  write(id, "m2", "Thanks");
  answer(id, "You are welcome.");
  const auto second = json::parse(ask(token, after(first)).body);
  EXPECT_THAT(lines(second), ElementsAre("us: Good morning.", "you: Thanks", "us: You are welcome."));
  EXPECT_THAT(lines(json::parse(ask(token, after(second)).body)), ElementsAre("us: You are welcome."));
}

TEST_F(ChatTranscriptTest, ShowsTheLatestOfALongConversationAndThenAllThatFollows) {
  for (int i = 0; i < 105; ++i) write(id, "m" + std::to_string(i), "line " + std::to_string(i));
  const auto latest = json::parse(ask(token).body);
  EXPECT_EQ(latest["messages"].size(), static_cast<std::size_t>(limits::transcript_messages_max));
  EXPECT_EQ(latest["messages"].back()["text"], "line 104");
  const auto some = json::parse(ask(token, "after=1.0").body);
  EXPECT_EQ(some["messages"].front()["text"], "line 1");
  const auto rest = json::parse(ask(token, "after=" + some["next"].get<std::string>()).body);
  EXPECT_EQ(rest["messages"].back()["text"], "line 104");
}

TEST_F(ChatTranscriptTest, ShowsNothingOfAnotherConversation) {
  const auto other_token = tokens.make();
  const auto other = *tokens.read(other_token);
  // The same address in two browsers, or somebody who types another's.
  write(id, "m1", "My secret", R"("email":"ada@example.com",)");
  answer(id, "It is safe with us.");
  write(other, "m1", "Who am I?", R"("email":"ada@example.com",)");
  write(id, "x", "Elsewhere", "", "another-chat");
  EXPECT_EQ(lead_of(id), lead_of(other)) << "one person";
  EXPECT_THAT(read(other_token), ElementsAre("you: Who am I?"));
  EXPECT_THAT(read(token), ElementsAre("you: My secret", "us: It is safe with us."));
}

TEST_F(ChatTranscriptTest, FollowsMergedLeads) {
  write(id, "m1", "Hello");
  answer(id, "Good morning.");
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  hub.act(lead::MergeLeads{hub.leads_with("ada@example.com").front(), lead_of(id)});
  EXPECT_THAT(read(token), ElementsAre("you: Hello", "us: Good morning."));
}

TEST_F(ChatTranscriptTest, ShowsOnlyRepliesThatWereSent) {
  write(id, "m1", "Hello");
  answer(id, "Refused.", lead::MessageState::failed);
  answer(id, "Lost.", lead::MessageState::unknown);
  EXPECT_THAT(read(token), ElementsAre("you: Hello"));
}

TEST_F(ChatTranscriptTest, IsEmptyOnceThePersonIsErased) {
  write(id, "m1", "Hello");
  answer(id, "Good morning.");
  hub.act(lead::EraseLead{lead_of(id)});
  EXPECT_EQ(ask(token).status, 200);
  EXPECT_THAT(read(token), IsEmpty());
}

TEST_F(ChatTranscriptTest, IsShownToWhoHasTheTokenAlone) {
  write(id, "m1", "Hello");
  for (const auto& bad : {std::string{}, id, id + ".AAAAAAAAAAAAAAAAAAAAAA", token + "A"})
    EXPECT_EQ(ask(bad).status, 401) << bad;
  EXPECT_EQ(ask(token, "", "another-chat").status, 401) << "a token is one channel's";
  EXPECT_EQ(ask(token, "", "help/../help").status, 401);
  for (const auto& bad : {"after=", "after=x", "after=1", "after=1.", "after=-1.0", "after=1.2.3",
                          "before=1.0", "after=99999999999999999999.0"})
    EXPECT_EQ(ask(token, bad).status, 400) << bad;
  EXPECT_EQ(ask(token, "", "help", "POST").status, 405);
}

TEST_F(ChatTranscriptTest, MayBeReadFromAnyWebsiteThatHasTheToken) {
  const auto before = ask("", "", "help", "OPTIONS");
  EXPECT_EQ(before.status, 204);
  const auto header = [](const HttpResponse& response, std::string_view name) {
    for (const auto& each : response.headers)
      if (each.name == name) return each.value;
    return std::string{};
  };
  EXPECT_EQ(header(before, "access-control-allow-origin"), "*");
  EXPECT_EQ(header(before, "access-control-allow-headers"), "authorization");
  EXPECT_EQ(header(ask(token), "access-control-allow-origin"), "*");
  EXPECT_EQ(header(ask(token), "access-control-allow-credentials"), "");
  EXPECT_EQ(header(ask(token), "cache-control"), "no-store");
}

TEST_F(ChatTranscriptTest, CostsLittleHoweverMuchElseThePersonDid) {
  write(id, "m1", "Hello", R"("email":"ada@example.com",)");
  answer(id, "Good morning.");
  std::vector<store::DraftEntry> visits;
  for (int i = 0; i < 5'000; ++i)
    visits.push_back(entry({event(R"({"type":"page.viewed","person":{"email":"ada@example.com"}})")}));
  ASSERT_TRUE(hub.inbox->append(visits));
  hub.run();
  const auto next = json::parse(ask(token).body)["next"].get<std::string>();
  write(id, "m2", "Still there?");
  constexpr int polls = 200;
  const auto time = [&](const std::string& query) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < polls; ++i) EXPECT_EQ(ask(token, query).status, 200);
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() /
           polls;
  };
  const auto poll = time("after=" + next);
  std::cout << "a poll: " << poll << " us; from the beginning: " << time("") << " us\n";
  EXPECT_LT(poll, 5'000) << "microseconds, on a busy machine";
}

}  // namespace
}  // namespace leadhub::capture
