#include "store/database.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

#include <utility>

#include "ops/failpoint.hpp"

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

std::unexpected<Error> error_from(const std::filesystem::path& file, const soci::soci_error& error) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
    return fail(classify(sqlite->result()), describe(file, sqlite->result(), error.what()));
  return fail(ErrorCode::internal, file.string() + ": " + error.what());
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
  try {
    const auto mask = ::umask(0077);  // personal data: the files are for their owner only
    auto session = std::make_unique<soci::session>();
    try {
      session->open(soci::sqlite3, "dbname=\"" + file.string() + "\" timeout=10");
    } catch (...) {
      ::umask(mask);
      throw;
    }
    sqlite3_extended_result_codes(handle_of(*session), 1);
    *session << "PRAGMA journal_mode = WAL";
    *session << "PRAGMA synchronous = FULL";
    *session << "PRAGMA wal_autocheckpoint = 0";
    *session << "PRAGMA foreign_keys = ON";
    *session << "PRAGMA secure_delete = ON";
    *session << "PRAGMA cache_size = -16384";
    if (access == Access::read_only) *session << "PRAGMA query_only = ON";
    ::umask(mask);
    return std::unique_ptr<Database>{new Database{file, std::move(session)}};
  } catch (const soci::soci_error& error) {
    return error_from(file, error);
  }
}

Result<void> Database::guarded(const std::function<Result<void>()>& body) {
  try {
    return body();
  } catch (const soci::soci_error& error) {
    return error_from(file_, error);
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, file_.string() + ": " + error.what());
  }
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
    if (auto undone = guarded([&]() -> Result<void> {
          session_->rollback();
          return {};
        });
        !undone)
      return undone;
  }
  return result;
}

Result<void> Database::checkpoint(Checkpoint mode) {
  const int result = sqlite3_wal_checkpoint_v2(
      handle_of(*session_), nullptr,
      mode == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // A reader in the way is no failure: the next checkpoint takes the rest.
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED) return {};
  return fail(classify(result), describe(file_, result, sqlite3_errmsg(handle_of(*session_))));
}

std::uintmax_t Database::log_bytes() const {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(file_.string() + "-wal", ignored);
  return ignored ? 0 : size;
}

}  // namespace leadhub::store
