#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "ops/error.hpp"

/// Whole files, large ones too: read and written in pieces. Errors name the file and say what the system
/// said: `unavailable` where a disk is full, `not_found` where there is no such file, else `io`.
namespace leadhub::ops {

struct FileDigest {
  std::int64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hexadecimal digits

  bool operator==(const FileDigest&) const = default;
};

/// Told of each piece that is done, for whoever watches. May be empty.
using OnBytes = std::function<void(std::int64_t more)>;

[[nodiscard]] Result<FileDigest> digest_of(const std::filesystem::path& file, const OnBytes& on_bytes);

/// Copies into a new file that only its owner may read, on disk when it returns; what the copy holds. Where
/// it fails there is no copy. Error of its own: `conflict` where `to` exists.
[[nodiscard]] Result<FileDigest> copy_private_file(const std::filesystem::path& from,
                                                   const std::filesystem::path& to, const OnBytes& on_bytes);

/// Has the names in the folder on disk: of files that were made, renamed or removed.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace leadhub::ops
