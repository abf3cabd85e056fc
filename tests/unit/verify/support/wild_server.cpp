#include "wild_server.hpp"

#include <poll.h>

#include <array>
#include <vector>

namespace leadhub::test {

WildServer::WildServer(Wildness wildness) : wildness_(std::move(wildness)) {
  thread_ = std::thread{[this] { run(); }};
}

WildServer::~WildServer() {
  stopping_ = true;
  thread_.join();
}

void WildServer::run() {
  while (!stopping_) {
    std::array<pollfd, 2> ready{{{sockets_.first.get(), POLLIN, 0}, {sockets_.second.get(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), 10) <= 0) continue;
    if (ready[0].revents != 0) answer_udp();
    if (ready[1].revents != 0) answer_tcp();
  }
}

void WildServer::answer_udp() {
  std::array<char, 4096> buffer{};
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const auto got = ::recvfrom(sockets_.first.get(), buffer.data(), buffer.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &size);
  if (got <= 0) return;
  ++udp_;
  const std::string answer = wildness_({buffer.data(), static_cast<std::size_t>(got)}, Transport::udp);
  if (answer.empty()) return;
  ::sendto(sockets_.first.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
}

void WildServer::answer_tcp() {
  const int client = ::accept(sockets_.second.get(), nullptr, nullptr);
  if (client < 0) return;
  const timeval patience{1, 0};
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 4096> buffer{};
  const auto got = ::recv(client, buffer.data(), buffer.size(), 0);
  if (got > 2) {
    ++tcp_;
    const std::string answer =
        wildness_({buffer.data() + 2, static_cast<std::size_t>(got) - 2}, Transport::tcp);
    const std::string framed = two_bytes(static_cast<int>(answer.size())) + answer;
    for (std::size_t sent = 0; !answer.empty() && sent < framed.size();) {
      const auto more = ::send(client, framed.data() + sent, framed.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) break;
      sent += static_cast<std::size_t>(more);
    }
  }
  ::shutdown(client, SHUT_WR);
  while (::recv(client, buffer.data(), buffer.size(), 0) > 0) {
  }
  ::close(client);
}

std::string two_bytes(int value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string wire_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return out + '\0';
}

Section& Section::add(const std::string& owner, int type, std::uint32_t ttl, const std::string& data) {
  ++count;
  bytes += owner + two_bytes(type) + two_bytes(1) + two_bytes(static_cast<int>(ttl >> 16)) +
           two_bytes(static_cast<int>(ttl & 0xffff)) + two_bytes(static_cast<int>(data.size())) + data;
  return *this;
}

std::string name_asked(std::string_view question) {
  return std::string{question.substr(12, question.find('\0', 12) - 12 + 1)};
}

int type_asked(std::string_view question) {
  const auto at = 12 + name_asked(question).size();
  return static_cast<unsigned char>(question[at]) << 8 | static_cast<unsigned char>(question[at + 1]);
}

std::string Reply::to(std::string_view question) const {
  const int flags = 0x8180 | (truncated ? 0x0200 : 0) | rcode;
  return std::string{question.substr(0, 2)} + two_bytes(flags) + two_bytes(1) + two_bytes(answer.count) +
         two_bytes(authority.count) + two_bytes(0) + name_asked(question) + two_bytes(type_asked(question)) +
         two_bytes(1) + answer.bytes + authority.bytes;
}

}  // namespace leadhub::test
