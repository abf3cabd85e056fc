#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace leadhub::email::testing {

/// How a mail server of the tests behaves. A rule answers each line that begins with its first half, the
/// content of a mail being the line ".", and a new connection the line "CONNECT"; the first that fits counts,
/// and without one it answers as a polite server. In an answer "<close>" hangs up there, "<drip>" sends what
/// follows a byte at a time, and "<starttls>" begins TLS.
struct Behaviour {
  std::vector<std::pair<std::string, std::string>> rules;
  std::vector<std::string> abilities = {"PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8"};
  std::string certificate;  ///< PEM file with certificate and key, for STARTTLS
  bool is_tls = false;      ///< TLS from the start
  int drip_ms = 100;
  /// Told before each line is answered: the verb of a command, "content" for each line of a mail, "." for its
  /// end; and "250" once a mail's answer is written. On the session's own thread.
  std::function<void(std::string_view moment)> on_moment{};
};

/// What a mail server has taken with 250.
struct TakenMail {
  std::string sender;     ///< the argument of MAIL FROM
  std::string recipient;  ///< of RCPT TO
  std::string content;    ///< dots undone
  int session = 0;
};

/// A mail server on loopback for tests, with a thread for each connection.
class SmtpSink {
 public:
  explicit SmtpSink(Behaviour behaviour = {});
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;
  ~SmtpSink();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<TakenMail> mails() const;
  /// Every line that clients sent but contents, in the order of arrival.
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] int sessions() const { return sessions_; }
  /// From the next line on.
  void set_behaviour(Behaviour behaviour);

 private:
  class Session;
  void accept_all();
  [[nodiscard]] Behaviour behaviour() const;
  [[nodiscard]] std::string answer(const std::string& line) const;

  int listener_;
  int port_ = 0;
  std::atomic<int> sessions_{0};
  std::atomic<bool> is_ending_{false};
  mutable std::mutex mutex_;
  Behaviour behaviour_;
  std::vector<TakenMail> mails_;
  std::vector<std::string> lines_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A file with a certificate for 127.0.0.1 and its key; its own CA.
[[nodiscard]] std::string make_certificate(const std::string& folder);

}  // namespace leadhub::email::testing
