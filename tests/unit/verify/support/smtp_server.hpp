#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "loopback.hpp"

namespace leadhub::test {

/// What to send for a line ("" at first, for the greeting), with its line ends; nothing: silence.
using SmtpScript = std::function<std::string(const std::string& line)>;

inline const std::string hang_up = "hang up";

/// A mail server that says what a test wants said, one connection after the other.
class SmtpServer {
 public:
  explicit SmtpServer(SmtpScript script);
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_.port(); }
  /// What came so far, over all connections.
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void run();
  void serve(int client);
  bool answer(int client, const std::string& line);

  SmtpScript script_;
  LoopbackSocket socket_{SOCK_STREAM};
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// A polite server for *.test: answers RCPT as `recipient` says for a local part, all else with 250.
SmtpScript polite(std::function<std::string(const std::string& local_part)> recipient);

}  // namespace leadhub::test
