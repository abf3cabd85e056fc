#include "app/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace leadhub::app {

Result<StoreLock> StoreLock::take(const std::filesystem::path& lock_file,
                                  const std::filesystem::path& store) {
  const auto folder = store.parent_path();
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (error)
      return fail(ErrorCode::io,
                  folder.string() + ": cannot be made: " + error.message() + "; make it or change store.url");
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  StoreLock lock{::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (lock.descriptor_ < 0)
    return fail(ErrorCode::io, lock_file.string() + ": cannot be opened: " + std::strerror(errno) +
                                   "; check the owner of the store's folder");
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::unavailable,
                store.string() + ": another leadhub serves this store; stop it first");
  return lock;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace leadhub::app
