#include "store/database.hpp"

#include <gmock/gmock.h>
#include <soci/soci.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "ops/limits.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"
#include "store/lead_store.hpp"
#include "store/migrations.hpp"
#include "store/row_writer.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::store {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

std::unique_ptr<Database> opened(const std::filesystem::path& file, Access access = Access::read_write) {
  auto database = Database::open(file, access);
  if (!database) throw std::runtime_error(database.error().message);
  return std::move(*database);
}

long long number_from(Database& database, const std::string& sql) {
  long long number = 0;
  database.session() << sql, soci::into(number);
  return number;
}

TEST(Database, MakesAFileForItsOwnerOnly) {
  const TemporaryFolder folder;
  const auto mask = ::umask(0);
  {
    const auto database = opened(folder / "a.db");
    ASSERT_TRUE(database->transaction([&]() -> Result<void> {
      database->session() << "CREATE TABLE t (a BIGINT)";
      return {};
    }));
    for (const auto* name : {"a.db", "a.db-wal", "a.db-shm"}) {
      struct stat status {};
      ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
      EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
    }
  }
  EXPECT_EQ(::umask(mask), 0U) << "the mask of the process is nobody else's business";
}

TEST(Database, OpensAPathWithBlanks) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "my hub = two  blanks");
  const auto file = folder / "my hub = two  blanks/a b.db";
  opened(file);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(Database, SaysWhatIsWrongWithTheFile) {
  const TemporaryFolder folder;
  const auto code_and_message = [](const std::filesystem::path& file, Access access) {
    const auto database = Database::open(file, access);
    EXPECT_FALSE(database) << file;
    EXPECT_THAT(database.error().message, HasSubstr(file.string()));
    return std::pair{database.error().code, database.error().message};
  };
  using testing::Pair;
  EXPECT_THAT(code_and_message(folder / "none.db", Access::read_only),
              Pair(ErrorCode::not_found, HasSubstr("there is no such store")));
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
  EXPECT_THAT(code_and_message(folder / "missing/a.db", Access::read_write),
              Pair(ErrorCode::io, HasSubstr("check store.url")));
  EXPECT_THAT(code_and_message(folder / "quo\"te.db", Access::read_write),
              Pair(ErrorCode::invalid, HasSubstr("quotation marks")));
  std::filesystem::create_directory(folder / "folder.db");
  EXPECT_FALSE(Database::open(folder / "folder.db", Access::read_write));

  std::ofstream{folder / "garbage.db"} << std::string(8'192, 'x');
  for (const auto access : {Access::read_write, Access::read_only})
    EXPECT_THAT(code_and_message(folder / "garbage.db", access),
                Pair(ErrorCode::incompatible, HasSubstr("no leadhub store")));
}

TEST(Database, NoticesATruncatedFile) {
  const TemporaryFolder folder;
  const auto file = folder / "inbox.db";
  const ManualClock clock{test::start_time};
  {
    const auto store = InboxWriterStore::open(file, "main", clock);
    ASSERT_TRUE(store);
    std::vector<DraftEntry> drafts(500, test::entry({test::event("{}")}, std::string(500, 'x')));
    ASSERT_TRUE((*store)->append(drafts));
  }
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto store = InboxWriterStore::open(file, "main", clock);
  auto error = store ? Error{} : store.error();
  if (store) {
    const auto appended = (*store)->append(std::vector<DraftEntry>(500, test::entry({})));
    ASSERT_FALSE(appended) << "nothing may be acknowledged from a damaged file";
    error = appended.error();
  }
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.message, HasSubstr("restore a backup"));
}

TEST(Database, ReaderCannotWrite) {
  const TemporaryFolder folder;
  const auto writer = opened(folder / "a.db");
  writer->session() << "CREATE TABLE t (a BIGINT)";
  const auto reader = opened(folder / "a.db", Access::read_only);
  const auto written = reader->transaction([&]() -> Result<void> {
    reader->session() << "INSERT INTO t VALUES (1)";
    return {};
  });
  EXPECT_FALSE(written);
  EXPECT_EQ(number_from(*writer, "SELECT COUNT(*) FROM t"), 0);
}

