#include "pipeline/pipeline.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "lead/lead_json.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using namespace std::chrono_literals;
using test::entry;
using test::event;
using test::form;
using test::Hub;
using testing::HasSubstr;
using testing::SizeIs;

TEST(Pipeline, MakesALeadOfAFormWithAllThatBelongsToIt) {
  Hub hub;
  hub.append(entry({event(
      R"({"type":"form.submitted","key":"k1","person":{"email":"Ada@Example.com","phone":"+44 20 7946 0958","name":"Ada Lovelace"},)"
      R"("attributes":{"budget":5000},"attribution":{"landing_page":"https://e.com/?utm_source=news"},)"
      R"("consent":[{"purpose":"newsletter","state":"granted","text":"Yes"}],)"
      R"("attachments":[{"field":"cv","name":"cv.txt","content_type":"text/plain","content":"aGVsbG8="}]})")}));
  hub.open();
  EXPECT_EQ(hub.pipeline->step(), 1U);
  EXPECT_EQ(hub.pipeline->step(), 0U);
  EXPECT_EQ(hub.pipeline->cursor(), 1);
  EXPECT_EQ(hub.pipeline->statistics().applied_events, 1U);
  const auto record = hub.lead_with("ada@example.com");
  const auto document = lead::lead_document(record, test::start_time);
  EXPECT_EQ(document["phone"], "+442079460958");
  EXPECT_EQ(document["name"], "Ada Lovelace");
  EXPECT_EQ(document["country"], "GB");
  EXPECT_EQ(document["temperature"], "warm");
  EXPECT_EQ(document["attributes"]["budget"], 5000);
  EXPECT_EQ(document["attribution"]["first"]["utm_source"], "news");
  EXPECT_EQ(document["consents"][0]["text"], "Yes");
  EXPECT_EQ(document["timeline"][0]["key"], "k1");
  EXPECT_EQ(document["provenance"]["name"], "1.0");
  EXPECT_EQ(hub.reader()->attachment(record.lead.id, ops::sha256_hex("hello"))->first, "hello");
}

TEST(Pipeline, KnowsAPersonAgainWithinABatchAndAfterIt) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("email":"ADA@example.com","phone":"+442079460958")");
  hub.run();
  hub.append_form(R"("phone":"+44 20 7946 0958","city":"London")");
  hub.append_form(R"("email":"bob@example.com","phone":"+44 20 7946 0958")");
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 2);
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(3));
  EXPECT_THAT(hub.lead_with("bob@example.com").timeline, SizeIs(1));
}

TEST(Pipeline, TakesOnlyWhatIsAccepted) {
  Hub hub;
  for (const auto state :
       {store::EntryState::held, store::EntryState::conflict, store::EntryState::unreadable}) {
    auto draft = entry({event(form(R"("email":"ada@example.com")"))});
    draft.state = state;
    hub.append(draft);
  }
  hub.run();
  EXPECT_EQ(hub.pipeline->cursor(), 3);
  EXPECT_EQ(hub.reader()->count(), 0);
}

TEST(Pipeline, SetsAsideAnEventThatNamesNobodyAndGoesOn) {
  Hub hub;
  hub.append(entry({event(form(R"("email":"ada@example.com")")), event(form(R"("name":"Nobody")")),
                    event(form(R"("email":"bob@example.com")"))}));
  hub.append_form(R"("email":"carl@example.com")");
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 3);
  const auto quarantine = *hub.reader()->quarantine(0, 10);
  ASSERT_THAT(quarantine, SizeIs(1));
  EXPECT_EQ(quarantine[0].reference, (lead::EventReference{1, 1}));
  EXPECT_THAT(quarantine[0].reason, HasSubstr("names nobody"));
  EXPECT_EQ(quarantine[0].at, test::start_time);
  EXPECT_EQ(hub.pipeline->statistics().quarantined_events, 1U);
}

