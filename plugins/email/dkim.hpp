#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct dkim_lib;

/// DKIM signatures (RFC 6376) by RSA-SHA256 and Ed25519-SHA256 (RFC 8463), made by libopendkim; both
/// canonicalisations "relaxed".
namespace leadhub::email {

/// A private key with the name under which its public half stands in the DNS. Used by one thread at a time.
class DkimKey {
 public:
  /// `key`: PEM, RSA of at least 1024 bits or Ed25519, without a passphrase. Throws sdk::ChannelError that
  /// says why not; never what stands in it.
  DkimKey(std::string domain, std::string selector, std::string key);

  /// The header field DKIM-Signature for a message with CR LF at each line end; ends with CR LF. It covers
  /// the body and each header that readers and receivers act on, the list and feedback headers among them
  /// (RFC 8058 section 4); those that nobody may add are named once more (RFC 6376 section 8.15).
  /// `now_ms`: the time of the signature. Throws sdk::ChannelError where there is no memory.
  [[nodiscard]] std::string signature(std::string_view message, std::int64_t now_ms) const;

 private:
  [[nodiscard]] std::string signature_by_rsa(std::string_view message, std::int64_t now_ms) const;
  [[nodiscard]] std::string signature_by_ed25519(std::string_view message, std::int64_t now_ms) const;

  struct Close {
    void operator()(dkim_lib* library) const;
  };

  std::string domain_;
  std::string selector_;
  std::string key_;
  int algorithm_;
  std::unique_ptr<dkim_lib, Close> library_;
};

/// The message with a signature of each key before it, each over the message as it was.
[[nodiscard]] std::string sign(const std::vector<DkimKey>& keys, std::string message, std::int64_t now_ms);

}  // namespace leadhub::email