TEST(Database, RollsBackWhatReturnsAnErrorOrThrows) {
  const TemporaryFolder folder;
  const auto database = opened(folder / "a.db");
  database->session() << "CREATE TABLE t (a BIGINT PRIMARY KEY)";
  const auto insert = [&] { database->session() << "INSERT INTO t VALUES (1)"; };
  const auto failed = database->transaction([&]() -> Result<void> {
    insert();
    return fail(ErrorCode::invalid, "no");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::invalid);
  const auto thrown = database->transaction([&]() -> Result<void> {
    insert();
    throw std::runtime_error("oh");
  });
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().code, ErrorCode::internal);
  const auto twice = database->transaction([&]() -> Result<void> {
    insert();
    insert();
    return {};
  });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::conflict);
  EXPECT_EQ(number_from(*database, "SELECT COUNT(*) FROM t"), 0);
  EXPECT_TRUE(database->transaction([&]() -> Result<void> {
    insert();
    return {};
  }));
  EXPECT_EQ(number_from(*database, "SELECT COUNT(*) FROM t"), 1);
}

TEST(Database, WaitsForAForeignLockButNotForEver) {
  const TemporaryFolder folder;
  const auto file = folder / "a.db";
  const auto database = opened(file);
  database->session() << "CREATE TABLE t (a BIGINT)";
  sqlite3* foreign = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &foreign), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(foreign, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto insert = [&] {
    return database->transaction([&]() -> Result<void> {
      database->session() << "INSERT INTO t VALUES (1)";
      return {};
    });
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto written = insert();
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::unavailable);
  EXPECT_THAT(written.error().message, HasSubstr("end whatever else holds the file"));
  EXPECT_GE(took, limits::store_lock_wait / 2);
  EXPECT_LT(took, limits::store_lock_wait * 4);
  sqlite3_exec(foreign, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(foreign);
  EXPECT_TRUE(insert()) << "and goes on when the lock is gone";
}

/// A file in which every commit writes about 100 kB to the log.
class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override { database_->session() << "CREATE TABLE t (a TEXT)"; }
  void write(int commits) {
    const std::string text(100'000, 'x');
    for (int i = 0; i < commits; ++i)
      ASSERT_TRUE(database_->transaction([&]() -> Result<void> {
        database_->session() << "INSERT INTO t VALUES (:a)", soci::use(text);
        return {};
      }));
  }
  std::uintmax_t file_bytes() const { return std::filesystem::file_size(folder_ / "a.db"); }
  std::uintmax_t log_bytes() const { return std::filesystem::file_size(folder_ / "a.db-wal"); }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_ = opened(folder_ / "a.db");
};

TEST_F(Checkpoints, AreNeverTakenBySQLiteItself) {
  write(100);
  EXPECT_GT(log_bytes(), 8'000'000U) << "SQLite's own checkpoints hide their failures";
}

TEST_F(Checkpoints, WaitForSoManyBytes) {
  write(5);
  const auto before = file_bytes();
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  EXPECT_EQ(file_bytes(), before);
  write(10);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  EXPECT_GT(file_bytes(), 1'000'000U);
}

TEST_F(Checkpoints, LetTheLogBeginAnew) {
  write(20);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  const auto before = log_bytes();
  write(15);
  EXPECT_EQ(log_bytes(), before);
}

TEST_F(Checkpoints, AreNotRepeatedForALogThatOnlyIsLong) {
  write(20);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  const auto before = file_bytes();
  write(5);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  EXPECT_EQ(file_bytes(), before) << "the file of the log is still long, but little of it is new";
}

TEST_F(Checkpoints, AreNotRepeatedForAReaderInTheWay) {
  write(1);
  const auto reader = Database::open(folder_ / "a.db", Access::read_only).value();
  reader->session() << "BEGIN";
  int rows = 0;
  reader->session() << "SELECT count(*) FROM t", soci::into(rows);
  write(20);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  const auto held_back = file_bytes();
  EXPECT_LT(held_back, 1'000'000U);
  reader->session() << "COMMIT";
  write(5);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  EXPECT_EQ(file_bytes(), held_back) << "the next try is due when as much has been added again";
  write(10);
  ASSERT_TRUE(database_->checkpoint_after(1'000'000));
  EXPECT_GT(file_bytes(), 3'000'000U);
}

TEST(Migrations, StartFromNothingAndRunOnce) {
  const TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  for (const auto& [name, migrations] :
       {std::pair{"inbox.db", inbox_migrations()}, std::pair{"leads.db", leads_migrations()}}) {
    ASSERT_FALSE(migrations.empty());
    for (int start = 0; start < 2; ++start) {
      const auto database = opened(folder / name);
      const auto done = migrate(*database, migrations, clock);
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(number_from(*database, "SELECT COUNT(*) FROM schema_migrations"),
                static_cast<long long>(migrations.size()));
    }
  }
}

TEST(Migrations, ApplyWhatIsMissingAndNothingTwice) {
  const TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  const Migration steps[]{{"0001_a", "CREATE TABLE a (x BIGINT);\n"},
                          {"0002_b", "ALTER TABLE a ADD COLUMN y BIGINT;\nCREATE TABLE b (x BIGINT);\n"},
                          {"0003_broken", "CREATE TABLE c (x BIGINT);\nCREATE TABLE a (x BIGINT);\n"}};
  const auto database = opened(folder / "a.db");
  ASSERT_TRUE(migrate(*database, std::span{steps}.first(1), clock));
  database->session() << "INSERT INTO a VALUES (7)";
  ASSERT_TRUE(migrate(*database, std::span{steps}.first(2), clock));
  EXPECT_EQ(number_from(*database, "SELECT x FROM a WHERE y IS NULL"), 7);
  EXPECT_FALSE(migrate(*database, steps, clock));
  EXPECT_EQ(number_from(*database, "SELECT MAX(version) FROM schema_migrations"), 2);
  EXPECT_EQ(number_from(*database, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'c'"), 0)
      << "a step is taken whole or not at all";
}

TEST(Migrations, FillInWhatReportsGroupOldLeadsBy) {
  const TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  const auto database = opened(folder / "leads.db");
  const auto all = leads_migrations();
  const auto report = std::ranges::find(all, "0012_report", &Migration::name) - all.begin();
  ASSERT_TRUE(migrate(*database, all.first(static_cast<std::size_t>(report)), clock));
  auto& sql = database->session();
  const std::string columns =
      "stage, email, phone, name, first_name, last_name, company, job_title, country, city, language, "
      "time_zone, tags, attributes, provenance, created_at, updated_at";
  const std::string values = "'captured', '', '', '', '', '', '', '', '', '', '', '', '[]', '{}', '{}', 1, 1";
  sql << "INSERT INTO leads (workspace_id, id, first_touch, last_touch, " + columns + ") VALUES (1, 'a', " +
             R"('{"attribution":{"utm_source":"google","utm_campaign":"it''s spring"},"channel":"ads","at":1}',)" +
             R"('{"attribution":{"referrer":"https://a.example"},"channel":"website","at":2}', )" + values +
             ")";
  sql << "INSERT INTO leads (workspace_id, id, first_touch, last_touch, " + columns +
             ") VALUES (1, 'b', '', '', " + values + ")";
  for (const auto* line : {"'a', 1, 'leadhub', 1, NULL", "'a', 2, 'website', 9, NULL",
                           "'a', 3, 'news', 8, NULL", "'a', 4, 'old', 7, 9"})
    sql << "INSERT INTO timeline (workspace_id, idx, event_key, type, received_at, trust, document, lead_id, "
           "seq, "
           "channel, occurred_at, superseded_by) VALUES (1, 0, '', '', 1, '', '', " +
               std::string{line} + ")";
  ASSERT_TRUE(migrate(*database, all, clock));
  std::string found;
  sql << "SELECT channel || '|' || first_channel || '|' || first_source || '|' || first_campaign || '|' || "
         "last_channel || '|' || last_source || '|' || last_campaign FROM leads WHERE id = 'a'",
      soci::into(found);
  EXPECT_EQ(found, "news|ads|google|it's spring|website||");
  sql << "SELECT channel || first_channel || last_campaign FROM leads WHERE id = 'b'", soci::into(found);
  EXPECT_EQ(found, "");
}

TEST(Migrations, RefuseAStoreOfANewerProgram) {
  const TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  const auto file = folder / "leads.db";
  ASSERT_TRUE(LeadStore::open(file, "main", clock));
  opened(file)->session() << "INSERT INTO schema_migrations VALUES (99, '0099_future', 0)";
  const auto store = LeadStore::open(file, "main", clock);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::incompatible);
  EXPECT_THAT(store.error().message,
              HasSubstr("has schema version 99, this program knows " +
                        std::to_string(leads_migrations().size()) + "; start the newer leadhub"));
}

TEST(Workspaces, KeepTheirNumber) {
  const TemporaryFolder folder;
  const ManualClock clock{test::start_time};
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ((*InboxWriterStore::open(folder / "inbox.db", "main", clock))->workspace(), 1);
    EXPECT_EQ((*InboxWriterStore::open(folder / "inbox.db", "other", clock))->workspace(), 2);
    EXPECT_EQ((*InboxWriterStore::open(folder / "inbox.db", "it's \"x\"", clock))->workspace(), 3);
  }
}

TEST(RowWriter, WritesAnyNumberOfRowsInOrder) {
  const TemporaryFolder folder;
  const auto database = opened(folder / "a.db");
  database->session() << "CREATE TABLE t (id BIGINT, name TEXT, note TEXT, size BIGINT)";
  RowWriter writer{database->session(),
                   "INSERT INTO t (id, name, note, size) VALUES",
                   {ColumnType::integer, ColumnType::text, ColumnType::text, ColumnType::integer}};
  for (const int count : {0, 1, 7, 8, 9, 63, 64, 65, 200, 0, 1}) {
    database->session() << "DELETE FROM t";
    for (int i = 0; i < count; ++i) {
      writer.integer(i).text("name " + std::to_string(i));
      i % 3 == 0 ? writer.null() : writer.text(std::string(static_cast<std::size_t>(i % 5), 'x'));
      i % 2 == 0 ? writer.null() : writer.integer(-i);
      writer.end_row();
    }
    writer.flush();
    ASSERT_EQ(number_from(*database, "SELECT COUNT(*) FROM t"), count);
    ASSERT_EQ(number_from(*database, "SELECT COUNT(*) FROM t WHERE id <> rowid - (SELECT MIN(rowid) FROM t)"),
              0);
    ASSERT_EQ(number_from(*database,
                          "SELECT COUNT(*) FROM t WHERE name = 'name ' || id AND (note IS NULL) = (id % 3 = "
                          "0) AND COALESCE(LENGTH(note), id % 5) = id % 5 AND (size IS NULL) = (id % 2 = 0) "
                          "AND COALESCE(size, -id) = -id"),
              count);
  }
}

TEST(RowWriter, KeepsTextsOfAllSizesApart) {
  const TemporaryFolder folder;
  const auto database = opened(folder / "a.db");
  database->session() << "CREATE TABLE t (id BIGINT, name TEXT)";
  RowWriter writer{
      database->session(), "INSERT INTO t (id, name) VALUES", {ColumnType::integer, ColumnType::text}};
  for (int round = 0; round < 3; ++round) {
    database->session() << "DELETE FROM t";
    for (int i = 0; i < 73; ++i)
      writer.integer(i)
          .text(std::string(i % 7 == round ? 300'000U : static_cast<std::size_t>(i), 'a'))
          .end_row();
    writer.flush();
    const long long wanted = round;
    long long count = 0;
    database->session()
        << "SELECT COUNT(*) FROM t WHERE LENGTH(name) = CASE WHEN id % 7 = :r THEN 300000 ELSE id END",
        soci::use(wanted), soci::into(count);
    ASSERT_EQ(count, 73);
  }
}

TEST(RowWriter, ForgetsWhatIsDiscarded) {
  const TemporaryFolder folder;
  const auto database = opened(folder / "a.db");
  database->session() << "CREATE TABLE t (id BIGINT PRIMARY KEY)";
  RowWriter writer{
      database->session(), "INSERT INTO t (id) VALUES", {ColumnType::integer}, "ON CONFLICT DO NOTHING"};
  writer.integer(1).end_row();
  writer.discard();
  writer.integer(2).end_row().flush();
  EXPECT_EQ(number_from(*database, "SELECT SUM(id) FROM t"), 2);
  writer.integer(2).end_row().integer(3).end_row().flush();
  EXPECT_EQ(number_from(*database, "SELECT SUM(id) FROM t"), 5) << "the tail belongs to the statement";
}

}  // namespace
}  // namespace leadhub::store
