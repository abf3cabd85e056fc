#include "ops/key_ring.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ops/files.hpp"
#include "ops/limits.hpp"

namespace leadhub::ops {
namespace {

constexpr std::size_t key_bytes = 32;

std::string system_message() {
  const bool is_full = errno == ENOSPC || errno == EDQUOT;
  return std::strerror(errno) + std::string{is_full ? "; free disk space" : ""};
}

Result<void> write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(ErrorCode::io, system_message());
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return fail(ErrorCode::io, system_message());
  return {};
}

/// Throws where the entry holds none.
std::string key_from(const nlohmann::json& entry) {
  auto decoded = base64_decode(entry.at("key").get<std::string>());
  if (!decoded || decoded->size() != key_bytes) throw std::invalid_argument("no key");
  return std::move(*decoded);
}

}  // namespace

Result<void> write_private_file(const std::filesystem::path& file, std::string_view content) {
  const auto temporary = file.string() + ".new";
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    return fail(ErrorCode::io,
                temporary + ": cannot be made: " + system_message() + "; check the folder's owner");
  auto written = write_all(descriptor, content);
  ::close(descriptor);
  if (written && ::rename(temporary.c_str(), file.c_str()) != 0)
    written = fail(ErrorCode::io, system_message());
  if (!written) ::unlink(temporary.c_str());
  if (written) written = sync_folder(file.parent_path());
  if (!written) return fail(ErrorCode::io, file.string() + ": cannot be written: " + written.error().message);
  return {};
}

Result<std::string> read_small_file(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream)
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                file.string() + ": cannot be read: " + system_message());
  std::string content(limits::kibibyte * 64, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  return content;
}

Result<KeyRing> KeyRing::open(const std::filesystem::path& file) {
  auto ring = read(file);
  if (ring || ring.error().code != ErrorCode::not_found) return ring;
  KeyRing made{{{1, random_bytes(key_bytes)}}, random_bytes(key_bytes)};
  if (auto written = made.write(file); !written) return std::unexpected(written.error());
  return made;
}

Result<KeyRing> KeyRing::read(const std::filesystem::path& file) {
  const auto content = read_small_file(file);
  if (!content) return std::unexpected(content.error());
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return fail(ErrorCode::incompatible,
                file.string() + ": others may read the hub's keys; run chmod 600 on it");
  // Says what is wrong without quoting a key.
  const auto broken =
      fail(ErrorCode::incompatible,
           file.string() + ": is no leadhub key ring; restore it from the backup that belongs to the store");
  try {
    const auto document = nlohmann::json::parse(*content);
    std::vector<Key> signing;
    for (const auto& entry : document.at("signing"))
      signing.push_back({entry.at("id").get<std::int64_t>(), key_from(entry)});
    if (signing.empty()) return broken;
    return KeyRing{std::move(signing), key_from(document.at("hashing").at(0))};
  } catch (const std::exception&) {
    return broken;
  }
}

Result<void> KeyRing::write(const std::filesystem::path& file) const {
  nlohmann::json document{{"key_ring", 1},
                          {"signing", nlohmann::json::array()},
                          {"hashing", {{{"id", 1}, {"key", base64_encode(hashing_)}}}}};
  for (const auto& key : signing_)
    document["signing"].push_back({{"id", key.id}, {"key", base64_encode(key.bytes)}});
  return write_private_file(file, document.dump(2) + "\n");
}

Result<std::int64_t> KeyRing::rotate(const std::filesystem::path& file) {
  auto ring = read(file);
  if (!ring) return std::unexpected(ring.error());
  std::int64_t id = 0;
  for (const auto& key : ring->signing_) id = std::max(id, key.id);
  ring->signing_.push_back({++id, random_bytes(key_bytes)});
  if (auto written = ring->write(file); !written) return std::unexpected(written.error());
  return id;
}

Result<void> KeyRing::revoke(const std::filesystem::path& file, std::int64_t key) {
  auto ring = read(file);
  if (!ring) return std::unexpected(ring.error());
  if (ring->signing_.back().id == key)
    return fail(ErrorCode::conflict,
                "key " + std::to_string(key) + " is the one that signs; run `leadhub keys rotate` first");
  if (std::erase_if(ring->signing_, [&](const Key& held) { return held.id == key; }) == 0)
    return fail(ErrorCode::not_found,
                "there is no key " + std::to_string(key) + "; `leadhub keys list` shows those that are");
  return ring->write(file);
}

std::vector<std::int64_t> KeyRing::signing_keys() const {
  std::vector<std::int64_t> ids;
  ids.reserve(signing_.size());
  for (const auto& key : signing_) ids.push_back(key.id);
  return ids;
}

std::string KeyRing::signing_key(std::string_view purpose) const {
  return std::string{as_text(hmac_sha256(signing_.back().bytes, purpose))};
}

std::string KeyRing::signature(const Key& key, std::string_view purpose, std::string_view signed_part) {
  const auto purpose_key = hmac_sha256(key.bytes, std::string{"link/"}.append(purpose));
  return base64url_encode(as_text(hmac_sha256(as_text(purpose_key), signed_part)).substr(0, 16));
}

std::string KeyRing::sign_link(std::string_view purpose, std::string_view payload) const {
  auto token = std::to_string(signing_.back().id).append(".").append(payload);
  const auto signed_by = signature(signing_.back(), purpose, token);
  return token.append(".").append(signed_by);
}

std::optional<std::string> KeyRing::open_link(std::string_view purpose, std::string_view token,
                                              std::size_t bytes_max) const {
  if (token.size() > bytes_max) return std::nullopt;
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == token.npos || first == last) return std::nullopt;
  for (const auto& key : signing_)
    if (std::to_string(key.id) == token.substr(0, first) &&
        equal_in_constant_time(signature(key, purpose, token.substr(0, last)), token.substr(last + 1)))
      return std::string{token.substr(first + 1, last - first - 1)};
  return std::nullopt;
}

std::string KeyRing::hash(std::string_view purpose, std::string_view value) const {
  std::string text;
  text.reserve(purpose.size() + 1 + value.size());
  text.append(purpose).push_back('\0');
  text.append(value);
  return base64url_encode(as_text(hmac_sha256(hashing_, text)).substr(0, 16));
}

}  // namespace leadhub::ops