/// What a lead store holds, for comparing two of them.
std::string contents(Hub& hub) {
  std::string out;
  const auto leads = hub.reader()->list({.limit = 1'000}, test::start_time).value();
  for (const auto& lead : leads)
    out += lead::lead_document(hub.reader()->get(lead.id).value(), test::start_time).dump() + "\n";
  return out;
}

TEST(Pipeline, GivesTheSameLeadsHoweverOftenItIsStartedAnew) {
  Hub at_once;
  Hub again_and_again;
  {  // one log for both
    for (int i = 0; i < 60; ++i) {
      const auto email = "\"email\":\"p" + std::to_string(i % 7) + "@example.com\"";
      const auto phone =
          i % 3 == 0 ? ",\"phone\":\"+44207946095" + std::to_string(i % 4) + "\"" : std::string{};
      at_once.append_form(email + phone + ",\"city\":\"c" + std::to_string(i) + "\"",
                          i % 5 == 0 ? R"("consent":[{"purpose":"p","state":"granted"}])" : "");
      if (i == 30) at_once.redrive(3, {form(R"("email":"p1@example.com","city":"corrected")")});
    }
    at_once.inbox.reset();
    again_and_again.inbox.reset();
    std::filesystem::copy_file(at_once.inbox_file(), again_and_again.inbox_file(),
                               std::filesystem::copy_options::overwrite_existing);
    at_once.open_inbox();
    again_and_again.open_inbox();
  }
  at_once.run();
  // A batch ends at a redrive, so that there is something to start anew between.
  do {
    again_and_again.open();
    ASSERT_TRUE(again_and_again.pipeline->step());
  } while (again_and_again.pipeline->cursor() < again_and_again.inbox->head());
  EXPECT_EQ(contents(again_and_again), contents(at_once));
  EXPECT_EQ(at_once.reader()->count(), 7);
}

TEST(Pipeline, AppliesEachEventOnceThoughTheLogGrowsAndItIsReopened) {
  Hub hub;
  for (int round = 1; round <= 25; ++round) {
    hub.append_form(R"("email":"ada@example.com")");
    hub.open();
    ASSERT_TRUE(hub.pipeline->step());
    if (round % 2 == 0) hub.open_inbox();
  }
  const auto record = hub.lead_with("ada@example.com");
  ASSERT_THAT(record.timeline, SizeIs(25));
  for (std::size_t i = 0; i < 25; ++i)
    EXPECT_EQ(record.timeline[i].reference.seq, static_cast<std::int64_t>(i) + 1);
}

// --- A cursor that does not fit its log

TEST(PipelineCursor, IsRefusedForAnotherLog) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  hub.pipeline.reset();
  hub.inbox.reset();
  for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(hub.inbox_file().string() + suffix);
  hub.open_inbox();
  const auto pipeline = hub.try_open();
  ASSERT_FALSE(pipeline);
  EXPECT_EQ(pipeline.error().code, ErrorCode::incompatible);
  EXPECT_THAT(pipeline.error().message, HasSubstr("but this inbox is " + hub.inbox->log_id()));
  EXPECT_THAT(pipeline.error().message, HasSubstr("restore both from one backup"));
}

TEST(PipelineCursor, IsRefusedBeyondTheHead) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.inbox.reset();
  std::filesystem::copy_file(hub.inbox_file(), hub.folder / "backup.db");
  hub.open_inbox();
  hub.append_form(R"("email":"bob@example.com")");
  hub.run();
  hub.pipeline.reset();
  hub.inbox.reset();
  for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(hub.inbox_file().string() + suffix);
  std::filesystem::copy_file(hub.folder / "backup.db", hub.inbox_file(),
                             std::filesystem::copy_options::overwrite_existing);
  hub.open_inbox();
  const auto pipeline = hub.try_open();
  ASSERT_FALSE(pipeline);
  EXPECT_EQ(pipeline.error().code, ErrorCode::incompatible);
  EXPECT_THAT(pipeline.error().message, HasSubstr("read up to entry 2, but the inbox ends at 1"));
}

TEST(PipelineCursor, IsRefusedBehindTheTail) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  hub.pipeline.reset();
  hub.append_form(R"("email":"bob@example.com")");
  hub.append_form(R"("email":"carl@example.com")");
  ASSERT_EQ(hub.purge(2), 2);  // more than the pipeline has seen
  const auto pipeline = hub.try_open();
  ASSERT_FALSE(pipeline);
  EXPECT_THAT(pipeline.error().message, HasSubstr("read up to entry 1, but the inbox begins at 3"));
  ASSERT_EQ(hub.purge(3), 1);
  const auto empty = hub.try_open();
  ASSERT_FALSE(empty) << "an inbox without entries has lost them, too";
  EXPECT_THAT(empty.error().message, HasSubstr("read up to entry 1, but the inbox begins at 4"));
}

