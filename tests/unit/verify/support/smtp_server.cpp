#include "smtp_server.hpp"

#include <poll.h>

#include <array>

namespace leadhub::test {

SmtpServer::SmtpServer(SmtpScript script) : script_(std::move(script)) {
  thread_ = std::thread{[this] { run(); }};
}

SmtpServer::~SmtpServer() {
  stopping_ = true;
  thread_.join();
}

std::vector<std::string> SmtpServer::lines() const {
  const std::lock_guard lock{mutex_};
  return lines_;
}

void SmtpServer::run() {
  while (!stopping_) {
    pollfd readable{socket_.get(), POLLIN, 0};
    if (::poll(&readable, 1, 10) != 1) continue;
    const int client = ::accept(socket_.get(), nullptr, nullptr);
    if (client < 0) continue;
    ++connections_;
    serve(client);
    ::close(client);
  }
}

void SmtpServer::serve(int client) {
  if (!answer(client, "")) return;
  std::string received;
  while (!stopping_) {
    pollfd readable{client, POLLIN, 0};
    if (::poll(&readable, 1, 10) != 1) continue;
    std::array<char, 1024> room{};
    const auto got = ::recv(client, room.data(), room.size(), 0);
    if (got <= 0) return;
    received.append(room.data(), static_cast<std::size_t>(got));
    for (auto end = received.find("\r\n"); end != std::string::npos; end = received.find("\r\n")) {
      const std::string line = received.substr(0, end);
      received.erase(0, end + 2);
      {
        const std::lock_guard lock{mutex_};
        lines_.push_back(line);
      }
      if (!answer(client, line)) return;
    }
  }
}

bool SmtpServer::answer(int client, const std::string& line) {
  const std::string said = script_(line);
  if (said == hang_up) return false;
  for (std::size_t sent = 0; sent < said.size();) {
    const auto more = ::send(client, said.data() + sent, said.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += static_cast<std::size_t>(more);
  }
  return true;
}

SmtpScript polite(std::function<std::string(const std::string& local_part)> recipient) {
  return [recipient = std::move(recipient)](const std::string& line) -> std::string {
    constexpr std::string_view rcpt = "RCPT TO:<";
    if (line.empty()) return "220-mx.shop.test greets you\r\n220 and waits\r\n";
    if (line.starts_with("EHLO")) return "250-mx.shop.test\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n";
    if (line.starts_with(rcpt))
      return recipient(line.substr(rcpt.size(), line.find('@') - rcpt.size())) + "\r\n";
    if (line == "QUIT") return "221 2.0.0 bye\r\n";
    return "250 2.1.0 ok\r\n";
  };
}

}  // namespace leadhub::test
