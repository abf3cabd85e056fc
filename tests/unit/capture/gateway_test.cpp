#include "capture/gateway.hpp"

#include <gmock/gmock.h>

#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "capture/event_check.hpp"
#include "capture/poller.hpp"
#include "lead/event.hpp"
#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto form = R"({"type":"form.submitted","key":"k1","person":{"email":"ada@example.com"}})";

/// A channel that does what the test says.
class FakeChannel final : public ChannelPort {
 public:
  const std::string& name() const override { return name_; }
  Result<Authentication> authenticate(const HttpRequest& request, TimePoint) override {
    seen.push_back(request.path);
    return verdict;
  }
  Result<Reading> read(const HttpRequest& request) const override {
    last_read = request;
    return reading;
  }

  Result<Authentication> verdict = Authentication{Authentication::Kind::accept, {}, ""};
  Result<Reading> reading = Reading{{form}, {303, {{"location", "/thanks"}}, ""}};
  std::vector<std::string> seen;
  mutable HttpRequest last_read;

 private:
  std::string name_ = "website";
};

class FakeDirectory final : public ChannelDirectory {
 public:
  std::shared_ptr<ChannelPort> find(std::string_view name) const override {
    return name == "website" && active ? channel : nullptr;
  }
  std::shared_ptr<FakeChannel> channel = std::make_shared<FakeChannel>();
  bool active = true;
};

class GatewayTest : public testing::Test {
 protected:
  GatewayTest()
      : keys{ops::KeyRing::open(folder / "keys").value()},
        inbox{store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value(),
              {},
              clock,
              [](std::int64_t) {},
              [](const Error&) {}},
        gateway{channels, inbox, {keys, test::lower_case}, clock, [this] { return backlog; }} {}

  static HttpRequest post(const std::string& path = "/in/website") {
    HttpRequest request;
    request.method = "POST";
    request.path = path;
    request.query = "x=1";
    request.headers = {{"content-type", "text/plain"},
                       {"authorization", "Bearer secret"},
                       {"cookie", "secret"},
                       {"x-api-key", "secret"},
                       {"webhook-signature", "v1,abc"}};
    request.body = "body";
    request.client_address = "192.0.2.1";
    request.received_at = test::start_time;
    return request;
  }

  HttpResponse send(HttpRequest request) {
    std::promise<HttpResponse> promise;
    auto future = promise.get_future();
    gateway.handle(std::move(request),
                   [&](HttpResponse response) { promise.set_value(std::move(response)); });
    return future.get();
  }

  Result<std::int64_t> redrive(std::int64_t seq) { return gateway.redrive(detail(seq)); }

  store::InboxEntryDetail detail(std::int64_t seq) {
    return store::InboxReader::open(folder / "inbox.db", 1).value()->get(seq).value();
  }

  FakeChannel& channel() { return *channels.channel; }

  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  ops::KeyRing keys;
  FakeDirectory channels;
  std::int64_t backlog = 0;
  InboxWriter inbox;
  Gateway gateway;
};

TEST(ChannelOfPath, TakesThePublicPathsOnly) {
  for (const auto& [path, channel] :
       std::vector<std::pair<std::string, std::string>>{{"/in/website", "website"},
                                                        {"/f/website", "website"},
                                                        {"/f/website.js", "website"},
                                                        {"/in/website.js", "website.js"},
                                                        {"/in/", ""},
                                                        {"/in", ""},
                                                        {"/f/", ""},
                                                        {"/f/.js", ""},
                                                        {"/", ""},
                                                        {"", ""},
                                                        {"/in/a/b", ""},
                                                        {"/in//website", ""},
                                                        {"/f/a/b.js", ""},
                                                        {"/IN/website", ""},
                                                        {"in/website", ""},
                                                        {"/in/%77ebsite", "%77ebsite"},
                                                        {"/in/website/", ""}})
    EXPECT_EQ(channel_of_path(path), channel) << path;
}

TEST_F(GatewayTest, BelievesNoChannelThatAMailboxWasConfirmed) {
  channel().reading = Reading{
      {R"({"type":"newsletter.subscribed","person":{"email":"ada@example.com"},"consent":[{"purpose":"news",)"
       R"("state":"granted","confirms":"1.0"}]})"},
      {200, {}, ""}};
  send(post());
  EXPECT_EQ(detail(1).entry.state, store::EntryState::unreadable);
  EXPECT_THAT(detail(1).entry.reason, testing::HasSubstr("only the hub itself"));
}

