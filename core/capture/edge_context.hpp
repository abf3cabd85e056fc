#pragma once

#include <utility>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "capture/edge_address.hpp"
#include "capture/edge_listener.hpp"
#include "capture/edge_tls.hpp"

/// The inside of the edge: one event loop with its thread, its connections and its mail. Only for edge_*.cpp.
namespace leadhub::capture {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;

class EdgeContext;

/// What became of a Reply: an answer, or nothing where it was destroyed uncalled.
using Answer = std::optional<HttpResponse>;

/// Names one request of one connection of one context; never used twice. 0 names none.
using ExchangeId = std::uint64_t;

/// Where the answers of other threads wait for their event loop. It outlives the context, since Replies may:
/// it is shared by all that were given out. Answers that come close together cost one wake-up.
class Mailbox : public boost::intrusive_ref_counter<Mailbox> {
 public:
  struct Letter {
    ExchangeId exchange;
    Answer answer;
  };

  explicit Mailbox(EdgeContext& context) : context_(&context) {}

  /// Any thread. Dropped when the context is gone.
  void put(ExchangeId exchange, Answer answer);
  /// Moves what is there to `letters`, which must be empty.
  void take(std::vector<Letter>& letters);
  /// From now on letters are dropped.
  void close();

 private:
  std::mutex mutex_;
  EdgeContext* context_;  ///< null when closed
  std::vector<Letter> letters_;
};

/// Hands one request to the handler. A Reply that is called (or dropped) before handle() returns leaves its
/// answer here and needs no mail; a later one goes through the mailbox.
class HandlerCall {
 public:
  HandlerCall(boost::intrusive_ptr<Mailbox> mailbox, ExchangeId exchange);

  /// What the handler answered during the call; nullopt where it has yet to. The inner value as for Answer.
  /// An exception of the handler is logged by its type and becomes an answer that was dropped.
  [[nodiscard]] std::optional<Answer> run(RequestHandler& handler, HttpRequest request);

 private:
  class Ticket;

  boost::intrusive_ptr<Mailbox> mailbox_;
  ExchangeId exchange_;
  std::optional<Answer> answer_;
};

/// Counters that one thread writes and any thread reads.
class Counter {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct EdgeCounters {
  Counter requests;
  std::array<Counter, 6> answers;
  std::array<Counter, static_cast<std::size_t>(EdgeRefusal::count)> refusals;
  Counter bytes_received;
  Counter bytes_sent;

  void refused(EdgeRefusal why) { refusals[static_cast<std::size_t>(why)].add(); }
};

/// What the contexts share. Constant after the start but for what is atomic or locks.
struct EdgeShared {
  EdgeShared(EdgeOptions the_options, RequestHandler& the_handler, const Clock& the_clock)
      : options(std::move(the_options)), handler(the_handler), clock(the_clock) {}

  /// At the end of a connection.
  void connection_closed();

  const EdgeOptions options;
  RequestHandler& handler;
  const Clock& clock;
  TrustedProxies proxies;
  AddressTable addresses{limits::tracked_addresses_max};
  std::unique_ptr<TlsCertificate> tls;  ///< null without TLS
  std::chrono::milliseconds tick{};

  std::atomic<std::size_t> connections_open = 0;
  std::atomic<std::size_t> body_bytes_in_flight = 0;
  std::atomic<bool> stopping = false;
  std::mutex closed_mutex;
  std::condition_variable all_closed;
};

/// A connection as its context sees it. Only the context's thread calls it.
class EdgeConnection {
 public:
  virtual ~EdgeConnection() = default;
  /// Acts on a deadline that has passed.
  virtual void sweep(SteadyTime now) = 0;
  /// Closes now if no request has begun, else after the one under way.
  virtual void finish() = 0;
  /// Closes at once.
  virtual void abort() = 0;
  /// Gives the answer to `exchange` if that is the one waited for.
  virtual void deliver(ExchangeId exchange, Answer answer) = 0;
};

/// One accepted socket on its way to its context.
struct AcceptedConnection {
  int file_descriptor;
  bool is_v6;
  IpAddress peer;
  std::shared_ptr<AddressAccount> account;  ///< null where no limit by address applies to the peer
};

class EdgeContext {
 public:
  explicit EdgeContext(EdgeShared& shared);
  ~EdgeContext();

  void run();   ///< starts the thread
  void join();  ///< returns when the last connection is gone

  /// Takes ownership of the socket. Any thread.
  void adopt(AcceptedConnection connection);
  /// Asks every connection to finish. Any thread.
  void finish();
  /// Cuts every connection and lets the thread end. Any thread.
  void abort();

  /// The rest is for the context's own thread.
  [[nodiscard]] std::uint32_t enrol(EdgeConnection& connection);
  void leave(std::uint32_t slot);
  void deliver_mail();
  [[nodiscard]] ExchangeId next_exchange(std::uint32_t slot) { return (++exchanges_ << slot_bits) | slot; }
  [[nodiscard]] std::string_view common_lines() const { return common_lines_; }
  [[nodiscard]] bool finishing() const { return finishing_; }
  [[nodiscard]] EdgeShared& shared() { return shared_; }
  [[nodiscard]] EdgeCounters& counters() { return counters_; }
  [[nodiscard]] const EdgeCounters& counters() const { return counters_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] const boost::intrusive_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  static constexpr unsigned slot_bits = 24;
  static_assert(limits::connections_max < (1U << slot_bits));

  void start_connection(AcceptedConnection connection);
  void wait_for_tick();
  void tick();
  void write_common_lines();

  EdgeShared& shared_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<Executor> work_;
  boost::asio::steady_timer timer_;
  boost::intrusive_ptr<Mailbox> mailbox_;
  std::vector<Mailbox::Letter> letters_;
  std::vector<EdgeConnection*> connections_;  ///< by slot; null where free
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t exchanges_ = 0;
  std::string common_lines_;
  std::int64_t common_lines_second_ = -1;
  bool finishing_ = false;
  bool aborting_ = false;
  EdgeCounters counters_;
  std::thread thread_;
};

/// Begin to serve a socket, without and with TLS. Called on the context's thread; each in a .cpp of its own,
/// because each instantiates the whole connection.
void serve_plain(EdgeContext& context, AcceptedConnection connection);
void serve_tls(EdgeContext& context, AcceptedConnection connection);

}  // namespace leadhub::capture
