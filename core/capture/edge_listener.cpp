#include "capture/edge_listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <future>

#include "capture/edge_context.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr asio::use_awaitable_t<Executor> use_awaitable{};

Result<void> check_options(const EdgeOptions& options) {
  if (options.threads < 1 || options.threads > limits::edge_threads_max)
    return fail(ErrorCode::invalid, "the edge has " + std::to_string(options.threads) +
                                        " threads; give it 1 to " + std::to_string(limits::edge_threads_max));
  if (options.connections_max < 1 || options.connections_max > limits::connections_max)
    return fail(ErrorCode::invalid,
                "the edge's connections must be 1 to " + std::to_string(limits::connections_max));
  if (options.connections_per_address < 1)
    return fail(ErrorCode::invalid,
                "connections_per_address is 0, so nobody could connect; give it at least 1");
  if (options.requests_per_address &&
      (options.requests_per_address->count < 1 || options.requests_per_address->per.count() < 1))
    return fail(ErrorCode::invalid, "requests_per_address must allow at least 1 request in at least 1 ms");
  if (std::max(options.body_bytes_max, options.upload_bytes_max) > limits::body_bytes_ceiling)
    return fail(ErrorCode::invalid, "the limits of body and upload may not exceed " +
                                        std::to_string(limits::body_bytes_ceiling / limits::mebibyte) +
                                        " MiB");
  return {};
}

Result<TrustedProxies> read_proxies(const std::vector<std::string>& texts) {
  std::vector<IpNetwork> networks;
  for (const std::string& text : texts) {
    const auto network = IpNetwork::parse(text);
    if (!network) return fail(ErrorCode::invalid, "trusted_proxies: " + network.error().message);
    networks.push_back(*network);
  }
  return TrustedProxies{std::move(networks)};
}

/// A quarter of the shortest deadline, so that short ones (of tests) fire about when they should.
std::chrono::milliseconds tick_for(const EdgeDeadlines& deadlines) {
  const auto shortest =
      std::min({deadlines.request, deadlines.answer, deadlines.idle, deadlines.handler, deadlines.linger});
  return std::clamp<std::chrono::milliseconds>(shortest / 4, std::chrono::milliseconds{5}, limits::edge_tick);
}

}  // namespace

std::string_view name_of(EdgeRefusal refusal) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(EdgeRefusal::count)> names{
      "malformed",
      "head_too_large",
      "body_too_large",
      "timed_out",
      "early",
      "rate",
      "bodies_in_flight",
      "handler_late",
      "handler_failed",
      "connections_per_address",
      "connections_max",
      "file_descriptors"};
  return refusal < EdgeRefusal::count ? names[static_cast<std::size_t>(refusal)] : "unknown";
}

class EdgeListener::Implementation {
 public:
  Implementation(EdgeOptions options, RequestHandler& handler, const Clock& clock)
      : shared_(std::move(options), handler, clock) {}

