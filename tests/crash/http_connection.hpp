#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadhub::crash {

struct HttpAnswer {
  int status = 0;
  std::string head;  ///< in lower case
  std::string body;

  [[nodiscard]] bool is_success() const { return status / 100 == 2; }
};

/// One TCP connection to 127.0.0.1 and just enough HTTP/1.1 to say what the test wants to say, whole or in
/// pieces. For one thread.
class HttpConnection {
 public:
  /// Check is_open(): a hub that died refuses.
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }
  /// False once the peer is gone.
  bool send(std::string_view bytes);
  /// nullopt where the connection ended, or stayed silent for 20 s, before a whole answer.
  [[nodiscard]] std::optional<HttpAnswer> read_answer();

 private:
  bool read_more();

  int socket_ = -1;
  std::string received_;
};

/// A GET of the control API, on a connection of its own.
[[nodiscard]] std::optional<HttpAnswer> get(std::uint16_t port, const std::string& path);

/// The control API's token in the hubs of these tests.
inline constexpr std::string_view control_token = "crash-test-token-of-many-characters";

}  // namespace leadhub::crash
