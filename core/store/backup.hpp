#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/files.hpp"

namespace leadhub::store {

/// What a hub cannot do without. Its control token is not among it: a restored hub makes one of its own.
struct StateFiles {
  std::filesystem::path leads;
  std::filesystem::path inbox;
  std::filesystem::path keys;
};

/// What a backup says of itself, in manifest.json: the last file to be written, so that a folder without it
/// is no backup.
struct BackupManifest {
  struct File {
    std::string name;         ///< in the backup's folder
    std::int64_t schema = 0;  ///< migrations of a database; 0: it is none
    ops::FileDigest digest;
    bool operator==(const File&) const = default;
  };
  /// How far the lead store of a workspace has read its log, and where that log ends. The lead store is
  /// copied first, so the cursor is at most the head.
  struct Log {
    std::string workspace;
    std::string log_id;
    std::int64_t cursor = 0;
    std::int64_t head = 0;
    bool operator==(const Log&) const = default;
  };

  std::string program;  ///< the version of leadhub that made it
  TimePoint made_at{};
  File leads;
  File inbox;
  File keys;
  std::vector<Log> logs;  ///< by workspace
};

/// Copies the state of a hub, running or stopped, into `folder`: the lead store first, then the inbox, so
/// that the lead store has read no entry that the copy of the inbox lacks; whatever the hub writes meanwhile
/// is in neither or will be read again. Folder and files are for their owner only. Where it fails it leaves
/// nothing behind. On one thread; `on_bytes` is told of every byte twice, when it is copied and when it is
/// hashed.
///
/// Errors: `conflict` where the folder holds anything; `not_found` where there is no store; `incompatible`
/// where the two files do not belong together, or the store is newer than this program; `unavailable` where
/// the disk is full.
[[nodiscard]] Result<BackupManifest> make_backup(const StateFiles& state, const std::filesystem::path& folder,
                                                 std::string_view program, const Clock& clock,
                                                 const ops::OnBytes& on_bytes);

/// Errors: `not_found` where the folder holds no whole backup; `incompatible` where its manifest is not one
/// that this program reads.
[[nodiscard]] Result<BackupManifest> read_manifest(const std::filesystem::path& folder);

/// Copies a backup to where a hub will find it, in folders that exist, and pauses sending: what is queued
/// here may have been sent by the original since. Everything is checked before the first file gets its name:
/// sizes and hashes, the databases themselves, that they belong together. The caller holds the store's lock.
/// A schema that is older than this program is brought up to date.
///
/// Errors: `conflict` where a file of the state is there already, naming it; `incompatible` where the backup
/// is damaged or newer than this program; as of read_manifest() and make_backup().
[[nodiscard]] Result<BackupManifest> restore_backup(const std::filesystem::path& folder,
                                                    const StateFiles& state, const Clock& clock,
                                                    const ops::OnBytes& on_bytes);

}  // namespace leadhub::store
