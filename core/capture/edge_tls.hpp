#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>

#include "capture/edge_listener.hpp"
#include "ops/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace leadhub::capture {

/// The certificate and key that new TLS connections get, read again when the files change. Thread-safe.
class TlsCertificate {
 public:
  /// invalid: a file is missing, unreadable or no PEM, or the key is not the certificate's.
  [[nodiscard]] static Result<std::unique_ptr<TlsCertificate>> load(EdgeTls options);
  ~TlsCertificate();

  /// For one handshake; a connection keeps what it began with.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current() const;

  /// Reads the files if `options.poll` has passed since the last look and they have changed. A pair that
  /// cannot be used is logged once and the old one stays: a renewal that writes two files is seen half done
  /// for a moment.
  void refresh(std::chrono::steady_clock::time_point now);

 private:
  /// Changes when a file is rewritten or a link to it is moved.
  struct Stamp {
    std::filesystem::file_time_type certificate;
    std::filesystem::file_time_type key;
    bool operator==(const Stamp&) const = default;
  };

  explicit TlsCertificate(EdgeTls options) : options_(std::move(options)) {}
  [[nodiscard]] Stamp stamp() const;

  EdgeTls options_;
  mutable std::mutex mutex_;  ///< for current_
  std::shared_ptr<boost::asio::ssl::context> current_;
  std::mutex refresh_mutex_;  ///< for what follows
  Stamp loaded_{};
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace leadhub::capture
