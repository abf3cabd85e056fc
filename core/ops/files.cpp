#include "ops/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "ops/crypto.hpp"
#include "ops/limits.hpp"

namespace leadhub::ops {
namespace {

std::unexpected<Error> system_error(const std::filesystem::path& file, std::string_view what) {
  const int number = errno;
  const auto text = file.string() + ": cannot be " + std::string{what} + ": " + std::strerror(number);
  if (number == ENOSPC || number == EDQUOT) return fail(ErrorCode::unavailable, text + "; free disk space");
  if (number == ENOENT) return fail(ErrorCode::not_found, text);
  if (number == EEXIST) return fail(ErrorCode::conflict, text);
  return fail(ErrorCode::io, text);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

class Hasher {
 public:
  Hasher() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view piece) { EVP_DigestUpdate(context_.get(), piece.data(), piece.size()); }
  [[nodiscard]] std::string finish() {
    Digest digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return to_hex(digest);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

bool write_all(int descriptor, std::string_view piece) {
  while (!piece.empty()) {
    const auto written = ::write(descriptor, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Reads `from` to its end; each piece goes to `take`, which may refuse.
Result<FileDigest> read_through(const std::filesystem::path& from, const OnBytes& on_bytes,
                                const std::function<Result<void>(std::string_view)>& take) {
  const Descriptor source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!source.is_open()) return system_error(from, "opened");
  FileDigest digest;
  Hasher hasher;
  std::vector<char> buffer(limits::file_piece_bytes);
  while (true) {
    const auto count = ::read(source.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(from, "read");
    if (count == 0) break;
    const std::string_view piece{buffer.data(), static_cast<std::size_t>(count)};
    hasher.add(piece);
    if (auto taken = take(piece); !taken) return std::unexpected(taken.error());
    digest.bytes += count;
    if (on_bytes) on_bytes(count);
  }
  digest.sha256 = hasher.finish();
  return digest;
}

}  // namespace

Result<FileDigest> digest_of(const std::filesystem::path& file, const OnBytes& on_bytes) {
  return read_through(file, on_bytes, [](std::string_view) { return Result<void>{}; });
}

Result<FileDigest> copy_private_file(const std::filesystem::path& from, const std::filesystem::path& to,
                                     const OnBytes& on_bytes) {
  const Descriptor target{::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!target.is_open()) return system_error(to, "made");
  auto copied = read_through(from, on_bytes, [&](std::string_view piece) -> Result<void> {
    if (!write_all(target.number(), piece)) return system_error(to, "written");
    return {};
  });
  if (copied && ::fsync(target.number()) != 0) copied = system_error(to, "written");
  if (!copied) ::unlink(to.c_str());
  return copied;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const auto path = folder.empty() ? std::filesystem::path{"."} : folder;
  const Descriptor opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open()) return system_error(path, "opened");
  if (::fsync(opened.number()) != 0) return system_error(path, "written");
  return {};
}

}  // namespace leadhub::ops
