#include <gmock/gmock.h>
#include <soci/soci.h>

#include "ops/limits.hpp"
#include "store/database.hpp"
#include "store/inbox_replay.hpp"
#include "store/lead_ledgers.hpp"
#include "store/lead_store.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::store {
namespace {

using namespace std::chrono_literals;
using test::entry;
using test::event;
using test::start_time;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReplayOfInbox : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = InboxWriterStore::open(file(), "main", clock);
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    auto reading = InboxReplay::open(file(), "main");
    ASSERT_TRUE(reading) << reading.error().message;
    replay = *std::move(reading);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder / "inbox.db"; }

  void append(TimePoint received_at, const std::string& body = "a=b") {
    auto draft = entry({event("{}")}, body);
    draft.received_at = received_at;
    ASSERT_TRUE(store->append(std::vector{draft}));
  }

  [[nodiscard]] std::vector<std::int64_t> numbers(std::int64_t after, std::size_t entries_max,
                                                  std::size_t bytes_max) {
    std::vector<std::int64_t> found;
    const auto entries = replay->next(after, entries_max, bytes_max);
    EXPECT_TRUE(entries) << entries.error().message;
    for (const auto& detail : entries.value_or(std::vector<InboxEntryDetail>{}))
      found.push_back(detail.entry.seq);
    return found;
  }

  test::TemporaryFolder folder;
  ManualClock clock{start_time};
  std::unique_ptr<InboxWriterStore> store;
  std::unique_ptr<InboxReplay> replay;
};

TEST_F(ReplayOfInbox, GivesRequestsInPieces) {
  for (int i = 0; i < 5; ++i) append(start_time, std::string("\0\xff", 2));
  EXPECT_THAT(numbers(0, 2, 1'000'000), ElementsAre(1, 2));
  EXPECT_THAT(numbers(2, 100, 1'000'000), ElementsAre(3, 4, 5));
  EXPECT_THAT(numbers(3, 100, 1), ElementsAre(4)) << "one at least";
  EXPECT_THAT(numbers(5, 100, 1'000'000), IsEmpty());
  const auto detail = replay->next(0, 1, 1'000'000).value().front();
  EXPECT_EQ(detail.request.body, std::string("\0\xff", 2));
  EXPECT_EQ(detail.request.path, "/in/website");
  EXPECT_EQ(detail.entry.events, "[{}]");
}

TEST_F(ReplayOfInbox, BeginsWithTheFirstEntryOfAWindow) {
  EXPECT_EQ(replay->before(start_time).value(), 0);
  for (int hour = 0; hour < 10; ++hour) append(start_time + std::chrono::hours{hour});
  auto redrive = entry({event("{}")});
  redrive.kind = EntryKind::redrive;
  redrive.redrive_of = 1;  // and of its time
  ASSERT_TRUE(store->append(std::vector{redrive}));
  EXPECT_EQ(replay->before(start_time - 1h).value(), 0);
  EXPECT_EQ(replay->before(start_time + 3h).value(), 3);
  EXPECT_EQ(replay->before(start_time + 3h + 1ms).value(), 4);
  EXPECT_EQ(replay->before(start_time + 9h).value(), 9);
  EXPECT_EQ(replay->before(start_time + 20h).value(), 10) << "a redrive alone begins nothing";
}

TEST_F(ReplayOfInbox, SaysWhereTheWorkspaceIsAnother) {
  const auto other = InboxReplay::open(file(), "other");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
  EXPECT_THAT(other.error().message, HasSubstr("nothing of the workspace \"other\""));
}

TEST(Ledgers, GiveTheMessagesAndTheLatestConsentsOfARangeOfLeads) {
  const test::TemporaryFolder folder;
  const ManualClock clock{start_time};
  auto store = LeadStore::open(folder / "leads.db", "main", clock, Access::scratch);
  ASSERT_TRUE(store) << store.error().message;
  LeadChanges changes;
  lead::Lead ada;
  ada.id = "b-ada";
  lead::Lead grace;
  grace.id = "c-grace";
  changes.leads = {&ada, &grace};
  changes.first_seq = 1;
  changes.cursor = {"log", 2};
  const auto consent = [&](const std::string& lead, std::int64_t seq, lead::ConsentState state) {
    lead::ConsentEntry line;
    line.reference = {seq, 0};
    line.statement.purpose = "marketing_email";
    line.statement.channel = "email";
    line.statement.state = state;
    line.occurred_at = start_time + std::chrono::hours{seq};
    changes.consents.push_back({lead, line});
  };
  consent("b-ada", 1, lead::ConsentState::granted);
  consent("b-ada", 2, lead::ConsentState::withdrawn);
  consent("c-grace", 1, lead::ConsentState::granted);
  lead::Message message;
  message.id = "m";
  message.occurrence = "o";
  message.lead_id = "b-ada";
  message.channel = "news";
  message.canonical = message.address = "ada@example.com";
  message.due_at = start_time + 1h;
  changes.messages.push_back(message);
  ASSERT_TRUE((*store)->save(changes));
  EXPECT_EQ((*store)->outbox().next_due(lead::MessageKind::opt_in).value(), start_time + 1h);
  EXPECT_EQ((*store)->outbox().next_due(lead::MessageKind::chat_reply).value(), std::nullopt);

  auto ledgers = LeadLedgers::open(folder / "leads.db", (*store)->workspace());
  ASSERT_TRUE(ledgers) << ledgers.error().message;
  const auto all = (*ledgers)->between("", "c-grace").value();
  EXPECT_THAT(all.at("b-ada").messages, ElementsAre("opt_in of news"));
  EXPECT_THAT(all.at("b-ada").consents, ElementsAre("marketing_email: withdrawn"));
  EXPECT_THAT(all.at("c-grace").consents, ElementsAre("marketing_email: granted"));
  EXPECT_FALSE((*ledgers)->between("b-ada", "c-grace").value().contains("b-ada"));
}

}  // namespace
}  // namespace leadhub::store
