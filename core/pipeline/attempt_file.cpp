#include "pipeline/attempt_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

#include "ops/log.hpp"

namespace leadhub::pipeline {
namespace {

static_assert(std::is_trivially_copyable_v<AttemptFile::Attempt>);

struct Record {
  char magic[8] = {'L', 'H', 'A', 'T', 'T', 'M', 'P', '1'};
  AttemptFile::Attempt attempt;
};

}  // namespace

Result<AttemptFile> AttemptFile::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return fail(ErrorCode::io, file.string() + ": cannot be opened: " + std::strerror(errno) +
                                   "; check the owner of the store's folder");
  Record record;
  const Record expected;
  const bool whole = ::pread(descriptor, &record, sizeof record, 0) == static_cast<ssize_t>(sizeof record) &&
                     std::memcmp(record.magic, expected.magic, sizeof record.magic) == 0;
  return AttemptFile{descriptor, whole ? record.attempt : Attempt{}};
}

AttemptFile::AttemptFile(AttemptFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), found_(other.found_) {}

AttemptFile::~AttemptFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AttemptFile::begin(const Attempt& attempt) {
  write(attempt);
}
void AttemptFile::end() {
  write({});
}

void AttemptFile::write(const Attempt& attempt) {
  Record record;
  record.attempt = attempt;
  if (::pwrite(descriptor_, &record, sizeof record, 0) != static_cast<ssize_t>(sizeof record))
    log::warning("pipeline", std::string{"the attempt file cannot be written: "} + std::strerror(errno) +
                                 "; an event that ends the process would not be set aside");
}

}  // namespace leadhub::pipeline
