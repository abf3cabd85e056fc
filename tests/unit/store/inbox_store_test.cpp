#include "store/inbox_store.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <set>

#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/foreign_lock.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::store {
namespace {

using test::entry;
using test::event;
using Kind = AppendOutcome::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

class Inbox : public testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    reader.reset();
    store.reset();
    auto opened = InboxWriterStore::open(file(), "main", clock);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    auto reading = InboxReader::open(file(), store->workspace());
    ASSERT_TRUE(reading) << reading.error().message;
    reader = std::move(*reading);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder / "inbox.db"; }

  std::vector<AppendOutcome> append(const std::vector<DraftEntry>& drafts) {
    auto outcomes = store->append(drafts);
    EXPECT_TRUE(outcomes) << outcomes.error().message;
    return outcomes ? *outcomes : std::vector<AppendOutcome>(drafts.size());
  }
  AppendOutcome append(const DraftEntry& draft) { return append(std::vector{draft}).front(); }

  std::int64_t purge(TimePoint before, std::int64_t processed) {
    return store->purge({before, processed, 0, 100, none_in_quarantine}).value().purged;
  }

  std::vector<InboxEntry> all() { return reader->read_after(0, 100'000, limits::batch_bytes_max).value(); }

  const QuarantineLookup none_in_quarantine = [](auto) { return std::vector<std::int64_t>{}; };
  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  std::unique_ptr<InboxWriterStore> store;
  std::unique_ptr<InboxReader> reader;
};

TEST_F(Inbox, GivesBackWhatWasAppended) {
  auto draft = entry({event(R"({"a":1})", "k1"), event(R"({"b":2})")}, "name=Ada&x=%20");
  draft.state = EntryState::held;
  draft.reason = "too quick";
  EXPECT_EQ(append(draft).seq, 1);
  const auto detail = reader->get(1);
  ASSERT_TRUE(detail) << detail.error().message;
  EXPECT_EQ(detail->entry.seq, 1);
  EXPECT_EQ(detail->entry.kind, EntryKind::request);
  EXPECT_EQ(detail->entry.state, EntryState::held);
  EXPECT_EQ(detail->entry.reason, "too quick");
  EXPECT_EQ(detail->entry.channel, "website");
  EXPECT_EQ(detail->entry.received_at, test::start_time);
  EXPECT_EQ(detail->entry.events, R"([{"a":1},{"b":2}])");
  EXPECT_EQ(detail->entry.redrive_of, std::nullopt);
  EXPECT_EQ(detail->request.method, "POST");
  EXPECT_EQ(detail->request.path, "/in/website");
  EXPECT_EQ(detail->request.query, "q=1");
  EXPECT_EQ(detail->request.headers, "content-type: text/plain\n");
  EXPECT_EQ(detail->request.body, "name=Ada&x=%20");
  EXPECT_EQ(detail->request.client_address, "192.0.2.1");
}

TEST_F(Inbox, KeepsBodiesOfAnyBytes) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::vector<std::string> bodies{"",
                                        "text",
                                        "h\u00e9",
                                        std::string{"a\0b", 3},
                                        "\xff\xfe",
                                        every_byte,
                                        std::string(3'000'000, '\x80'),
                                        "base64",
                                        "aGk="};
  std::vector<DraftEntry> drafts;
  for (const auto& body : bodies) drafts.push_back(entry({}, body));
  append(drafts);
  for (std::size_t i = 0; i < bodies.size(); ++i)
    EXPECT_EQ(reader->get(static_cast<std::int64_t>(i) + 1)->request.body, bodies[i]) << i;
}

TEST_F(Inbox, SaysThatAnEntryIsMissing) {
  const auto detail = reader->get(7);
  ASSERT_FALSE(detail);
  EXPECT_EQ(detail.error().code, ErrorCode::not_found);
  EXPECT_THAT(detail.error().message, HasSubstr("no entry 7"));
}

