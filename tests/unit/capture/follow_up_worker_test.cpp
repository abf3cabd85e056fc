#include "capture/follow_up_worker.hpp"

#include <gmock/gmock.h>

#include <future>
#include <set>

#include "capture/gateway.hpp"
#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using State = store::FollowUpResult::State;
using Outcome = FollowUp::Outcome;

constexpr auto fetched = R"({"type":"form.submitted","key":"lead-1","person":{"email":"ada@example.com"}})";

/// A channel whose requests name a lead to fetch.
class FetchingChannel final : public ChannelPort {
 public:
  const std::string& name() const override { return name_; }
  Result<Authentication> authenticate(const HttpRequest&, TimePoint) override {
    return Authentication{verdict, {}, "odd"};
  }
  Result<Reading> read(const HttpRequest&) const override { return Reading{events, {200, {}, "ok"}}; }
  bool follows_up() const override { return true; }
  bool wants_follow_up(const HttpRequest& request) const override {
    return request.body.starts_with("fetch");
  }
  FollowUp follow_up(const HttpRequest& request, const std::string& key, TimePoint) override {
    runs.push_back(request.body);
    keys.push_back(key);
    return result;
  }

  Authentication::Kind verdict = Authentication::Kind::accept;
  std::vector<std::string> events;
  FollowUp result{Outcome::done, {fetched}, {}, {}};
  std::vector<std::string> runs;
  std::vector<std::string> keys;

 private:
  std::string name_ = "ads";
};

class OneChannel final : public ChannelDirectory {
 public:
  explicit OneChannel(std::shared_ptr<ChannelPort> channel) : channel_(std::move(channel)) {}
  std::shared_ptr<ChannelPort> find(std::string_view name) const override {
    return name == channel_->name() ? channel_ : nullptr;
  }

 private:
  std::shared_ptr<ChannelPort> channel_;
};

class FollowUpWorkerTest : public testing::Test {
 protected:
  FollowUpWorkerTest()
      : keys{ops::KeyRing::open(folder / "keys").value()},
        inbox{store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value(),
              {},
              clock,
              [](std::int64_t) {},
              [](const Error&) {}},
        gateway{channels,
                inbox,
                rules(),
                clock,
                [] { return std::int64_t{0}; },
                [this](const std::string& name) { told.push_back(name); }},
        worker{channel, reader(), inbox, rules(), clock} {}

  EventRules rules() { return {keys, test::lower_case}; }
  std::unique_ptr<store::InboxReader> reader() {
    return store::InboxReader::open(folder / "inbox.db", 1).value();
  }

  int post(const std::string& body) {
    HttpRequest request;
    request.method = "POST";
    request.path = "/in/ads";
    request.body = body;
    request.received_at = clock.now();
    std::promise<int> status;
    auto future = status.get_future();
    gateway.handle(std::move(request),
                   [&](const HttpResponse& response) { status.set_value(response.status); });
    return future.get();
  }
  std::size_t step() { return worker.step().value(); }
  std::optional<store::FollowUpResult> follow_up_of(std::int64_t seq) {
    return reader()->follow_up_of(seq).value();
  }
  std::vector<store::InboxEntry> entries() { return reader()->read_after(0, 100, 1'000'000).value(); }

  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  ops::KeyRing keys;
  std::shared_ptr<FetchingChannel> channel = std::make_shared<FetchingChannel>();
  OneChannel channels{channel};
  InboxWriter inbox;
  std::vector<std::string> told;
  Gateway gateway;
  FollowUpWorker worker;
};

TEST_F(FollowUpWorkerTest, StoresWhatTheRequestAskedForAsAnEntryOfItsOwn) {
  EXPECT_EQ(post("fetch 1"), 200);
  EXPECT_THAT(told, ElementsAre("ads"));
  EXPECT_EQ(step(), 1);
  EXPECT_THAT(channel->runs, ElementsAre("fetch 1"));
  const auto log = entries();
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[1].kind, store::EntryKind::follow_up);
  EXPECT_EQ(log[1].follows, 1);
  EXPECT_THAT(log[1].events, HasSubstr("ada@example.com"));
  EXPECT_EQ(follow_up_of(1), std::nullopt);
  EXPECT_EQ(step(), 0);
  EXPECT_EQ(worker.statistics().done, 1);
}

TEST_F(FollowUpWorkerTest, TakesARepeatedRequestForTheSame) {
  post("fetch 1");
  EXPECT_EQ(post("fetch 1"), 200);
  EXPECT_EQ(step(), 1);
  EXPECT_EQ(post("fetch 1"), 200);
  EXPECT_EQ(step(), 0);
  EXPECT_THAT(entries(), SizeIs(2));
  post("fetch 2");
  EXPECT_EQ(step(), 1);
}

TEST_F(FollowUpWorkerTest, BringsNothingNewWhereTheFetchedLeadIsKnown) {
  post("fetch 1");
  step();
  post("fetch 1 again");
  EXPECT_EQ(step(), 1);
  EXPECT_THAT(entries(), SizeIs(3));  // two requests and one lead
  EXPECT_EQ(follow_up_of(3), std::nullopt);
}

TEST_F(FollowUpWorkerTest, LeavesAloneWhatAsksForNothing) {
  EXPECT_EQ(post("hello"), 200);
  EXPECT_THAT(entries(), IsEmpty());
  channel->events = {fetched};
  post("hello");
  EXPECT_EQ(step(), 0);
  channel->verdict = Authentication::Kind::hold;
  channel->events = {};
  post("fetch 3");
  EXPECT_EQ(step(), 0);
  EXPECT_THAT(channel->runs, IsEmpty());
}

