#include "capture/poller.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using Mending = PollFailure::Mending;

std::string bounce(const std::string& key, const std::string& email = "ada@example.com") {
  return R"({"type":"email.bounced","key":")" + key + R"(","person":{"email":")" + email +
         R"("},"signal":{"bounce":"hard"}})";
}

/// What a channel finds, one answer a poll; after the last it finds nothing new.
struct Script {
  std::deque<std::expected<Poll, PollFailure>> answers;
  std::vector<std::string> cursors;  ///< that it was asked with
  TimePoint deadline{};
};

class ScriptedChannel final : public PollPort {
 public:
  explicit ScriptedChannel(Script& script) : script_(script) {}
  const std::string& name() const override { return name_; }
  std::expected<Poll, PollFailure> poll(std::string_view cursor, TimePoint deadline) override {
    script_.cursors.emplace_back(cursor);
    script_.deadline = deadline;
    if (script_.answers.empty()) return Poll{};
    auto answer = std::move(script_.answers.front());
    script_.answers.pop_front();
    return answer;
  }

 private:
  Script& script_;
  std::string name_ = "returned";
};

class PollerTest : public testing::Test {
 protected:
  PollerTest() { open(); }

  void open() {
    poller.reset();
    writer.reset();
    writer = std::make_unique<InboxWriter>(
        store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value(), InboxWriter::Retention{},
        clock, [](std::int64_t) {}, [](const Error&) {});
    poller = std::make_unique<Poller>(Poller::Ports{std::make_unique<ScriptedChannel>(script),
                                                    store::InboxReader::open(folder / "inbox.db", 1).value(),
                                                    [this] { return overloaded; }},
                                      *writer, EventRules{keys, test::lower_case}, 1min, clock);
  }
  void finds(std::vector<std::string> events, std::optional<std::string> cursor,
             std::optional<std::chrono::milliseconds> wait = {}) {
    script.answers.push_back(Poll{std::move(events), std::move(cursor), wait});
  }
  void fails(Mending mending = Mending::by_itself, std::chrono::milliseconds retry_after = 0ms) {
    script.answers.push_back(
        std::unexpected(PollFailure{{ErrorCode::unavailable, "it is away"}, mending, retry_after}));
  }
  std::chrono::milliseconds wait_of_step() { return poller->step() - clock.now(); }
  std::vector<store::InboxEntry> entries() {
    return store::InboxReader::open(folder / "inbox.db", 1).value()->read_after(0, 100, 1 << 20).value();
  }

  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  ops::KeyRing keys = ops::KeyRing::open(folder / "keys").value();
  Script script;
  bool overloaded = false;
  std::unique_ptr<InboxWriter> writer;
  std::unique_ptr<Poller> poller;
};

TEST_F(PollerTest, StoresWhatAPollFindsAndGoesOnFromItsCursor) {
  finds({bounce("1"), bounce("2")}, "two");
  EXPECT_EQ(wait_of_step(), 1min);
  ASSERT_THAT(entries(), SizeIs(1));
  EXPECT_EQ(entries()[0].channel, "returned");
  EXPECT_EQ(entries()[0].state, store::EntryState::accepted);
  EXPECT_THAT(entries()[0].events, AllOf(HasSubstr("\"1\""), HasSubstr("\"2\"")));
  EXPECT_EQ(script.deadline, clock.now() + limits::poll_deadline);
  EXPECT_EQ(wait_of_step(), 1min);
  EXPECT_THAT(script.cursors, ElementsAre("", "two"));
  EXPECT_THAT(entries(), SizeIs(1)) << "nothing found, nothing stored";
  EXPECT_EQ(poller->statistics().polls, 2u);
  EXPECT_EQ(poller->statistics().events, 2u);
}

TEST_F(PollerTest, RemembersTheCursorOverARestart) {
  finds({bounce("1")}, "one");
  static_cast<void>(poller->step());
  open();
  static_cast<void>(poller->step());
  EXPECT_THAT(script.cursors, ElementsAre("", "one"));
}

TEST_F(PollerTest, MovesTheCursorPastWhatGivesNoEvent) {
  finds({}, "spam");
  static_cast<void>(poller->step());
  static_cast<void>(poller->step());
  EXPECT_THAT(script.cursors, ElementsAre("", "spam"));
  EXPECT_EQ(writer->head(), 0);
}

TEST_F(PollerTest, MovesTheCursorPastWhatIsKnownAlready) {
  finds({bounce("1")}, "one");
  finds({bounce("1")}, "again");
  static_cast<void>(poller->step());
  static_cast<void>(poller->step());
  static_cast<void>(poller->step());
  EXPECT_THAT(script.cursors, ElementsAre("", "one", "again"));
  EXPECT_THAT(entries(), SizeIs(1));
}

