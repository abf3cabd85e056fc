#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace leadhub::test {

/// A socket on 127.0.0.1.
class LoopbackSocket {
 public:
  /// Bound to `port`, or to any free one; a stream listens.
  explicit LoopbackSocket(int type, std::uint16_t port = 0)
      : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (type == SOCK_STREAM) ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        (type == SOCK_STREAM && ::listen(socket_, 16) != 0))
      throw std::runtime_error("no socket on loopback");
  }
  LoopbackSocket(LoopbackSocket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  LoopbackSocket& operator=(LoopbackSocket&&) = delete;
  ~LoopbackSocket() {
    if (socket_ >= 0) ::close(socket_);
  }

  [[nodiscard]] int get() const { return socket_; }
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

 private:
  int socket_;
};

/// The same free port for UDP and TCP.
inline std::pair<LoopbackSocket, LoopbackSocket> udp_and_tcp() {
  for (int i = 0; i < 50; ++i) {
    LoopbackSocket udp{SOCK_DGRAM};
    try {
      LoopbackSocket tcp{SOCK_STREAM, udp.port()};
      return {std::move(udp), std::move(tcp)};
    } catch (const std::runtime_error&) {  // taken: another one
    }
  }
  throw std::runtime_error("no port is free for UDP and TCP");
}

}  // namespace leadhub::test
