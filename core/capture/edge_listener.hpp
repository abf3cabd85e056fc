#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/edge_address.hpp"
#include "capture/http.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/limits.hpp"

/// The listener that faces the internet.
///
/// Each edge thread runs an event loop of its own and owns the connections that it was given: a request
/// touches no lock that another thread's requests touch. One acceptor deals new connections out in turn.
/// SO_REUSEPORT would let the kernel deal them out by hash, which leaves the loops unevenly loaded at 16 or
/// 64 connections, and it would let a second hub of the same user take over half of the first one's port in
/// silence.
///
/// Deadlines are kept by the steady clock, since they bound what a peer may hold, not what time it is; the
/// injected Clock gives received_at and Date. They are looked at by one sweep of each loop every tick rather
/// than by a timer an operation, so a deadline fires up to limits::edge_tick late.
namespace leadhub::capture {

struct EdgeDeadlines {
  std::chrono::milliseconds request =
      limits::request_deadline;  ///< first byte to last; also the TLS handshake
  std::chrono::milliseconds answer = limits::answer_deadline;
  std::chrono::milliseconds idle = limits::idle_deadline;
  std::chrono::milliseconds handler = limits::handler_deadline;
  std::chrono::milliseconds linger = limits::linger_deadline;
};

struct EdgeTls {
  std::string certificate_file;  ///< PEM: the server's certificate, then its chain
  std::string key_file;          ///< PEM, not encrypted
  std::chrono::milliseconds poll = limits::tls_poll;
};

struct EdgeOptions {
  std::string address = "127.0.0.1";  ///< an IPv4 or IPv6 address; "::" takes both families
  std::uint16_t port = 0;             ///< 0: any free one
  int threads = limits::edge_threads_default;
  std::size_t connections_max = limits::connections_max;
  std::size_t connections_per_address = limits::connections_per_address_default;
  std::optional<RequestRate> requests_per_address;
  std::size_t body_bytes_max = limits::body_bytes_default;
  std::size_t upload_bytes_max = limits::upload_bytes_default;  ///< multipart/form-data
  std::size_t body_bytes_in_flight_max = limits::body_bytes_in_flight_max;
  std::vector<std::string> trusted_proxies;  ///< CIDR
  std::optional<EdgeTls> tls;
  EdgeDeadlines deadlines;
};

/// Why a connection or a request was turned away by the edge or on the handler's early word.
enum class EdgeRefusal : std::uint8_t {
  malformed = 0,            ///< 400, 415, 417, 501
  head_too_large,           ///< 414, 431
  body_too_large,           ///< 413
  timed_out,                ///< 408, or a TLS handshake or an answer that took too long
  early,                    ///< what refuse_early() said
  rate,                     ///< 429
  bodies_in_flight,         ///< 503
  handler_late,             ///< 503
  handler_failed,           ///< 500: it threw, dropped the Reply, or gave an answer that cannot be sent
  connections_per_address,  ///< closed at once
  connections_max,          ///< closed at once
  file_descriptors,         ///< accepting paused
  count
};

[[nodiscard]] std::string_view name_of(EdgeRefusal refusal);

struct EdgeStatistics {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t requests = 0;              ///< whole heads that were found good
  std::array<std::uint64_t, 6> answers{};  ///< by status / 100
  std::array<std::uint64_t, static_cast<std::size_t>(EdgeRefusal::count)> refusals{};
  std::uint64_t bytes_received = 0;  ///< of HTTP, without TLS
  std::uint64_t bytes_sent = 0;
  std::size_t addresses_tracked = 0;
  std::size_t body_bytes_in_flight = 0;

  [[nodiscard]] std::uint64_t refused(EdgeRefusal why) const {
    return refusals[static_cast<std::size_t>(why)];
  }
};

/// What the edge does beside framing (http_framing.hpp), in the order in which a request meets it:
///
/// - Over connections_per_address or connections_max a connection is closed without a word: an answer would
/// cost more
///   than the refusal saves. A trusted proxy has no limit of its own.
/// - The client's address is the peer's, unless the peer is a trusted proxy (TrustedProxies::client).
/// - Over requests_per_address: 429 with Retry-After. IPv6 is counted by /64.
/// - A body over its limit: 413, before reading where Content-Length tells. Over body_bytes_in_flight_max:
/// 503 with
///   Retry-After; what counts are bytes that came, so that nobody can reserve room by announcing a body.
/// - Then RequestHandler::refuse_early(). A refusal keeps the connection where the body is here already, else
/// it
///   closes it; so do all refusals that leave the end of the request unknown. Before such a close the edge
///   reads on for a while and drops what it reads, or the reset would overtake the answer.
/// - `Expect: 100-continue` gets its 100 only now. Upgrade is ignored.
/// - A request that is not complete by its deadline: 408. A connection that waits for a request just closes.
/// - A handler that does not reply in time: 503 with Retry-After, and its late reply is ignored. A Reply
/// destroyed
///   uncalled, an exception, an answer that cannot be sent (is_sendable): 500.
/// - Pipelined requests are answered one after the other, in order; the next is not read before.
///
/// The edge's own answers are one line of text, or problem+json where Accept asks for JSON.
class EdgeListener {
 public:
  /// Listens from its return on. `handler` and `clock` must outlive the listener; Replies may outlive it.
  /// invalid: an option that makes no sense, an unreadable or unfitting certificate or key.
  /// io: the address cannot be bound.
  [[nodiscard]] static Result<std::unique_ptr<EdgeListener>> start(EdgeOptions options,
                                                                   RequestHandler& handler,
                                                                   const Clock& clock);

  /// As stop(0ms).
  ~EdgeListener();
  EdgeListener(const EdgeListener&) = delete;
  EdgeListener& operator=(const EdgeListener&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// Takes what the kernel has accepted, stops listening, closes idle connections, lets every request that
  /// has begun be read and answered (with Connection: close), and returns when the last connection is gone or
  /// the deadline has passed, at which the rest is cut. Any thread but a handler's; the second call and later
  /// ones return at once.
  void stop(std::chrono::milliseconds deadline);

  /// Any thread, any time.
  [[nodiscard]] EdgeStatistics statistics() const;

 private:
  class Implementation;
  explicit EdgeListener(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::capture