TEST_F(GatewayTest, StoresThenAnswersAsTheChannelSays) {
  const auto response = send(post());
  EXPECT_EQ(response.status, 303);
  EXPECT_EQ(inbox.head(), 1);
  const auto entry = detail(1);
  EXPECT_EQ(entry.entry.state, store::EntryState::accepted);
  EXPECT_EQ(entry.entry.channel, "website");
  EXPECT_EQ(entry.entry.events, "[" + std::string{form} + "]");
  EXPECT_EQ(entry.request.body, "body");
  EXPECT_EQ(entry.request.query, "x=1");
  EXPECT_EQ(entry.request.client_address, "192.0.2.1");
  EXPECT_EQ(entry.entry.received_at, test::start_time);
  EXPECT_EQ(gateway.statistics().accepted, 1U);
}

TEST_F(GatewayTest, StoresAThousandEventsOfOneRequestInOneCommit) {
  std::vector<std::string> batch;
  for (int i = 0; i < 1'000; ++i)
    batch.push_back(R"({"type":"email.delivered","key":"event-)" + std::to_string(i) +
                    R"(","person":{"email":"ada@example.com"}})");
  channels.channel->reading = Reading{batch, {200, {}, ""}};
  EXPECT_EQ(send(post()).status, 200);
  EXPECT_EQ(inbox.statistics().commits, 1U);
  EXPECT_EQ(inbox.head(), 1);
  EXPECT_EQ(lead::event_documents(detail(1).entry.events).size(), 1'000U);
  EXPECT_EQ(send(post()).status, 200);
  EXPECT_EQ(inbox.head(), 1) << "the whole batch again is a duplicate";
}

TEST_F(GatewayTest, NotesInTheSameCommitWhatAnEventTakesBack) {
  channel().reading =
      Reading{{R"({"type":"email.complained","person":{"email":"Ada@Example.com"}})"}, {200, {}, ""}};
  send(post());
  const auto reader = store::InboxReader::open(folder / "inbox.db", 1).value();
  EXPECT_THAT(*reader->withdrawn_after(0, address_hash(keys, "ada@example.com")), testing::ElementsAre("*"));
  EXPECT_THAT(*reader->withdrawn_after(0, address_hash(keys, "byron@example.com")), testing::IsEmpty());
}

TEST_F(GatewayTest, KeepsNoCredentials) {
  send(post());
  EXPECT_EQ(detail(1).request.headers, "content-type: text/plain\nwebhook-signature: v1,abc\n");
}

TEST_F(GatewayTest, DoesNotTellWhichChannelsThereAre) {
  const auto unknown = send(post("/in/other"));
  const auto nowhere = send(post("/admin"));
  channels.active = false;
  const auto switched_off = send(post());
  for (const auto* response : {&unknown, &nowhere, &switched_off}) {
    EXPECT_EQ(response->status, 404);
    EXPECT_EQ(response->body, unknown.body);
    EXPECT_EQ(response->headers.size(), unknown.headers.size());
  }
  const auto early = gateway.refuse_early(post("/in/other"));
  ASSERT_TRUE(early);
  EXPECT_EQ(early->body, unknown.body);
  EXPECT_EQ(gateway.statistics().unknown_path, 4U);
  EXPECT_EQ(inbox.head(), 0);
  EXPECT_THAT(channel().seen, IsEmpty());
}

TEST_F(GatewayTest, AnswersAndRefusesWithoutKeepingAnything) {
  for (const auto kind : {Authentication::Kind::answer, Authentication::Kind::refuse}) {
    channel().verdict = Authentication{kind, {401, {}, "no"}, "reason"};
    EXPECT_EQ(send(post()).status, 401);
  }
  channel().verdict = Authentication{Authentication::Kind::accept, {}, ""};
  channel().reading = Reading{{}, {200, {}, "pong"}};
  EXPECT_EQ(send(post()).body, "pong");
  EXPECT_EQ(inbox.head(), 0);
  EXPECT_EQ(gateway.statistics().answered, 2U);
  EXPECT_EQ(gateway.statistics().refused, 1U);
}

TEST_F(GatewayTest, SetsASuspiciousRequestAsideAndDoesNotLetOnThatItDid) {
  channel().verdict = Authentication{Authentication::Kind::hold, {}, "too quick"};
  EXPECT_EQ(send(post()).status, 303);
  EXPECT_EQ(detail(1).entry.state, store::EntryState::held);
  EXPECT_EQ(detail(1).entry.reason, "too quick");
  EXPECT_EQ(gateway.statistics().held, 1U);
}

