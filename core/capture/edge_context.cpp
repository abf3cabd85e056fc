#include "capture/edge_context.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/core/demangle.hpp>
#include <exception>
#include <typeinfo>

#include "capture/edge_answer.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {

namespace asio = boost::asio;

void Mailbox::put(ExchangeId exchange, Answer answer) {
  const std::scoped_lock lock{mutex_};
  if (context_ == nullptr) return;
  letters_.push_back({exchange, std::move(answer)});
  if (letters_.size() == 1) asio::post(context_->io(), [context = context_] { context->deliver_mail(); });
}

void Mailbox::take(std::vector<Letter>& letters) {
  const std::scoped_lock lock{mutex_};
  letters_.swap(letters);
}

void Mailbox::close() {
  const std::scoped_lock lock{mutex_};
  context_ = nullptr;
  letters_.clear();
}

/// The Reply that a handler gets. As small as std::move_only_function keeps without an allocation.
class HandlerCall::Ticket {
 public:
  Ticket(boost::intrusive_ptr<Mailbox> mailbox, ExchangeId exchange)
      : mailbox_(std::move(mailbox)), exchange_(exchange) {}
  Ticket(Ticket&&) noexcept = default;
  ~Ticket() { settle(std::nullopt); }

  void operator()(HttpResponse response) { settle(std::move(response)); }

  /// The call that this thread is in.
  static constinit thread_local HandlerCall* current;

 private:
  void settle(Answer answer) {
    const auto mailbox = std::move(mailbox_);
    if (!mailbox) return;
    if (current != nullptr && current->exchange_ == exchange_ && current->mailbox_ == mailbox)
      current->answer_.emplace(std::move(answer));
    else
      mailbox->put(exchange_, std::move(answer));
  }

  boost::intrusive_ptr<Mailbox> mailbox_;
  ExchangeId exchange_;
};

constinit thread_local HandlerCall* HandlerCall::Ticket::current = nullptr;

HandlerCall::HandlerCall(boost::intrusive_ptr<Mailbox> mailbox, ExchangeId exchange)
    : mailbox_(std::move(mailbox)), exchange_(exchange) {}

std::optional<Answer> HandlerCall::run(RequestHandler& handler, HttpRequest request) {
  Ticket::current = this;
  try {
    handler.handle(std::move(request), Ticket{mailbox_, exchange_});
  } catch (const std::exception& exception) {
    // what() may quote the request.
    log::error("edge", "the request handler threw " + boost::core::demangle(typeid(exception).name()));
    if (!answer_) answer_.emplace(std::nullopt);
  } catch (...) {
    log::error("edge", "the request handler threw something that is no std::exception");
    if (!answer_) answer_.emplace(std::nullopt);
  }
  Ticket::current = nullptr;
  return std::move(answer_);
}

void EdgeShared::connection_closed() {
  const std::scoped_lock lock{closed_mutex};
  if (--connections_open == 0) all_closed.notify_all();
}

// The sockets and timers of a context are touched by its own thread only, so the reactor needs no locks;
// posting from other threads stays safe.
EdgeContext::EdgeContext(EdgeShared& shared)
    : shared_(shared),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(asio::make_work_guard(io_)),
      timer_(io_),
      mailbox_(new Mailbox{*this}) {
  write_common_lines();
}

EdgeContext::~EdgeContext() {
  mailbox_->close();
}

void EdgeContext::run() {
  wait_for_tick();
  thread_ = std::thread{[this] { io_.run(); }};
}

void EdgeContext::join() {
  if (thread_.joinable()) thread_.join();
}

void EdgeContext::adopt(AcceptedConnection connection) {
  asio::post(
      io_, [this, connection = std::move(connection)]() mutable { start_connection(std::move(connection)); });
}

void EdgeContext::start_connection(AcceptedConnection connection) {
  if (aborting_) {
    ::close(connection.file_descriptor);
    if (connection.account) connection.account->release_connection();
    shared_.connection_closed();
  } else if (shared_.tls) {
    serve_tls(*this, std::move(connection));
  } else {
    serve_plain(*this, std::move(connection));
  }
}

void EdgeContext::finish() {
  asio::post(io_, [this] {
    finishing_ = true;
    for (std::size_t slot = 0; slot < connections_.size(); ++slot)
      if (connections_[slot] != nullptr) connections_[slot]->finish();
  });
}

void EdgeContext::abort() {
  asio::post(io_, [this] {
    finishing_ = true;
    aborting_ = true;
    for (std::size_t slot = 0; slot < connections_.size(); ++slot)
      if (connections_[slot] != nullptr) connections_[slot]->abort();
    timer_.cancel();
    work_.reset();
  });
}

std::uint32_t EdgeContext::enrol(EdgeConnection& connection) {
  if (free_slots_.empty()) {
    connections_.push_back(&connection);
    return static_cast<std::uint32_t>(connections_.size() - 1);
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  connections_[slot] = &connection;
  return slot;
}

void EdgeContext::leave(std::uint32_t slot) {
  connections_[slot] = nullptr;
  free_slots_.push_back(slot);
}

void EdgeContext::deliver_mail() {
  mailbox_->take(letters_);
  for (Mailbox::Letter& letter : letters_) {
    const auto slot = static_cast<std::size_t>(letter.exchange & ((1U << slot_bits) - 1));
    if (slot < connections_.size() && connections_[slot] != nullptr)
      connections_[slot]->deliver(letter.exchange, std::move(letter.answer));
  }
  letters_.clear();
}

void EdgeContext::wait_for_tick() {
  timer_.expires_after(shared_.tick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || aborting_) return;
    tick();
    wait_for_tick();
  });
}

void EdgeContext::tick() {
  write_common_lines();
  const auto now = std::chrono::steady_clock::now();
  if (shared_.tls) shared_.tls->refresh(now);
  for (std::size_t slot = 0; slot < connections_.size(); ++slot)
    if (connections_[slot] != nullptr) connections_[slot]->sweep(now);
}

void EdgeContext::write_common_lines() {
  const auto now = shared_.clock.now();
  const auto second = to_milliseconds(now) / 1'000;
  if (second == common_lines_second_) return;
  common_lines_second_ = second;
  common_lines_ = common_header_lines(now);
}

}  // namespace leadhub::capture
