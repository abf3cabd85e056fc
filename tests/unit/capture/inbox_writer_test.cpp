#include "capture/inbox_writer.hpp"

#include <gmock/gmock.h>
#include <sys/mount.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <latch>
#include <map>
#include <thread>

#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/foreign_lock.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

using namespace std::chrono_literals;
using test::entry;
using test::event;
using testing::HasSubstr;
using Kind = store::AppendOutcome::Kind;

/// Collects the answers of many appends.
class Answers {
 public:
  std::move_only_function<void(AppendResult)> one() {
    ++expected_;
    return [this](AppendResult result) {
      const std::scoped_lock lock{mutex_};
      results_.push_back(std::move(result));
      came_.notify_all();
    };
  }
  bool wait(std::chrono::seconds timeout = 30s) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, timeout, [&] { return results_.size() >= expected_; });
  }
  std::vector<AppendResult> all() {
    const std::scoped_lock lock{mutex_};
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::atomic<std::size_t> expected_{0};
  std::vector<AppendResult> results_;
};

class Writer : public testing::Test {
 protected:
  void open(InboxWriter::Retention retention = {}) { open_in(folder.path(), std::move(retention)); }
  void open_in(const std::filesystem::path& place, InboxWriter::Retention retention = {}) {
    writer.reset();
    file = place / "inbox.db";
    auto store = store::InboxWriterStore::open(file, "main", clock);
    ASSERT_TRUE(store) << store.error().message;
    writer = std::make_unique<InboxWriter>(
        std::move(*store), std::move(retention), clock, [this](std::int64_t head) { committed = head; },
        [this](const Error& error) {
          fatal_message = error.message;
          ++fatal_calls;  // whoever sees this may read the message
        });
  }

  AppendResult append_and_wait(store::DraftEntry draft) {
    std::promise<AppendResult> promise;
    auto future = promise.get_future();
    writer->append(std::move(draft), [&](AppendResult result) { promise.set_value(std::move(result)); });
    return future.get();
  }

  [[nodiscard]] std::size_t stored() const {
    return store::InboxReader::open(file, 1)
        .value()
        ->read_after(0, 1'000'000, limits::batch_bytes_max)
        ->size();
  }

  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  std::filesystem::path file;
  std::atomic<std::int64_t> committed{0};
  std::atomic<int> fatal_calls{0};
  std::string fatal_message;
  Answers answers;
  std::unique_ptr<InboxWriter> writer;
};

TEST_F(Writer, AnswersWhenTheEntryIsStored) {
  open();
  const auto result = append_and_wait(entry({event("{}", "a")}));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->kind, Kind::committed);
  EXPECT_EQ(result->seq, 1);
  EXPECT_EQ(writer->head(), 1);
  EXPECT_EQ(stored(), 1U);
  EXPECT_EQ(append_and_wait(entry({event("{}", "a")}))->kind, Kind::duplicate);
  const auto statistics = writer->statistics();
  EXPECT_EQ(statistics.committed_entries, 1U);
  EXPECT_EQ(statistics.duplicates, 1U);
  writer->stop();
  EXPECT_EQ(committed, 1);
}

TEST_F(Writer, AnswersEachOfACrowdOnce) {
  open();
  constexpr int threads = 8;
  constexpr int each = 250;
  std::vector<std::jthread> crowd;
  std::latch ready{threads};
  for (int thread = 0; thread < threads; ++thread)
    crowd.emplace_back([&, thread] {
      ready.arrive_and_wait();
      for (int i = 0; i < each; ++i)
        writer->append(entry({event("{}", std::to_string(thread % 4) + "/" + std::to_string(i))}),
                       answers.one());
    });
  crowd.clear();
  ASSERT_TRUE(answers.wait());
  writer->stop();
  const auto results = answers.all();
  ASSERT_EQ(results.size(), static_cast<std::size_t>(threads * each));
  std::map<Kind, int> kinds;
  for (const auto& result : results) {
    ASSERT_TRUE(result);
    ++kinds[result->kind];
  }
  EXPECT_EQ(kinds[Kind::committed], threads * each / 2) << "every key came from two threads";
  EXPECT_EQ(kinds[Kind::duplicate], threads * each / 2);
  EXPECT_EQ(stored(), static_cast<std::size_t>(threads * each / 2));
  const auto statistics = writer->statistics();
  EXPECT_LT(statistics.commits, static_cast<std::uint64_t>(threads * each)) << "a crowd shares commits";
  EXPECT_EQ(committed, threads * each / 2);
}