TEST_F(GatewayTest, KeepsWhatTheChannelCannotRead) {
  channel().reading = fail(ErrorCode::invalid, "the body is no JSON");
  const auto response = send(post());
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(detail(1).entry.state, store::EntryState::unreadable);
  EXPECT_EQ(detail(1).entry.reason, "the body is no JSON");
  EXPECT_EQ(detail(1).entry.events, "[]");
  EXPECT_EQ(detail(1).request.body, "body");
}

TEST_F(GatewayTest, KeepsARequestWithAnInvalidEventWhole) {
  channel().reading = Reading{{form, R"({"type":"form.submited"})"}, {200, {}, ""}};
  EXPECT_EQ(send(post()).status, 200);
  EXPECT_EQ(detail(1).entry.state, store::EntryState::unreadable);
  EXPECT_THAT(detail(1).entry.reason, HasSubstr("/type is no known event type"));
  EXPECT_EQ(detail(1).entry.events, "[]") << "all or nothing: its redrive brings all of them";
  channel().reading =
      Reading{std::vector<std::string>(limits::events_per_request_max + 1, form), {200, {}, ""}};
  send(post());
  EXPECT_THAT(detail(2).entry.reason, HasSubstr("more than 1000 events"));
}

TEST_F(GatewayTest, SaysSorryWhereThePluginFails) {
  channel().verdict = fail(ErrorCode::internal, "the plugin broke");
  const auto response = send(post());
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("broke")));
  EXPECT_EQ(gateway.statistics().plugin_errors, 1U);
  EXPECT_EQ(inbox.head(), 0);
}

TEST_F(GatewayTest, AnswersARetryAsItAnsweredBefore) {
  EXPECT_EQ(send(post()).status, 303);
  EXPECT_EQ(send(post()).status, 303);
  EXPECT_EQ(inbox.head(), 1);
}

TEST_F(GatewayTest, KeepsATwinWithAnotherContentForReview) {
  send(post());
  channel().reading = Reading{
      {R"({"type":"form.submitted","key":"k1","person":{"email":"bob@example.com"}})"}, {200, {}, ""}};
  EXPECT_EQ(send(post()).status, 200);
  EXPECT_EQ(detail(2).entry.state, store::EntryState::conflict);
}

TEST_F(GatewayTest, MakesAFreshKeyWhereThereIsNone) {
  channel().reading = Reading{{R"( { "type" : "page.viewed", "anonymous_id": "v" } )"}, {200, {}, ""}};
  send(post());
  send(post());
  EXPECT_EQ(inbox.head(), 2) << "without keys there are no duplicates";
  std::vector<std::string> made;
  for (const std::int64_t seq : {1, 2}) {
    const auto events = nlohmann::json::parse(detail(seq).entry.events);
    made.push_back(events.at(0).at("key"));
    EXPECT_EQ(made.back().size(), 36U);
    EXPECT_TRUE(lead::parse_event(events.at(0).dump()));
  }
  EXPECT_NE(made[0], made[1]);
}

TEST_F(GatewayTest, TellsSendersToComeBackWhileItCannotKeepUp) {
  backlog = limits::backlog_entries_max;
  const auto early = gateway.refuse_early(post());
  ASSERT_TRUE(early);
  EXPECT_EQ(early->status, 503);
  const auto retry = std::find_if(early->headers.begin(), early->headers.end(),
                                  [](const HttpHeader& header) { return header.name == "retry-after"; });
  ASSERT_NE(retry, early->headers.end());
  EXPECT_EQ(retry->value, "5");
  auto page = post("/f/website");
  page.method = "GET";
  EXPECT_FALSE(gateway.refuse_early(page)) << "pages are still shown";
  backlog = 0;
  EXPECT_FALSE(gateway.refuse_early(post()));
  inbox.stop();
  EXPECT_EQ(gateway.refuse_early(post())->status, 503);
  const auto late = send(post());
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(gateway.statistics().unavailable, 3U);
}

TEST_F(GatewayTest, RedrivesWithTheRequestAsItCame) {
  channel().reading = fail(ErrorCode::invalid, "no such mapping");
  send(post());
  channel().reading = Reading{{form}, {200, {}, ""}};
  clock.advance(std::chrono::hours{5});
  const auto seq = redrive(1);
  ASSERT_TRUE(seq) << seq.error().message;
  EXPECT_EQ(*seq, 2);
  const auto& read = channel().last_read;
  EXPECT_EQ(read.method, "POST");
  EXPECT_EQ(read.path, "/in/website");
  EXPECT_EQ(read.query, "x=1");
  EXPECT_EQ(read.body, "body");
  EXPECT_EQ(read.header("content-type"), "text/plain");
  EXPECT_EQ(read.client_address, "192.0.2.1");
  EXPECT_EQ(read.received_at, test::start_time);
  const auto entry = detail(2).entry;
  EXPECT_EQ(entry.kind, store::EntryKind::redrive);
  EXPECT_EQ(entry.redrive_of, 1);
  EXPECT_EQ(entry.received_at, test::start_time);
  EXPECT_EQ(entry.events, "[" + std::string{form} + "]");
  EXPECT_EQ(redrive(1).value(), 3) << "as often as one likes";
}