TEST_F(PollerTest, KeepsAnEventThatIsNoneAndTheOthersBesideIt) {
  finds({bounce("1"), R"({"type":"no.such.type"})", bounce("2")}, "three");
  EXPECT_EQ(wait_of_step(), 1min);
  ASSERT_THAT(entries(), SizeIs(2));
  EXPECT_EQ(entries()[0].state, store::EntryState::unreadable);
  EXPECT_THAT(entries()[0].reason, HasSubstr("/type"));
  EXPECT_THAT(entries()[1].events, AllOf(HasSubstr("\"1\""), HasSubstr("\"2\"")));
  EXPECT_EQ(poller->statistics().unreadable, 1u);
}

TEST_F(PollerTest, GoesOnAtOnceWhereThereIsMoreButOnlyFromAnotherPlace) {
  finds({bounce("1")}, "one", 0ms);
  finds({}, "one", 0ms);
  finds({}, "one", 5min);
  EXPECT_EQ(wait_of_step(), 0ms);
  EXPECT_EQ(wait_of_step(), 1min) << "at once from the same place would be for ever";
  EXPECT_EQ(wait_of_step(), 5min);
}

TEST_F(PollerTest, WaitsLongerWithEachFailureAndForgetsThemWithASuccess) {
  for (int i = 0; i < 12; ++i) fails();
  EXPECT_THAT(wait_of_step(), AllOf(Ge(24s), Le(36s)));
  EXPECT_THAT(wait_of_step(), AllOf(Ge(48s), Le(72s)));
  for (int i = 0; i < 9; ++i) static_cast<void>(poller->step());
  EXPECT_THAT(wait_of_step(), AllOf(Ge(48min), Le(72min)));
  EXPECT_EQ(poller->statistics().failures_in_a_row, 12u);
  EXPECT_EQ(poller->statistics().failure, "it is away");
  EXPECT_EQ(poller->statistics().succeeded_at, std::nullopt);

  EXPECT_EQ(wait_of_step(), 1min);
  EXPECT_EQ(poller->statistics().failures_in_a_row, 0u);
  EXPECT_THAT(poller->statistics().failure, IsEmpty());
  EXPECT_EQ(poller->statistics().succeeded_at, clock.now());
  fails();
  EXPECT_THAT(wait_of_step(), Le(36s));
}

TEST_F(PollerTest, AsksSeldomWhereAnOperatorHasToMendSomethingAndNotBeforeItIsAllowed) {
  fails(Mending::by_operator);
  fails(Mending::by_itself, 3h);
  EXPECT_THAT(wait_of_step(), AllOf(Ge(24min), Le(36min)));
  EXPECT_EQ(wait_of_step(), 3h);
}

TEST_F(PollerTest, DoesNotPollWhileTheInboxIsFull) {
  overloaded = true;
  finds({bounce("1")}, "one");
  EXPECT_EQ(wait_of_step(), limits::retry_after);
  EXPECT_THAT(script.cursors, IsEmpty());
  EXPECT_EQ(poller->statistics().put_off, 1u);
  overloaded = false;
  static_cast<void>(poller->step());
  EXPECT_EQ(writer->head(), 1);
}

TEST_F(PollerTest, FindsAgainWhatTheInboxDidNotTake) {
  finds({bounce("1")}, "one");
  finds({bounce("1")}, "one");
  writer->stop();
  EXPECT_THAT(wait_of_step(), AllOf(Ge(24s), Le(36s)));
  open();
  EXPECT_EQ(wait_of_step(), 1min);
  EXPECT_THAT(script.cursors, ElementsAre("", ""));
  EXPECT_THAT(entries(), SizeIs(1));
}

TEST_F(PollerTest, WithdrawsAtOnceFromWhomAMailDidNotReach) {
  finds({bounce("1")}, "one");
  static_cast<void>(poller->step());
  const auto withdrawn = store::InboxReader::open(folder / "inbox.db", 1)
                             .value()
                             ->withdrawn_after(0, address_hash(keys, "ada@example.com"));
  ASSERT_TRUE(withdrawn);
  EXPECT_THAT(*withdrawn, ElementsAre("*"));
}

TEST_F(PollerTest, PollsByItselfWhenItsTimeHasCome) {
  finds({bounce("1")}, "one");
  finds({bounce("2")}, "two");
  poller->start();
  const auto wait_for = [&](std::int64_t head) {
    for (int i = 0; i < 1000 && writer->head() < head; ++i) std::this_thread::sleep_for(10ms);
    return writer->head();
  };
  EXPECT_EQ(wait_for(1), 1);
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(writer->head(), 1) << "its clock stands still";
  clock.advance(1min);
  EXPECT_EQ(wait_for(2), 2);
  poller->stop();
}

}  // namespace
}  // namespace leadhub::capture
