#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/crypto.hpp"
#include "ops/error.hpp"
#include "ops/limits.hpp"

namespace leadhub::ops {

/// The hub's own secret keys, made at the first start and kept in a file beside the store (0600). It belongs
/// into every backup: without it, links that were sent no longer open and hashes no longer match. Immutable
/// once opened, so thread-safe.
///
/// There may be several signing keys, each with a number. The last one in the file signs; the older ones stay
/// as long as links that they signed shall open. The hashing key never changes: what it hashed cannot be
/// hashed again.
class KeyRing {
 public:
  /// Opens the file or makes it. Errors: `io` where it cannot be read or made; `incompatible` where it is no
  /// key ring or others may read it.
  [[nodiscard]] static Result<KeyRing> open(const std::filesystem::path& file);

  /// Adds a signing key to the file, which must be there, and returns its number. A hub that runs goes on
  /// with the keys that it has; it signs with the new one when it is started again. Errors: as open().
  [[nodiscard]] static Result<std::int64_t> rotate(const std::filesystem::path& file);

  /// Takes a signing key out of the file: the links that it signed no longer open once the hub is started
  /// again. Errors: as open(); `not_found` where there is no such key; `conflict` for the key that signs.
  [[nodiscard]] static Result<void> revoke(const std::filesystem::path& file, std::int64_t key);

  /// The numbers of the signing keys, the one that signs last.
  [[nodiscard]] std::vector<std::int64_t> signing_keys() const;

  /// Key material of 32 bytes for one purpose, for example "channel/website/signing": always the same for the
  /// same ring and purpose, and telling nothing about the other purposes.
  [[nodiscard]] std::string signing_key(std::string_view purpose) const;

  /// A link's token: "<key>.<payload>.<signature>", of letters, digits, ".", "-" and "_" only. `payload` is
  /// readable by whoever has the link, and of these characters, too. `purpose` says what kind of link it is
  /// and whose
  /// ("confirm/my-workspace"): a token opens for its own purpose only.
  [[nodiscard]] std::string sign_link(std::string_view purpose, std::string_view payload) const;
  /// The payload of a token that one of the keys signed for that purpose; nullopt for anything else, and,
  /// unseen, for what is longer.
  [[nodiscard]] std::optional<std::string> open_link(
      std::string_view purpose, std::string_view token,
      std::size_t bytes_max = limits::link_token_bytes_max) const;

  /// The keyed hash under which a value is remembered after the value itself is gone: 22 characters of
  /// base64url (128 bits).
  [[nodiscard]] std::string hash(std::string_view purpose, std::string_view value) const;

 private:
  struct Key {
    std::int64_t id = 0;
    std::string bytes;
  };
  KeyRing(std::vector<Key> signing, std::string hashing)
      : signing_(std::move(signing)), hashing_(std::move(hashing)) {}
  [[nodiscard]] static Result<KeyRing> read(const std::filesystem::path& file);
  [[nodiscard]] Result<void> write(const std::filesystem::path& file) const;
  [[nodiscard]] static std::string signature(const Key& key, std::string_view purpose,
                                             std::string_view signed_part);

  std::vector<Key> signing_;  ///< never empty; the last one signs
  std::string hashing_;
};

/// Writes a file that only its owner may read, all of it or nothing: a temporary file, fsync, rename.
[[nodiscard]] Result<void> write_private_file(const std::filesystem::path& file, std::string_view content);
/// The whole of a small file. Error: `not_found` where there is none, else `io`.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& file);

}  // namespace leadhub::ops