TEST_F(GatewayTest, KeepsHeadersOfAnyBytesAsText) {
  auto request = post();
  request.headers = {{"x-latin", "caf\xe9"}, {"x-utf", "caf\u00e9"}, {"base64", "YQ=="}, {"x-empty", ""}};
  send(request);
  EXPECT_EQ(detail(1).request.headers,
            "x-latin:base64 Y2Fm6Q==\nx-utf: caf\u00e9\nbase64: YQ==\nx-empty: \n");
  ASSERT_TRUE(redrive(1));
  const auto& read = channel().last_read;
  ASSERT_EQ(read.headers.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(read.headers[i].value, request.headers[i].value) << i;
}

TEST_F(GatewayTest, RefusesToRedriveATwinAndNamesTheEntryThatCounts) {
  constexpr auto other = R"({"type":"form.submitted","key":"k1","person":{"email":"bob@example.com"}})";
  constexpr auto keyless = R"({"type":"form.submitted","person":{"email":"eve@example.com"}})";
  send(post());
  channel().reading = Reading{{other, keyless}, {200, {}, ""}};
  send(post());
  ASSERT_EQ(detail(3).entry.state, store::EntryState::conflict);
  const auto refused = redrive(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("entry 3"), HasSubstr("belongs to entry 1")));
  channel().reading = Reading{{keyless}, {200, {}, ""}};
  EXPECT_EQ(redrive(3).error().code, ErrorCode::conflict) << "it stands in entry 2";
  EXPECT_EQ(inbox.head(), 3);
}

TEST_F(GatewayTest, RefusesARedriveThatMakesNoSense) {
  send(post());
  ASSERT_EQ(redrive(1).value(), 2);
  const auto message_of = [&](std::int64_t seq, ErrorCode code) {
    const auto result = redrive(seq);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    return result.error().message;
  };
  EXPECT_THAT(message_of(2, ErrorCode::invalid), HasSubstr("is itself a redrive of entry 1"));
  channel().reading = fail(ErrorCode::invalid, "broken");
  EXPECT_THAT(message_of(1, ErrorCode::invalid), HasSubstr("still cannot read the request: broken"));
  channel().reading = Reading{{}, {400, {}, ""}};
  EXPECT_THAT(message_of(1, ErrorCode::invalid), HasSubstr("would answer 400"));
  channel().reading = Reading{{"[]"}, {200, {}, ""}};
  EXPECT_THAT(message_of(1, ErrorCode::invalid), HasSubstr("must be an object"));
  channels.active = false;
  EXPECT_THAT(message_of(1, ErrorCode::not_found), HasSubstr("\"website\" is not active"));
  channels.active = true;
  channel().reading = Reading{{form}, {200, {}, ""}};
  inbox.stop();
  message_of(1, ErrorCode::unavailable);
  EXPECT_EQ(inbox.head(), 2);
}

/// What was polled came as events: those are read again, and one that was unreadable may be readable by now.
TEST_F(GatewayTest, RedrivesWhatWasPolledWithoutAskingTheChannel) {
  store::DraftEntry polled;
  polled.channel = "returned";
  polled.received_at = test::start_time;
  polled.request.method = poll_method;
  auto unreadable = polled;
  unreadable.state = store::EntryState::unreadable;
  unreadable.request.body = R"({"type":"email.bounced","key":"2","person":{"email":"alan@example.com"}})";
  polled.events = {check_event("returned",
                               R"({"type":"email.bounced","key":"1","person":{"email":"ada@example.com"}})",
                               test::start_time, {keys, test::lower_case})
                       ->draft};
  ASSERT_TRUE(inbox.append_and_wait(polled));
  ASSERT_TRUE(inbox.append_and_wait(unreadable));
  for (const auto& [seq, email] : {std::pair{1, "ada@"}, std::pair{2, "alan@"}}) {
    const auto again = redrive(seq);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_THAT(detail(*again).entry.events, HasSubstr(email));
    EXPECT_EQ(detail(*again).entry.redrive_of, seq);
  }
}

}  // namespace
}  // namespace leadhub::capture