TEST_F(FollowUpWorkerTest, KeepsTheEventsOfTheRequestItself) {
  channel->events = {fetched};
  channel->result.events = {R"({"type":"chat.message","key":"reply-1"})"};
  post("fetch 1");
  EXPECT_EQ(step(), 1);
  ASSERT_THAT(entries(), SizeIs(2));
  EXPECT_THAT(entries()[0].events, HasSubstr("lead-1"));
  EXPECT_THAT(entries()[1].events, HasSubstr("reply-1"));
}

TEST_F(FollowUpWorkerTest, TriesAgainAfterAWaitThatDoubles) {
  channel->result = {Outcome::retry, {}, "busy", {}};
  post("fetch 1");
  std::chrono::milliseconds waited{0};
  for (std::int64_t attempt = 1; attempt <= 4; ++attempt) {
    EXPECT_EQ(step(), 1);
    EXPECT_EQ(step(), 0) << "not before its time";
    const auto waiting = follow_up_of(1);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->state, State::waiting);
    EXPECT_EQ(waiting->attempts, attempt);
    EXPECT_EQ(waiting->detail, "busy");
    const auto wait = waiting->due_at - clock.now();
    EXPECT_EQ(wait, limits::follow_up_retry_first * (1 << (attempt - 1)));
    EXPECT_GT(wait, waited);
    waited = std::chrono::duration_cast<std::chrono::milliseconds>(wait);
    clock.advance(waited);
  }
  channel->result = {Outcome::done, {fetched}, {}, {}};
  EXPECT_EQ(step(), 1);
  EXPECT_EQ(follow_up_of(1), std::nullopt);
  EXPECT_THAT(std::set(channel->keys.begin(), channel->keys.end()), SizeIs(1)) << "one key for all runs";
}

TEST_F(FollowUpWorkerTest, WaitsAsLongAsTheOtherSideAsks) {
  channel->result = {Outcome::retry, {}, "slow down", 1h};
  post("fetch 1");
  step();
  EXPECT_EQ(follow_up_of(1)->due_at, clock.now() + 1h);
}

TEST_F(FollowUpWorkerTest, GivesUpAfterThreeDays) {
  channel->result = {Outcome::retry, {}, "busy", {}};
  post("fetch 1");
  const auto begin = clock.now();
  while (step() == 1 && follow_up_of(1)->state == State::waiting) clock.set(follow_up_of(1)->due_at);
  EXPECT_EQ(follow_up_of(1)->state, State::failed);
  EXPECT_EQ(follow_up_of(1)->attempts, limits::follow_up_attempts_max);
  EXPECT_GT(clock.now() - begin, 2 * 24h);
  EXPECT_LT(clock.now() - begin, 4 * 24h);
  EXPECT_EQ(worker.statistics().failed, 1);
}

TEST_F(FollowUpWorkerTest, GivesUpAtOnceWhereNothingWillChangeAndGoesOnByARedrive) {
  channel->result = {Outcome::failed, {}, "no such lead", {}};
  post("fetch 1");
  step();
  EXPECT_EQ(follow_up_of(1)->state, State::failed);
  EXPECT_EQ(follow_up_of(1)->detail, "no such lead");
  clock.advance(100h);
  EXPECT_EQ(step(), 0);

  channel->result = {Outcome::done, {fetched}, {}, {}};
  EXPECT_EQ(gateway.redrive(reader()->get(1).value()), 1);
  EXPECT_EQ(step(), 1);
  EXPECT_THAT(entries(), SizeIs(2));
}

TEST_F(FollowUpWorkerTest, GivesUpOnEventsThatAreNone) {
  channel->result.events = {fetched, R"({"type":"no such type"})"};
  post("fetch 1");
  step();
  EXPECT_EQ(follow_up_of(1)->state, State::failed);
  EXPECT_THAT(entries(), SizeIs(1)) << "all or nothing";
}

TEST_F(FollowUpWorkerTest, RunsAgainWhereTheProcessEndedBeforeTheCommit) {
  post("fetch 1");
  inbox.stop();
  EXPECT_FALSE(worker.step());
  InboxWriter restarted{store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value(),
                        {},
                        clock,
                        [](std::int64_t) {},
                        [](const Error&) {}};
  FollowUpWorker again{channel, reader(), restarted, rules(), clock};
  EXPECT_EQ(again.step(), 1);
  EXPECT_THAT(entries(), SizeIs(2));
  EXPECT_THAT(std::set(channel->keys.begin(), channel->keys.end()), SizeIs(1));
}

TEST_F(FollowUpWorkerTest, WaitsWhileItIsHeld) {
  bool is_held = true;
  FollowUpWorker held{channel, reader(), inbox, rules(), clock, [&] { return is_held; }};
  post("fetch 1");
  EXPECT_EQ(held.step(), 0);
  EXPECT_THAT(channel->runs, IsEmpty());
  EXPECT_EQ(follow_up_of(1)->attempts, 0);
  is_held = false;
  EXPECT_EQ(held.step(), 1);
}

TEST_F(FollowUpWorkerTest, WorksByItselfAsSoonAsItIsTold) {
  worker.start();
  post("fetch 1");
  worker.notify();
  for (int i = 0; i < 500 && worker.statistics().done == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(worker.statistics().done, 1);
  worker.stop();
}

TEST_F(FollowUpWorkerTest, CountsWhatWaitsAndWhatWasGivenUp) {
  channel->result = {Outcome::failed, {}, "no", {}};
  post("fetch 1");
  step();
  post("fetch 2");
  const auto counts = reader()->follow_up_counts().value();
  ASSERT_THAT(counts, SizeIs(1));
  EXPECT_EQ(counts[0].channel, "ads");
  EXPECT_EQ(counts[0].waiting, 1);
  EXPECT_EQ(counts[0].failed, 1);
}

}  // namespace
}  // namespace leadhub::capture