TEST(PipelineCursor, OfANewStoreIsRefusedWhereTheLogHasLostItsBeginning) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("email":"bob@example.com")");
  ASSERT_EQ(hub.purge(1), 1);
  ASSERT_FALSE(hub.try_open());
  ASSERT_EQ(hub.purge(2), 1);
  const auto pipeline = hub.try_open();
  ASSERT_FALSE(pipeline);
  EXPECT_THAT(pipeline.error().message, HasSubstr("the inbox has lost its first entries"));
}

TEST(PipelineCursor, GoesOnBehindWhatWasPurged) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  ASSERT_EQ(hub.purge(1), 1);
  hub.open();
  hub.append_form(R"("email":"bob@example.com")");
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 2);
}

TEST(Pipeline, NoticesAHoleInTheLog) {
  Hub hub;
  auto held = entry({event(form(R"("email":"x@example.com")"))});
  held.state = store::EntryState::held;
  hub.append(held);
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("email":"bob@example.com")");
  ASSERT_EQ(hub.purge(2), 1);  // 1 and 3 are left
  hub.open();
  const auto taken = hub.pipeline->step();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::io);
  EXPECT_THAT(taken.error().message, HasSubstr("no entry 2 but a later one 3"));
}

// --- Entries that the process dies of

TEST(Poison, IsFoundAmongItsNeighboursAndSetAside) {
  Hub hub;
  for (const auto* name : {"a", "b", "poison", "c"})
    hub.append_form("\"email\":\"" + std::string{name} + "@example.com\"");
  const auto die_at = [&](std::int64_t first, std::int64_t last, int deaths, bool alone) {
    hub.pipeline.reset();
    AttemptFile::open(hub.attempt_file())->begin({first, last, deaths, alone});
  };
  die_at(1, 4, 0, false);  // the first death, in a batch of all
  hub.open();
  die_at(1, 4, 1, false);  // the second: now each is taken alone
  hub.open();
  EXPECT_EQ(hub.pipeline->step(), 1U);
  EXPECT_EQ(hub.pipeline->step(), 1U);
  EXPECT_EQ(hub.pipeline->cursor(), 2);
  die_at(3, 4, 0, true);  // the third, alone: it may have been chance
  hub.open();
  die_at(3, 4, 1, true);  // and the fourth, alone again
  hub.open();
  hub.run();
  EXPECT_EQ(hub.pipeline->cursor(), 4);
  EXPECT_THAT(hub.leads_with("poison@example.com"), SizeIs(0));
  for (const auto* name : {"a", "b", "c"})
    EXPECT_THAT(hub.leads_with(std::string{name} + "@example.com"), SizeIs(1));
  const auto quarantine = *hub.reader()->quarantine(0, 10);
  ASSERT_THAT(quarantine, SizeIs(1));
  EXPECT_EQ(quarantine[0].reference.seq, 3);
  EXPECT_THAT(quarantine[0].reason, HasSubstr("the process ended"));
  hub.redrive(3, {form(R"("email":"poison@example.com")")});
  hub.run();
  EXPECT_THAT(hub.leads_with("poison@example.com"), SizeIs(1));
  EXPECT_THAT(*hub.reader()->quarantine(0, 10), SizeIs(0));
}

TEST(Poison, IsNotWhoeverWasAloneWhenTheProcessWasKilledOnce) {
  Hub hub;
  for (const auto* name : {"a", "b"}) hub.append_form("\"email\":\"" + std::string{name} + "@example.com\"");
  AttemptFile::open(hub.attempt_file())->begin({1, 2, 0, true});
  hub.run();
  EXPECT_EQ(hub.pipeline->cursor(), 2);
  EXPECT_THAT(*hub.reader()->quarantine(0, 10), SizeIs(0));
  EXPECT_THAT(hub.leads_with("a@example.com"), SizeIs(1));
}