TEST_F(Inbox, KnowsARetryInTheSameBatchInALaterOneAndAfterAStart) {
  const auto outcomes =
      append(std::vector{entry({event("{}", "a")}), entry({event("{}", "a")}), entry({event("{}", "b")})});
  EXPECT_EQ(outcomes[0].kind, Kind::committed);
  EXPECT_EQ(outcomes[1].kind, Kind::duplicate);
  EXPECT_EQ(outcomes[1].seq, 1);
  EXPECT_EQ(outcomes[2].kind, Kind::committed);
  EXPECT_EQ(outcomes[2].seq, 2);
  EXPECT_EQ(append(entry({event("{}", "a")})).kind, Kind::duplicate);
  reopen();
  EXPECT_EQ(append(entry({event("{}", "b")})).seq, 2);
  EXPECT_EQ(append(entry({event("{}", "b")})).kind, Kind::duplicate);
  EXPECT_EQ(store->head(), 2);
  EXPECT_EQ(all().size(), 2U);
}

TEST_F(Inbox, KeepsATwinWithAnotherBodyForReview) {
  append(entry({event("{}", "a")}));
  auto twin = event(R"({"other":1})", "a");
  twin.body_hash = "another";
  const auto outcome = append(entry({twin}, "the twin"));
  EXPECT_EQ(outcome.kind, Kind::conflict);
  EXPECT_EQ(outcome.seq, 2);
  const auto detail = reader->get(2);
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->entry.state, EntryState::conflict);
  EXPECT_THAT(detail->entry.reason, HasSubstr("in entry 1"));
  EXPECT_EQ(detail->entry.events, R"([{"other":1}])");
  EXPECT_EQ(detail->request.body, "the twin");
  EXPECT_EQ(append(entry({event("{}", "a")})).kind, Kind::duplicate) << "the first one stays the known one";
}

TEST_F(Inbox, SplitsARequestOfNewKnownAndContradictingEvents) {
  append(entry({event(R"({"n":1})", "a"), event(R"({"n":2})", "b")}));
  auto twin = event(R"({"n":"twin"})", "b");
  twin.body_hash = "another";
  const auto outcome =
      append(entry({event(R"({"n":1})", "a"), twin, event(R"({"n":3})", "c"), event(R"({"n":4})")}));
  EXPECT_EQ(outcome.kind, Kind::conflict);
  EXPECT_EQ(outcome.seq, 3);
  const auto entries = all();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].state, EntryState::accepted);
  EXPECT_EQ(entries[1].events, R"([{"n":3},{"n":4}])");
  EXPECT_EQ(entries[2].state, EntryState::conflict);
  EXPECT_EQ(entries[2].events, R"([{"n":"twin"}])");
  EXPECT_EQ(append(entry({event(R"({"n":5})", "d"), event(R"({"n":1})", "a")})).kind, Kind::committed);
  EXPECT_EQ(all().back().events, R"([{"n":5}])") << "only what is new";
}

TEST_F(Inbox, TakesEventsWithoutKeysAsOftenAsTheyCome) {
  EXPECT_EQ(append(std::vector{entry({event("{}")}), entry({event("{}")})})[1].kind, Kind::committed);
  EXPECT_EQ(all().size(), 2U);
}

DraftEntry redrive_of(std::int64_t original, std::vector<DraftEvent> events) {
  DraftEntry redrive;
  redrive.kind = EntryKind::redrive;
  redrive.channel = "website";
  redrive.received_at = test::start_time;
  redrive.redrive_of = original;
  redrive.events = std::move(events);
  return redrive;
}

