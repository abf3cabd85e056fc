#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crash/http_connection.hpp"

namespace leadhub::crash {

inline constexpr const char* webhook_secret = "whsec_b25seS1mb3ItdGhlLWNyYXNoLXRlc3Rz";

// The event of a number is always the same, as a provider's is.
[[nodiscard]] std::string key_of(std::size_t number);
[[nodiscard]] std::string email_of(std::size_t number);
/// A whole signed request (Standard Webhooks) to POST /in/demo.
[[nodiscard]] std::string request_of(std::size_t number);

/// Posts it on this connection and waits for the answer.
[[nodiscard]] std::optional<HttpAnswer> post(HttpConnection& connection, std::size_t number);

/// What the senders know, kept outside the hub: which numbers were sent, and which were acknowledged with a
/// 2xx. Any thread.
class Ledger {
 public:
  struct Totals {
    std::size_t keys = 0;        ///< numbers 0 to keys - 1 were sent
    std::size_t sent = 0;        ///< requests
    std::size_t acked = 0;       ///< numbers with at least one 2xx
    std::size_t retried = 0;     ///< requests that repeated one without an answer
    std::size_t sent_again = 0;  ///< requests that repeated one with an answer
    std::size_t refused = 0;     ///< answers other than 2xx
  };

  /// So many new numbers may be handed out from now on.
  void allow_new(std::size_t count);
  /// What to send next: one without an answer, else a new one, else one that has its answer already.
  [[nodiscard]] std::size_t take();
  /// Only those without an answer.
  [[nodiscard]] std::optional<std::size_t> take_unanswered();
  void acknowledge(std::size_t number);
  /// No answer, or none that promises anything: to be sent again.
  void give_back(std::size_t number, const std::optional<HttpAnswer>& answer);

  [[nodiscard]] Totals totals() const;
  [[nodiscard]] bool is_acked(std::size_t number) const;

 private:
  mutable std::mutex mutex_;
  Totals totals_;
  std::size_t new_left_ = 0;
  std::size_t repeat_next_ = 0;
  std::vector<bool> acked_;
  std::deque<std::size_t> unanswered_;
};

/// Sends what the ledger says until the hub is gone or `stopped` says so.
template <class Stopped>
void send_until(std::uint16_t port, Ledger& ledger, Stopped stopped) {
  HttpConnection connection{port};
  if (!connection.is_open()) return;
  while (!stopped()) {
    const auto number = ledger.take();
    const auto answer = post(connection, number);
    const bool is_gone = !answer;
    if (answer && answer->is_success())
      ledger.acknowledge(number);
    else
      ledger.give_back(number, answer);
    if (is_gone) return;
  }
}

}  // namespace leadhub::crash
