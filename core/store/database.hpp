#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ops/error.hpp"
#include "store/access.hpp"

namespace soci {
class session;
}

namespace leadhub::store {

/// One connection to one SQLite file, through SOCI. Used by one thread at a time.
///
/// A file has one connection that writes and checkpoints; all others are read-only: SQLite 3.40 can corrupt a
/// file that two connections write or checkpoint at once (fixed in 3.51.3). A commit is on disk, fsynced,
/// when it returns, unless the file is a scratch one. Checkpoints are never automatic, because SQLite hides
/// the failure of those; the writer calls checkpoint_after().
class Database {
 public:
  /// Opens the file; whoever writes makes it where it is missing. Errors: `not_found`, `io`, `incompatible`
  /// (no database). A file that it makes is for its owner only. Waits at most limits::store_lock_wait for a
  /// lock that another process holds.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                              Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] soci::session& session() { return *session_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// Runs `body` in a transaction; commits when it returns a value, rolls back when it returns an error or
  /// throws. Errors of the database come back classified:
  ///   unavailable  disk full, locked: nothing was stored, the same call may work later
  ///   io           the disk or the file failed; after a failed fsync nobody knows what is stored, so the
  ///   caller
  ///                stops acknowledging and ends the process. It is never tried again.
  [[nodiscard]] Result<void> transaction(const std::function<Result<void>()>& body);

  /// Runs `body` outside a transaction with the same classification.
  [[nodiscard]] Result<void> guarded(const std::function<Result<void>()>& body);

  /// Moves what the write-ahead log holds into the file, once `log_bytes` have been added to the log since
  /// the last time: as much as the readers allow. Between two of these SQLite writes over the log from its
  /// beginning, which costs a commit one fsync and no new blocks. Errors as of transaction().
  [[nodiscard]] Result<void> checkpoint_after(std::size_t log_bytes);

  /// Copies the database as this connection sees it into a new file, page by page and on disk when it
  /// returns; where it fails there is no copy. For a reading connection, inside transaction() and behind a
  /// first query: from there on it sees one state, whatever is written meanwhile. As long as that transaction
  /// lasts, no checkpoint gets past this state and the write-ahead log grows, so nothing else belongs into
  /// it. Errors as of transaction(); `unavailable` also where the log has grown past
  /// limits::backup_log_bytes_max.
  [[nodiscard]] Result<void> copy_to(const std::filesystem::path& copy,
                                     const std::function<void(std::int64_t more_bytes)>& on_bytes);

 private:
  Database(std::filesystem::path file, std::unique_ptr<soci::session> session);
  void count_log_pages();

  std::filesystem::path file_;
  std::unique_ptr<soci::session> session_;
  std::string before_commit_;  ///< names of failpoints: "leadhub-inbox.before_commit"
  std::string after_commit_;
  /// Pages in the log after the last commit, as SQLite's hook tells; the log's file never says, since it
  /// keeps its length when the log begins anew.
  std::int64_t log_pages_ = 0;
  std::int64_t log_pages_checkpointed_ = 0;
  std::int64_t page_bytes_ = 0;
};

}  // namespace leadhub::store