TEST_F(Inbox, TakesARedriveThoughItsKeysAreKnown) {
  append(entry({event("{}", "a")}));
  const auto redrive = redrive_of(1, {event(R"({"new":1})", "a")});
  EXPECT_EQ(append(redrive).seq, 2);
  EXPECT_EQ(append(redrive).seq, 3);
  EXPECT_EQ(all()[1].redrive_of, 1);
  EXPECT_EQ(*reader->redrives_of(1), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(reader->get(1)->redriven_by, 3);
  EXPECT_EQ(reader->get(2)->redriven_by, std::nullopt);
  EXPECT_EQ(append(entry({event("{}", "a")})).seq, 1) << "a retry still finds the entry that came first";
}

TEST_F(Inbox, LeavesOutOfARedriveWhatAnotherEntryHasBrought) {
  append(entry({event(R"({"n":1})", "a")}));
  append(entry({event(R"({"n":1})", "a"), event(R"({"n":2})", "b")}));
  const auto outcome = append(redrive_of(2, {event(R"({"n":1})", "a"), event(R"({"n":"new"})", "b"),
                                             event(R"({"n":"twice"})", "b"), event(R"({"n":3})")}));
  EXPECT_EQ(outcome.kind, Kind::committed);
  EXPECT_EQ(outcome.seq, 3);
  EXPECT_EQ(all().back().events, R"([{"n":"new"},{"n":3}])");
}

TEST_F(Inbox, RefusesARedriveOfWhichNothingIsLeft) {
  append(entry({event("{}", "a")}));
  auto twin = event(R"({"other":1})", "a");
  twin.body_hash = "another";
  append(entry({twin}));
  const auto outcome = append(redrive_of(2, {twin}));
  EXPECT_EQ(outcome.kind, Kind::duplicate);
  EXPECT_EQ(outcome.seq, 1) << "the entry that the key belongs to";
  EXPECT_EQ(store->head(), 2);
  EXPECT_EQ(reader->get(2)->redriven_by, std::nullopt);
}

TEST_F(Inbox, KnowsTheKeysThatARedriveBrings) {
  auto unreadable = entry({});
  unreadable.state = EntryState::unreadable;
  append(unreadable);
  const auto outcomes = append(
      std::vector{redrive_of(1, {event("{}", "a")}), redrive_of(1, {event("{}", "a"), event("{}", "b")})});
  EXPECT_EQ(outcomes[0].seq, 2);
  EXPECT_EQ(outcomes[1].seq, 3) << "its own earlier redrive brought the key, in the same transaction";
  EXPECT_EQ(all().back().events, "[{},{}]");
  const auto retry = append(entry({event("{}", "a"), event("{}", "b")}));
  EXPECT_EQ(retry.kind, Kind::duplicate);
  EXPECT_EQ(append(redrive_of(1, {event("{}", "b")})).seq, 4);
}

TEST_F(Inbox, KnowsTheCorrectedContentOfARedrive) {
  append(entry({event("{}", "a")}));
  auto corrected = event(R"({"new":1})", "a");
  corrected.body_hash = "corrected";
  append(redrive_of(1, {corrected}));
  reopen();
  EXPECT_EQ(append(entry({corrected})).kind, Kind::duplicate) << "what a retry gives now";
  EXPECT_EQ(append(entry({event("{}", "a")})).kind, Kind::conflict);
}

TEST_F(Inbox, HasALogIdThatStays) {
  const auto id = store->log_id();
  EXPECT_EQ(id.size(), 36U);
  reopen();
  EXPECT_EQ(store->log_id(), id);
}

TEST_F(Inbox, ReadsOnWithinBothBounds) {
  std::vector<DraftEntry> drafts;
  for (int i = 0; i < 50; ++i) drafts.push_back(entry({event("\"" + std::string(1'000, 'x') + "\"")}));
  append(drafts);
  EXPECT_EQ(reader->read_after(0, 10, 1'000'000)->size(), 10U);
  EXPECT_EQ(reader->read_after(45, 10, 1'000'000)->size(), 5U);
  EXPECT_EQ(reader->read_after(50, 10, 1'000'000)->size(), 0U);
  EXPECT_EQ(reader->read_after(0, 50, 1)->size(), 1U) << "at least one";
  EXPECT_EQ(reader->read_after(0, 50, 2'500)->size(), 3U);
  const auto next = reader->read_after(20, 50, 2'500);
  ASSERT_EQ(next->size(), 3U);
  EXPECT_EQ(next->front().seq, 21);
  EXPECT_EQ(reader->read_after(0, 50, 10'000'000)->size(), 50U);
}

TEST_F(Inbox, ListsByFilter) {
  auto held = entry({event("{}")});
  held.state = EntryState::held;
  auto chat = entry({event("{}")});
  chat.channel = "chat";
  append(std::vector{entry({event("{}")}), held, chat, held, entry({event("{}")})});
  const auto seqs = [&](const InboxFilter& filter) {
    std::vector<std::int64_t> out;
    const auto entries = reader->list(filter).value();
    for (const auto& found : entries) out.push_back(found.seq);
    return out;
  };
  EXPECT_THAT(seqs({}), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(seqs({.channel = "chat"}), ElementsAre(3));
  EXPECT_THAT(seqs({.channel = "' OR 1=1 --"}), testing::IsEmpty());
  EXPECT_THAT(seqs({.state = EntryState::held}), ElementsAre(2, 4));
  EXPECT_THAT(seqs({.set_aside_only = true, .limit = 1}), ElementsAre(2));
  EXPECT_THAT(seqs({.after = 3}), ElementsAre(4, 5));
  EXPECT_THAT(seqs({.before = 4, .limit = 2}), ElementsAre(3, 2));
}

TEST_F(Inbox, PurgesWhatIsProcessedAndOldAndNothingElse) {
  auto held = entry({event("{}", "h")});
  held.state = EntryState::held;
  auto young = entry({event("{}", "y")});
  young.received_at = test::start_time + std::chrono::hours{10};
  append(std::vector{entry({event("{}", "a")}), held, entry({event("{}", "b")}), young,
                     entry({event("{}", "c")})});
  const auto before = test::start_time + std::chrono::hours{1};
  EXPECT_EQ(reader->tail(), 1);
  EXPECT_EQ(purge(before, 4), 2);
  const auto kept = [&] {
    std::vector<std::int64_t> seqs;
    for (const auto& found : all()) seqs.push_back(found.seq);
    return seqs;
  };
  EXPECT_THAT(kept(), ElementsAre(2, 4, 5)) << "set aside, young, not yet processed";
  EXPECT_EQ(append(entry({event("{}", "a")})).kind, Kind::duplicate) << "keys outlive the requests";

  append(redrive_of(2, {event("{}", "h")}));
  EXPECT_EQ(purge(before, 6), 2) << "redriven, it has done its work";
  EXPECT_EQ(purge(before, 6), 1) << "the redrive goes after it";
  EXPECT_THAT(kept(), ElementsAre(4));
}

TEST_F(Inbox, PurgesStepByStepPastWhatStays) {
  auto held = entry({event("{}")});
  held.state = EntryState::held;
  auto young = entry({event("{}")});
  young.received_at = test::start_time + std::chrono::hours{10};
  append(std::vector{held, held, entry({event("{}")}), entry({event("{}")}), young, young, young});
  std::vector<std::int64_t> purged;
  std::optional<std::int64_t> after = 0;
  while (after) {
    const auto step =
        store->purge({test::start_time + std::chrono::hours{1}, 7, *after, 2, none_in_quarantine}).value();
    purged.push_back(step.purged);
    after = step.next;
  }
  EXPECT_THAT(purged, ElementsAre(0, 2, 0)) << "and it ends where the entries are young";
}

TEST_F(Inbox, PurgesNothingWhereTheQuarantineCannotBeRead) {
  append(entry({event("{}")}));
  const QuarantineLookup broken = [](auto) -> Result<std::vector<std::int64_t>> {
    return fail(ErrorCode::unavailable, "locked");
  };
  EXPECT_FALSE(store->purge({test::start_time + std::chrono::hours{1}, 1, 0, 100, broken}));
  EXPECT_EQ(all().size(), 1U);
}

TEST_F(Inbox, NeverGivesANumberTwice) {
  append(std::vector{entry({event("{}")}), entry({event("{}")})});
  EXPECT_EQ(purge(test::start_time + std::chrono::hours{1}, 2), 2);
  EXPECT_EQ(reader->tail(), 0);
  reopen();
  EXPECT_EQ(store->head(), 2);
  EXPECT_EQ(append(entry({event("{}")})).seq, 3);
}

TEST_F(Inbox, StoresNothingOfABatchThatFails) {
  append(entry({event("{}", "a")}));
  {
    const test::ForeignLock lock{file()};
    const auto refused = store->append(std::vector{entry({event("{}", "b")}), entry({event("{}")})});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("192.0.2.1"))) << "messages are logged";
    EXPECT_EQ(store->head(), 1);
  }
  const auto outcome = append(entry({event("{}", "b")}));
  EXPECT_EQ(outcome.kind, Kind::committed) << "its key was not remembered";
  EXPECT_EQ(outcome.seq, 2);
  EXPECT_EQ(all().size(), 2U);
}

TEST_F(Inbox, TakesABatchOfAnotherSizeAfterOneThatFailed) {
  for (const std::size_t failing : {64U, 8U, 1U}) {
    {
      const test::ForeignLock lock{file()};
      EXPECT_FALSE(store->append(std::vector<DraftEntry>(failing, entry({event("{}")}))));
    }
    for (const std::size_t size : {1U, 8U, 64U}) {
      const auto taken = store->append(std::vector<DraftEntry>(size, entry({event("{}")})));
      EXPECT_TRUE(taken) << size << " after " << failing << ": " << taken.error().message;
    }
  }
  EXPECT_EQ(store->head(), 3 * 73);
}

TEST_F(Inbox, LosesOnlyTheTornEndOfItsLog) {
  append(entry({event("{}", "a")}));
  append(entry({event("{}", "b")}));
  const auto whole = std::filesystem::file_size(folder / "inbox.db-wal");
  append(entry({event("{}", "c")}));
  // What a power cut would leave behind: the files as they are, the last commit half written.
  test::TemporaryFolder after;
  for (const auto* name : {"inbox.db", "inbox.db-wal"})
    std::filesystem::copy_file(folder / name, after / name);
  std::filesystem::resize_file(after / "inbox.db-wal", whole + 1'000);
  std::ofstream{after / "inbox.db-wal", std::ios::app | std::ios::binary} << std::string(3'000, '\x5a');
  auto survivor = InboxWriterStore::open(after / "inbox.db", "main", clock);
  ASSERT_TRUE(survivor) << survivor.error().message;
  EXPECT_EQ((*survivor)->head(), 2);
  const auto outcomes =
      (*survivor)->append(std::vector{entry({event("{}", "b")}), entry({event("{}", "c")})});
  ASSERT_TRUE(outcomes);
  EXPECT_EQ((*outcomes)[0].kind, Kind::duplicate);
  EXPECT_EQ((*outcomes)[1].kind, Kind::committed);
  EXPECT_EQ((*outcomes)[1].seq, 3);
}

RC_GTEST_PROP(InboxLog, IsGaplessUnderAnyAppendsAndStarts, ()) {
  test::TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  auto store = InboxWriterStore::open(folder / "inbox.db", "main", clock).value();
  std::set<std::string> keys;
  std::int64_t expected = 0;
  for (int step = *rc::gen::inRange(1, 12); step > 0; --step) {
    if (*rc::gen::inRange(0, 5) == 0) {
      store.reset();
      store = InboxWriterStore::open(folder / "inbox.db", "main", clock).value();
      RC_ASSERT(store->head() == expected);
    }
    std::vector<DraftEntry> drafts;
    for (const auto key : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20)))
      drafts.push_back(key == 0 ? entry({event("{}")}) : entry({event("{}", std::to_string(key))}));
    const auto outcomes = store->append(drafts);
    RC_ASSERT(outcomes.has_value());
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      const auto& key = drafts[i].events[0].key_hash;
      if (key.empty() || keys.insert(key).second) {
        RC_ASSERT((*outcomes)[i].kind == Kind::committed);
        RC_ASSERT((*outcomes)[i].seq == ++expected);
      } else {
        RC_ASSERT((*outcomes)[i].kind == Kind::duplicate);
        RC_ASSERT((*outcomes)[i].seq <= expected);
      }
    }
  }
  auto reader = InboxReader::open(folder / "inbox.db", store->workspace()).value();
  std::int64_t seq = 0;
  const auto entries = reader->read_after(0, 10'000, 1'000'000).value();
  for (const auto& found : entries) RC_ASSERT(found.seq == ++seq);
  RC_ASSERT(seq == expected);
  RC_ASSERT(store->head() == expected);
}

}  // namespace
}  // namespace leadhub::store