  Result<void> start() {
    if (auto checked = check_options(shared_.options); !checked) return checked;
    auto proxies = read_proxies(shared_.options.trusted_proxies);
    if (!proxies) return std::unexpected(std::move(proxies.error()));
    shared_.proxies = std::move(*proxies);
    shared_.tick = tick_for(shared_.options.deadlines);
    if (shared_.options.tls) {
      auto certificate = TlsCertificate::load(*shared_.options.tls);
      if (!certificate) return std::unexpected(std::move(certificate.error()));
      shared_.tls = std::move(*certificate);
      shared_.tick = std::min(shared_.tick, shared_.options.tls->poll);
    }
    for (int i = 0; i < shared_.options.threads; ++i)
      contexts_.push_back(std::make_unique<EdgeContext>(shared_));
    acceptor_.emplace(contexts_.front()->io().get_executor());
    pause_.emplace(contexts_.front()->io().get_executor());
    if (auto listening = listen(); !listening) return listening;
    asio::co_spawn(acceptor_->get_executor(), accept_connections(), asio::detached);
    for (const auto& context : contexts_) context->run();
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void stop(std::chrono::milliseconds deadline) {
    if (shared_.stopping.exchange(true)) return;
    const auto until = std::chrono::steady_clock::now() + deadline;
    std::promise<void> closed;
    asio::post(contexts_.front()->io(), [&] {
      for (int left = limits::accept_backlog; left > 0 && accept_round() == Round::more;)
        left -= limits::accepts_per_round;
      boost::system::error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for (const auto& context : contexts_) context->finish();
    {
      std::unique_lock lock{shared_.closed_mutex};
      shared_.all_closed.wait_until(lock, until, [&] { return shared_.connections_open == 0; });
    }
    for (const auto& context : contexts_) context->abort();
    for (const auto& context : contexts_) context->join();
  }

  [[nodiscard]] EdgeStatistics statistics() const {
    EdgeStatistics sum;
    sum.connections_open = shared_.connections_open;
    sum.connections_accepted = accepted_.value();
    sum.addresses_tracked = shared_.addresses.size();
    sum.body_bytes_in_flight = shared_.body_bytes_in_flight;
    for (const auto& context : contexts_) {
      const EdgeCounters& counters = context->counters();
      sum.requests += counters.requests.value();
      sum.bytes_received += counters.bytes_received.value();
      sum.bytes_sent += counters.bytes_sent.value();
      for (std::size_t i = 0; i < sum.answers.size(); ++i) sum.answers[i] += counters.answers[i].value();
      for (std::size_t i = 0; i < sum.refusals.size(); ++i) sum.refusals[i] += counters.refusals[i].value();
    }
    return sum;
  }

 private:
  enum class Round { drained = 1, more, exhausted };

  Result<void> listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(shared_.options.address, error);
    if (error)
      return fail(ErrorCode::invalid,
                  "'" + shared_.options.address +
                      "' is not an IP address to listen on; write one such as 127.0.0.1 or ::");
    const tcp::endpoint endpoint{address, shared_.options.port};
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(Acceptor::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_->set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_->set_option(tcp::no_delay(true), error);  // accepted sockets inherit it
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(limits::accept_backlog, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (error)
      return fail(ErrorCode::io, "cannot listen on " + shared_.options.address + " port " +
                                     std::to_string(shared_.options.port) + ": " + error.message() +
                                     "; is another program there, or the address not this machine's?");
    is_v6_ = address.is_v6();
    return {};
  }

  asio::awaitable<void, Executor> accept_connections() {
    boost::system::error_code error;
    while (acceptor_->is_open()) {
      const Round round = accept_round();
      if (round == Round::exhausted) {
        pause_->expires_after(limits::accept_pause);
        co_await pause_->async_wait(asio::redirect_error(use_awaitable, error));
      } else {
        co_await acceptor_->async_wait(Acceptor::wait_read, asio::redirect_error(use_awaitable, error));
      }
    }
  }

  Round accept_round() {
    for (int i = 0; i < limits::accepts_per_round; ++i) {
      sockaddr_storage storage{};
      socklen_t size = sizeof storage;
      auto* const address = reinterpret_cast<sockaddr*>(&storage);
      const int file_descriptor =
          ::accept4(acceptor_->native_handle(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (file_descriptor >= 0) {
        admit(file_descriptor, IpAddress::of(*address));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return Round::drained;
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        note_exhaustion();
        return Round::exhausted;
      }
      // Any other error is that one connection's, which was gone before it was taken.
    }
    return Round::more;
  }

  void admit(int file_descriptor, const IpAddress& peer) {
    accepted_.add();
    std::shared_ptr<AddressAccount> account;
    std::optional<EdgeRefusal> refusal;
    if (shared_.connections_open.load() >= shared_.options.connections_max) {
      refusal = EdgeRefusal::connections_max;
    } else if (!shared_.proxies.contains(peer)) {
      account = shared_.addresses.account(peer, std::chrono::steady_clock::now());
      if (account && !account->take_connection(shared_.options.connections_per_address))
        refusal = EdgeRefusal::connections_per_address;
    }
    if (refusal) {
      contexts_.front()->counters().refused(*refusal);
      ::close(file_descriptor);
      return;
    }
    ++shared_.connections_open;
    contexts_[next_context_++ % contexts_.size()]->adopt({file_descriptor, is_v6_, peer, std::move(account)});
  }

  void note_exhaustion() {
    contexts_.front()->counters().refused(EdgeRefusal::file_descriptors);
    const auto now = std::chrono::steady_clock::now();
    if (exhaustion_logged_ && now - *exhaustion_logged_ < std::chrono::minutes{1}) return;
    exhaustion_logged_ = now;
    log::error("edge",
               "file descriptors or memory have run out; new connections wait until some are free. Raise the "
               "limit of open files (ulimit -n, LimitNOFILE=)");
  }

  EdgeShared shared_;
  std::vector<std::unique_ptr<EdgeContext>> contexts_;
  std::optional<Acceptor> acceptor_;  ///< of the first context, as is all that follows
  std::optional<Timer> pause_;
  std::uint16_t port_ = 0;
  bool is_v6_ = false;
  std::size_t next_context_ = 0;
  Counter accepted_;
  std::optional<SteadyTime> exhaustion_logged_;
};

EdgeListener::EdgeListener(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

EdgeListener::~EdgeListener() {
  stop(std::chrono::milliseconds{0});
}

Result<std::unique_ptr<EdgeListener>> EdgeListener::start(EdgeOptions options, RequestHandler& handler,
                                                          const Clock& clock) {
  auto implementation = std::make_unique<Implementation>(std::move(options), handler, clock);
  if (auto started = implementation->start(); !started) return std::unexpected(std::move(started.error()));
  return std::unique_ptr<EdgeListener>{new EdgeListener{std::move(implementation)}};
}

std::uint16_t EdgeListener::port() const {
  return implementation_->port();
}

void EdgeListener::stop(std::chrono::milliseconds deadline) {
  implementation_->stop(deadline);
}

EdgeStatistics EdgeListener::statistics() const {
  return implementation_->statistics();
}

}  // namespace leadhub::capture
