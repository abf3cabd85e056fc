#include "config/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace leadhub::config {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(const std::filesystem::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> cannot_open(int reason) {
  switch (reason) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::not_found, "there is no such file; check the path");
    case EACCES:
      return fail(ErrorCode::io, "the file may not be read; give this user the right to read it");
    default:
      return fail(ErrorCode::io, std::string{"the file cannot be opened: "} + std::strerror(reason));
  }
}

/// How many bytes follow the first byte of a UTF-8 sequence, with the bounds of the second byte (RFC 3629).
struct Sequence {
  std::size_t continuation_bytes;
  unsigned second_min;
  unsigned second_max;
};

std::optional<Sequence> sequence_of(unsigned first) {
  if (first < 0x80) return Sequence{0, 0, 0};
  if (first >= 0xC2 && first <= 0xDF) return Sequence{1, 0x80, 0xBF};
  if (first == 0xE0) return Sequence{2, 0xA0, 0xBF};
  if (first == 0xED) return Sequence{2, 0x80, 0x9F};  // no surrogates
  if (first >= 0xE1 && first <= 0xEF) return Sequence{2, 0x80, 0xBF};
  if (first == 0xF0) return Sequence{3, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return Sequence{3, 0x80, 0xBF};
  if (first == 0xF4) return Sequence{3, 0x80, 0x8F};
  return std::nullopt;
}

bool is_text_control(std::string_view text, std::size_t at) {
  if (text[at] == '\r') return at + 1 < text.size() && text[at + 1] == '\n';
  return text[at] == '\t' || text[at] == '\n';
}

/// The length of the character that begins at `at`; 0 where none does.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = byte(at);
  if (first < 0x20 || first == 0x7F) return is_text_control(text, at) ? 1 : 0;
  const auto sequence = sequence_of(first);
  if (!sequence || at + sequence->continuation_bytes >= text.size()) return 0;
  for (std::size_t i = 1; i <= sequence->continuation_bytes; ++i) {
    const unsigned low = i == 1 ? sequence->second_min : 0x80;
    const unsigned high = i == 1 ? sequence->second_max : 0xBF;
    if (byte(at + i) < low || byte(at + i) > high) return 0;
  }
  return sequence->continuation_bytes + 1;
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const FileDescriptor file{path};
  if (file.number() < 0) return cannot_open(errno);
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode))
    return fail(ErrorCode::io, "this is a directory; name a file in it");

  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return fail(ErrorCode::io, std::string{"the file cannot be read: "} + std::strerror(errno));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > bytes_max)
      return fail(ErrorCode::invalid, "the file is larger than " + std::to_string(bytes_max) +
                                          " bytes; check that it is the right one");
  }
}

std::optional<std::size_t> first_non_text_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = character_bytes(text, at);
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::nullopt;
}

}  // namespace leadhub::config
