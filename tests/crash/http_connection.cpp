#include "crash/http_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace leadhub::crash {
namespace {

std::string lower_case(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::size_t content_length(const std::string& head) {
  constexpr std::string_view name = "\r\ncontent-length:";
  const auto at = head.find(name);
  return at == head.npos ? 0 : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
}

}  // namespace

HttpConnection::HttpConnection(std::uint16_t port) {
  const int opened = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{20, 0};
  const int on = 1;
  ::setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(opened, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    socket_ = opened;
  else
    ::close(opened);
}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) ::close(socket_);
}

bool HttpConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpConnection::read_more() {
  std::array<char, 16'384> buffer;
  const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<HttpAnswer> HttpConnection::read_answer() {
  constexpr std::string_view head_end = "\r\n\r\n";
  while (received_.find(head_end) == received_.npos)
    if (!read_more()) return std::nullopt;
  HttpAnswer answer;
  answer.head = lower_case(received_.substr(0, received_.find(head_end) + head_end.size()));
  const auto length = content_length(answer.head);
  while (received_.size() < answer.head.size() + length)
    if (!read_more()) return std::nullopt;
  answer.body = received_.substr(answer.head.size(), length);
  received_.erase(0, answer.head.size() + length);
  const auto status = answer.head.find(' ') + 1;  // 0 without a blank: no number stands there
  std::from_chars(answer.head.data() + status, answer.head.data() + answer.head.size(), answer.status);
  return answer;
}

std::optional<HttpAnswer> get(std::uint16_t port, const std::string& path) {
  HttpConnection connection{port};
  if (!connection.is_open() ||
      !connection.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                       std::string{control_token} + "\r\nConnection: close\r\n\r\n"))
    return std::nullopt;
  return connection.read_answer();
}

}  // namespace leadhub::crash