TEST(Poison, IsNotSuspectedWhereTheProcessGotFurther) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  hub.pipeline.reset();
  AttemptFile::open(hub.attempt_file())->begin({1, 1, 5, true});  // died after the commit, before it said so
  hub.append_form(R"("email":"bob@example.com")");
  hub.append_form(R"("email":"carl@example.com")");
  hub.open();
  EXPECT_EQ(hub.pipeline->step(), 2U);
  EXPECT_EQ(hub.reader()->count(), 3);
}

TEST(Poison, IsNotSuspectedWhereOnlyTheStoreWasLocked) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  for (int start = 0; start < 2; ++start) {
    hub.open();
    sqlite3* foreign = nullptr;
    ASSERT_EQ(sqlite3_open(hub.lead_file().c_str(), &foreign), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(foreign, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto taken = hub.pipeline->step();
    sqlite3_close(foreign);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::unavailable);
    EXPECT_EQ(AttemptFile::open(hub.attempt_file())->found().first_seq, 0)
        << "a living process leaves no attempt behind";
  }
  hub.run();
  EXPECT_THAT(hub.leads_with("ada@example.com"), SizeIs(1));
}

// --- The thread

TEST(PipelineThread, TakesWhatItIsToldOf) {
  Hub hub;
  hub.open();
  hub.pipeline->start();
  EXPECT_FALSE(hub.pipeline->wait_for(1, 10ms));
  for (int i = 1; i <= 20; ++i) {
    const auto seq = hub.append_form(R"("email":"ada@example.com")");
    hub.pipeline->notify(seq);
    ASSERT_TRUE(hub.pipeline->wait_for(seq, 20s));
  }
  hub.pipeline->stop();
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(20));
  EXPECT_EQ(hub.fatal, "");
}

TEST(PipelineThread, FindsWhatNobodyToldItOf) {
  Hub hub;
  hub.open();
  hub.pipeline->start();
  const auto seq = hub.append_form(R"("email":"ada@example.com")");
  EXPECT_TRUE(hub.pipeline->wait_for(seq, 20s));
}

TEST(PipelineThread, MayBeStoppedAtAnyTime) {
  Hub hub;
  for (int i = 0; i < 5; ++i) {
    hub.append_form(R"("email":"ada@example.com")");
    hub.open();
    if (i != 2) hub.pipeline->start();
    hub.pipeline->stop();
    hub.pipeline->stop();
  }
  hub.open();
  hub.run();
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(5));
}

TEST(PipelineThread, TakesNewOptionsFromTheNextBatchOn) {
  Hub hub;
  hub.append_form(R"("phone":"030 123456","email":"a@example.com")");
  hub.run();
  StageOptions options;
  options.normalise.default_country = "DE";
  options.rules = {};
  hub.pipeline->set_options(std::move(options));
  hub.append_form(R"("phone":"030 123456","email":"b@example.com")");
  hub.run();
  EXPECT_EQ(hub.lead_with("a@example.com").lead.primary(lead::ContactKind::phone), nullptr);
  const auto after = hub.lead_with("b@example.com").lead;
  EXPECT_EQ(after.primary(lead::ContactKind::phone)->canonical, "+4930123456");
  EXPECT_EQ(after.temperature_at(test::start_time), lead::Temperature::cold) << "without the built-in rules";
}

TEST(PipelineThread, SaysOnceThatTheLogIsBroken) {
  Hub hub;
  auto held = entry({event("{}")});
  held.state = store::EntryState::held;
  hub.append(held);
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("email":"bob@example.com")");
  ASSERT_EQ(hub.purge(2), 1);
  std::atomic<int> calls{0};
  auto pipeline = Pipeline::open(store::InboxReader::open(hub.inbox_file(), 1).value(),
                                 store::LeadStore::open(hub.lead_file(), "main", hub.clock).value(), {},
                                 hub.inbox->log_id(), hub.inbox->head(), hub.attempt_file(), hub.clock,
                                 [&](const Error&) { ++calls; })
                      .value();
  pipeline->start();
  for (int i = 0; i < 1'000 && calls == 0; ++i) std::this_thread::sleep_for(10ms);
  pipeline->stop();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace leadhub::pipeline