TEST_F(Writer, CommitsWhatWaitsWhenItStops) {
  open();
  for (int i = 0; i < 2'000; ++i) writer->append(entry({event("{}")}), answers.one());
  writer->stop();
  const auto results = answers.all();
  ASSERT_EQ(results.size(), 2'000U);
  for (const auto& result : results) EXPECT_TRUE(result);
  EXPECT_EQ(stored(), 2'000U);
  const auto late = append_and_wait(entry({event("{}")}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(writer->is_full());
}

TEST_F(Writer, RefusesWhatTheQueueCannotHoldAndWhatTheFileDoesNotTake) {
  open();
  {
    const test::ForeignLock lock{file};
    std::size_t sent = 0;
    for (; writer->statistics().refused_full < 10; ++sent)
      writer->append(entry({event("{}")}, ""), answers.one());
    EXPECT_GE(sent, limits::inbox_queue_entries_max) << "the queue holds that many";
    while (writer->statistics().refused_failed == 0) std::this_thread::sleep_for(10ms);
  }
  ASSERT_TRUE(answers.wait());
  std::size_t refused = 0;
  for (const auto& result : answers.all()) {
    refused += result ? 0 : 1;
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::unavailable);
    }
  }
  EXPECT_GE(refused, 11U);
  const auto after = append_and_wait(entry({event("{}")}));
  EXPECT_TRUE(after) << "and goes on: " << after.error().message;
  EXPECT_EQ(fatal_calls, 0);
}

TEST_F(Writer, PurgesByItsClock) {
  std::atomic<std::int64_t> processed{0};
  open({24h, [&] { return processed.load(); }, [](auto) { return std::vector<std::int64_t>{2}; }});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append_and_wait(entry({event("{}")})));
  clock.advance(48h);
  processed = 3;
  auto young = entry({event("{}")});
  young.received_at = clock.now();
  ASSERT_TRUE(append_and_wait(young));
  while (writer->statistics().purged == 0) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(writer->statistics().purged, 2U) << "of the three, one is in quarantine";
  EXPECT_EQ(stored(), 4U);
}

// --- A disk that fails; see tests/crash/fault_shim.c, which is linked in.

class FaultyDisk : public Writer {
 public:
  FaultyDisk() {
    ::setenv("LEADHUB_FAULT_FILES", folder.path().c_str(), 1);
    ::setenv("LEADHUB_FAULT_CONTROL", control().c_str(), 1);
  }
  ~FaultyDisk() override { ::unsetenv("LEADHUB_FAULT_FILES"); }

 protected:
  [[nodiscard]] std::filesystem::path control() const { return elsewhere / "control"; }
  void let(const std::string& fault) {
    std::ofstream{elsewhere / "next"} << fault;
    std::filesystem::rename(elsewhere / "next", control());
  }
  [[nodiscard]] std::vector<std::string> refused_calls() const {
    std::ifstream log{control().string() + ".log"};
    std::vector<std::string> calls;
    for (std::string line; std::getline(log, line);) calls.push_back(line);
    return calls;
  }

  test::TemporaryFolder elsewhere;
};

TEST_F(FaultyDisk, IsFullAndHasRoomAgain) {
  open();
  ASSERT_TRUE(append_and_wait(entry({event("{}", "a")})));
  let("enospc");
  for (int i = 0; i < 3; ++i) {
    const auto refused = append_and_wait(entry({event("{}", "b")}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("free disk space"));
  }
  EXPECT_FALSE(refused_calls().empty());
  let("nothing");
  const auto taken = append_and_wait(entry({event("{}", "b")}));
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->kind, Kind::committed);
  EXPECT_EQ(taken->seq, 2);
  EXPECT_EQ(fatal_calls, 0);
  EXPECT_EQ(writer->statistics().refused_failed, 3U);
  writer.reset();
  EXPECT_EQ(stored(), 2U);
}

TEST_F(FaultyDisk, ThatFailsAnFsyncIsNeverAskedAgain) {
  open();
  ASSERT_TRUE(append_and_wait(entry({event("{}", "a")})));
  let("eio-fsync");
  for (int i = 0; i < 100; ++i) writer->append(entry({event("{}", "b" + std::to_string(i))}), answers.one());
  ASSERT_TRUE(answers.wait()) << "everybody is told something";
  for (const auto& result : answers.all()) {
    ASSERT_FALSE(result) << "nothing is acknowledged";
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  }
  while (fatal_calls == 0) std::this_thread::sleep_for(1ms);
  EXPECT_THAT(fatal_message, HasSubstr("check the disk"));
  EXPECT_FALSE(append_and_wait(entry({event("{}", "c")})));
  EXPECT_TRUE(writer->is_full());
  const auto calls = refused_calls();
  ASSERT_EQ(calls.size(), 1U) << "an fsync is never tried again";
  let("nothing");
  writer->stop();
  writer.reset();
  EXPECT_EQ(fatal_calls, 1);
  EXPECT_EQ(refused_calls().size(), 1U);

  ::unsetenv("LEADHUB_FAULT_FILES");
  open();
  EXPECT_EQ(append_and_wait(entry({event("{}", "a")}))->kind, Kind::duplicate)
      << "what was acknowledged is there";
}

TEST_F(FaultyDisk, ThatFailsAWriteEndsTheInbox) {
  open();
  ASSERT_TRUE(append_and_wait(entry({event("{}", "a")})));
  let("eio-write");
  EXPECT_FALSE(append_and_wait(entry({event("{}", "b")})));
  while (fatal_calls == 0) std::this_thread::sleep_for(1ms);
  let("nothing");
  EXPECT_FALSE(append_and_wait(entry({event("{}", "c")}))) << "nobody knows what is stored";
  writer.reset();
  EXPECT_EQ(fatal_calls, 1);
}

TEST_F(Writer, SurvivesARealFullDisk) {
  const auto place = folder / "small";
  std::filesystem::create_directory(place);
  if (::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=2m") != 0)
    GTEST_SKIP() << "a small file system cannot be mounted here (" << std::strerror(errno)
                 << "); it takes root";
  open_in(place);
  int taken = 0;
  AppendResult result;
  do {
    result = append_and_wait(entry({event("{}")}, std::string(50'000, 'x')));
    taken += result ? 1 : 0;
  } while (result && taken < 1'000);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(::mount("tmpfs", place.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0);
  EXPECT_TRUE(append_and_wait(entry({event("{}")}, std::string(50'000, 'x'))));
  EXPECT_EQ(stored(), static_cast<std::size_t>(taken) + 1);
  EXPECT_EQ(fatal_calls, 0);
  writer.reset();
  EXPECT_EQ(::umount(place.c_str()), 0);
}

}  // namespace
}  // namespace leadhub::capture
