#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "limits.hpp"
#include "message.hpp"
#include "transport.hpp"

namespace leadhub::email {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  [[nodiscard]] bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(value_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  [[nodiscard]] bool sync() const { return ::fsync(value_) == 0; }
  bool close() { return value_ < 0 || ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

/// Makes the folder and those above it, for its owner alone.
void make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return;
  if (folder.has_parent_path() && folder.parent_path() != folder)
    fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) == 0) return;
  throw sdk::ChannelError("the folder " + folder.string() + " cannot be made (" +
                              std::generic_category().message(errno) + "); make it or change directory",
                          LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
}

class MaildirTransport final : public OneByOneTransport {
 public:
  explicit MaildirTransport(const Settings& settings)
      : folder_(settings.directory), sender_(settings.sender) {
    if (!folder_.has_filename()) folder_ = folder_.parent_path();
    make_folder(folder_);
  }

  using OneByOneTransport::deliver;
  sdk::Outcome deliver(const Mail& mail) override {
    const std::string bytes = make_message(sender_, mail);
    const std::string stem = file_stem(mail.message_id);
    const fs::path part = folder_ / ("." + stem + ".part");
    if (write(part, bytes) && ::rename(part.c_str(), (folder_ / (stem + ".eml")).c_str()) == 0 &&
        sync_folder())
      return sdk::Outcome::done(stem + ".eml");
    const int problem = errno;
    ::unlink(part.c_str());
    return sdk::Outcome::later("the mail cannot be written to " + folder_.string() + " (" +
                               std::generic_category().message(problem) +
                               "); make room or see that leadhub may write there");
  }

 private:
  /// errno says what went wrong.
  static bool write(const fs::path& file, std::string_view bytes) {
    Descriptor descriptor{file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW};
    return descriptor.is_open() && descriptor.write_all(bytes) && descriptor.sync() && descriptor.close();
  }
  /// The name is on disk only when its folder is.
  [[nodiscard]] bool sync_folder() const {
    const Descriptor descriptor{folder_, O_RDONLY | O_DIRECTORY};
    return descriptor.is_open() && descriptor.sync();
  }

  fs::path folder_;
  Sender sender_;
};

}  // namespace

std::string file_stem(std::string_view message_id) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string stem;
  for (const char c : message_id) {
    const bool is_plain =
        g_ascii_isalnum(c) || c == '@' || c == '-' || c == '_' || (c == '.' && !stem.empty());
    if (is_plain) {
      stem += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      stem += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  if (stem.size() <= file_stem_bytes_max && !stem.empty()) return stem;
  // "~" stands in no other stem, so no shortened id meets a whole one.
  char* hash = g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(message_id.data()), message_id.size());
  stem = stem.substr(0, file_stem_bytes_max / 2) + "~" + hash;
  g_free(hash);
  return stem;
}

std::unique_ptr<OneByOneTransport> make_maildir_transport(const Settings& settings) {
  return std::make_unique<MaildirTransport>(settings);
}

}  // namespace leadhub::email
