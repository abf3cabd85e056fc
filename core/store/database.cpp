#include "store/database.hpp"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ops/failpoint.hpp"
#include "ops/limits.hpp"

namespace leadhub::store {
namespace {

/// SOCI declares SQLite's own functions in this namespace.
using namespace sqlite_api;

sqlite3* handle_of(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

ErrorCode classify(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
      return ErrorCode::unavailable;
    case SQLITE_CONSTRAINT:
      return ErrorCode::conflict;
    case SQLITE_NOTADB:
      return ErrorCode::incompatible;
    default:
      break;
  }
  switch (result) {  // the shared-memory file could not grow: a full disk, nothing lost
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP:
    case SQLITE_IOERR_NOMEM:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::io;
  }
}

std::string describe(const std::filesystem::path& file, int result, std::string_view message) {
  std::string text = file.string() + ": " + std::string{message} + " (SQLite " + std::to_string(result) + ")";
  switch (classify(result)) {
    case ErrorCode::unavailable:
      return text + "; free disk space, or end whatever else holds the file";
    case ErrorCode::incompatible:
      return text + "; this file is no leadhub store: name another in store.url";
    case ErrorCode::io:
      return text + "; check the disk (dmesg) and restore a backup if the file is damaged";
    default:
      return text;
  }
}

/// SOCI's what() names the values that were bound as well: personal data, which must not reach a log.
std::unexpected<Error> error_from(const std::filesystem::path& file, const soci::soci_error& error) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
    return fail(classify(sqlite->result()), describe(file, sqlite->result(), error.get_error_message()));
  return fail(ErrorCode::internal, file.string() + ": " + error.get_error_message());
}

/// Makes the file for its owner only, before SQLite can make it for everybody: it holds personal data. The
/// files beside it get the same mode. An existing file is left alone: closing a second descriptor of it would
/// drop the locks that this process holds.
Result<void> make_private(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno != EEXIST)
    return fail(ErrorCode::io, file.string() + ": cannot be made: " + std::strerror(errno) +
                                   "; check store.url and the owner of its folder");
  if (descriptor >= 0) ::close(descriptor);
  return {};
}

/// SOCI leaves a statement that failed as it stands. Until it is run again, SQLite refuses every commit and
/// holds back checkpoints.
void end_statements(soci::session& session) {
  for (auto* statement = sqlite3_next_stmt(handle_of(session), nullptr); statement != nullptr;
       statement = sqlite3_next_stmt(handle_of(session), statement))
    if (sqlite3_stmt_busy(statement) != 0) sqlite3_reset(statement);
}

