#pragma once

#include <filesystem>
#include <utility>

#include "ops/error.hpp"

namespace leadhub::app {

/// Whoever writes a store holds this: two hubs on one store would both write it, which SQLite 3.40 does not
/// survive. Goes with the object and with the process.
class StoreLock {
 public:
  /// Makes the folder, for its owner only, where it is missing. Errors: `unavailable` where a leadhub has the
  /// store; `io`.
  [[nodiscard]] static Result<StoreLock> take(const std::filesystem::path& lock_file,
                                              const std::filesystem::path& store);

  StoreLock() = default;
  StoreLock(StoreLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  StoreLock& operator=(StoreLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace leadhub::app