/// Leaves the write-ahead log as it is when the connection closes, instead of moving it into the database.
void never_checkpoint_on_close(soci::session& session) {
  sqlite3_db_config(handle_of(session), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void configure(soci::session& session, Access access) {
  sqlite3_extended_result_codes(handle_of(session), 1);
  sqlite3_busy_timeout(handle_of(session), static_cast<int>(limits::store_lock_wait.count()));
  if (access == Access::read_only) {
    session << "PRAGMA query_only = ON";
    never_checkpoint_on_close(session);
  } else {
    session << "PRAGMA page_size = " + std::to_string(limits::page_bytes);  // of a new file only
    session << "PRAGMA journal_mode = WAL";
    session << "PRAGMA journal_size_limit = " + std::to_string(limits::log_bytes_kept);
  }
  session << (access == Access::scratch ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  session << "PRAGMA wal_autocheckpoint = 0";
  session << "PRAGMA foreign_keys = ON";
  session << (access == Access::scratch ? "PRAGMA secure_delete = OFF" : "PRAGMA secure_delete = ON");
  session << "PRAGMA temp_store = MEMORY";  // what a statement of many rows may have to undo
  session << (access == Access::scratch ? "PRAGMA cache_size = -65536" : "PRAGMA cache_size = -16384");
  std::string mode;
  session << "PRAGMA journal_mode", soci::into(mode);
  if (mode != "wal")
    throw soci::soci_error("SQLite keeps no write-ahead log here (journal_mode " + mode +
                           "); a store needs a local file system");
}

}  // namespace

Database::Database(std::filesystem::path file, std::unique_ptr<soci::session> session)
    : file_(std::move(file)),
      session_(std::move(session)),
      before_commit_(file_.stem().string() + ".before_commit"),
      after_commit_(file_.stem().string() + ".after_commit") {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, Access access) {
  std::error_code ignored;
  if (access == Access::read_only && !std::filesystem::exists(file, ignored))
    return fail(ErrorCode::not_found, file.string() + ": there is no such store; `leadhub serve` makes it");
  // SOCI's connection string splits at spaces and takes quotes as they are.
  if (file.string().find_first_of("\"'") != std::string::npos)
    return fail(ErrorCode::invalid,
                file.string() + ": the store's path may not hold quotation marks; rename it");
  if (access != Access::read_only)
    if (auto made = make_private(file); !made) return std::unexpected(made.error());
  try {
    auto session = std::make_unique<soci::session>();
    session->open(soci::sqlite3, "dbname=\"" + file.string() + "\"");
    configure(*session, access);
    std::unique_ptr<Database> database{new Database{file, std::move(session)}};
    if (access != Access::read_only) database->count_log_pages();
    return database;
  } catch (const soci::soci_error& error) {
    return error_from(file, error);
  }
}

Result<void> Database::guarded(const std::function<Result<void>()>& body) {
  const auto result = [&]() -> Result<void> {
    try {
      return body();
    } catch (const soci::soci_error& error) {
      return error_from(file_, error);
    } catch (const std::exception& error) {
      return fail(ErrorCode::internal, file_.string() + ": " + error.what());
    }
  }();
  if (!result) end_statements(*session_);
  return result;
}

Result<void> Database::transaction(const std::function<Result<void>()>& body) {
  auto result = guarded([&]() -> Result<void> {
    session_->begin();
    if (auto done = body(); !done) return done;
    ops::failpoint(before_commit_);
    session_->commit();
    ops::failpoint(after_commit_);
    return {};
  });
  if (!result && sqlite3_get_autocommit(handle_of(*session_)) == 0) {
    const auto undone = guarded([&]() -> Result<void> {
      session_->rollback();
      return {};
    });
    if (!undone && result.error().code != ErrorCode::io) result = undone;
  }
  // What the disk has refused once is never asked of it again, not even by closing the file.
  if (!result && result.error().code == ErrorCode::io) never_checkpoint_on_close(*session_);
  return result;
}

namespace {

/// A database on its way into a file of its own.
class Copy {
 public:
  Copy(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
  ~Copy() {
    if (backup_ != nullptr) sqlite3_backup_finish(backup_);
    sqlite3_close(handle_);  // before the descriptor, which takes the locks along
    ::close(descriptor_);
    if (!is_whole_) ::unlink(file_.c_str());
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  /// What is half done is thrown away, so it needs no journal; what is done, sync() has on disk.
  Result<void> begin(sqlite3* source) {
    if (const int opened = sqlite3_open_v2(file_.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr);
        opened != SQLITE_OK)
      return failure(opened);
    sqlite3_extended_result_codes(handle_, 1);
    if (const int set = sqlite3_exec(
            handle_, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -512", nullptr,
            nullptr, nullptr);
        set != SQLITE_OK)
      return failure(set);
    backup_ = sqlite3_backup_init(handle_, "main", source, "main");
    return backup_ != nullptr ? Result<void>{} : failure(sqlite3_extended_errcode(handle_));
  }

  /// Pages copied; fewer than asked for at the end.
  Result<int> step(int pages) {
    const int before = remaining_;
    const int result = sqlite3_backup_step(backup_, pages);
    if (result != SQLITE_OK && result != SQLITE_DONE) return failure(result);
    remaining_ = sqlite3_backup_remaining(backup_);
    is_done_ = result == SQLITE_DONE;
    return (before < 0 ? sqlite3_backup_pagecount(backup_) : before) - remaining_;
  }

  Result<void> sync() {
    if (::fdatasync(descriptor_) == 0) return {};
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    return fail(is_full ? ErrorCode::unavailable : ErrorCode::io,
                file_.string() + ": cannot be written: " + std::strerror(errno) + "; free disk space");
  }

  [[nodiscard]] bool is_done() const { return is_done_; }
  void keep() { is_whole_ = true; }

 private:
  [[nodiscard]] std::unexpected<Error> failure(int result) const {
    return fail(classify(result), describe(file_, result, sqlite3_errstr(result)));
  }

  std::filesystem::path file_;
  int descriptor_;
  sqlite3* handle_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  int remaining_ = -1;
  bool is_done_ = false;
  bool is_whole_ = false;
};

}  // namespace

Result<void> Database::copy_to(const std::filesystem::path& file,
                               const std::function<void(std::int64_t more_bytes)>& on_bytes) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(ErrorCode::io, file.string() + ": cannot be made: " + std::strerror(errno));
  Copy copy{file, descriptor};
  if (auto begun = copy.begin(handle_of(*session_)); !begun) return begun;
  while (!copy.is_done()) {
    const auto pages = copy.step(limits::backup_step_pages);
    if (!pages) return std::unexpected(pages.error());
    // Little by little: a large flush at once would hold up the commits of the hub that goes on writing.
    if (auto synced = copy.sync(); !synced) return synced;
    if (on_bytes) on_bytes(*pages * static_cast<std::int64_t>(limits::page_bytes));
    std::error_code none;
    const auto log_bytes = std::filesystem::file_size(file_.string() + "-wal", none);
    if (!none && log_bytes > limits::backup_log_bytes_max)
      return fail(ErrorCode::unavailable,
                  file_.string() + ": its log has grown to " + std::to_string(log_bytes / limits::mebibyte) +
                      " MiB while it was copied; copy to a faster disk, or at a quieter hour");
  }
  copy.keep();
  return {};
}

void Database::count_log_pages() {
  long long bytes = 0;
  *session_ << "PRAGMA page_size", soci::into(bytes);
  page_bytes_ = bytes;
  sqlite3_wal_hook(
      handle_of(*session_),
      [](void* self, sqlite3*, const char*, int pages) {
        auto& database = *static_cast<Database*>(self);
        if (pages < database.log_pages_) database.log_pages_checkpointed_ = 0;  // the log began anew
        database.log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

Result<void> Database::checkpoint_after(std::size_t log_bytes) {
  if ((log_pages_ - log_pages_checkpointed_) * page_bytes_ < static_cast<std::int64_t>(log_bytes)) return {};
  const int result =
      sqlite3_wal_checkpoint_v2(handle_of(*session_), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  log_pages_checkpointed_ = log_pages_;
  // A reader in the way is no failure: the next checkpoint takes the rest.
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED) return {};
  if (classify(result) == ErrorCode::io) never_checkpoint_on_close(*session_);
  return fail(classify(result), describe(file_, result, sqlite3_errmsg(handle_of(*session_))));
}

}  // namespace leadhub::store
