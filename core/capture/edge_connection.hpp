#pragma once

#include <utility>

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "capture/edge_answer.hpp"
#include "capture/edge_context.hpp"
#include "capture/edge_head_reader.hpp"
#include "capture/http_framing.hpp"
#include "ops/log.hpp"

/// One connection, with or without TLS. Only for edge_connection_*.cpp.
namespace leadhub::capture {

namespace asio = boost::asio;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};

/// Bytes that came and are not used yet. Begins small, since most connections are idle, and never holds more
/// than a whole head may have.
class ReadBuffer {
 public:
  [[nodiscard]] std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void consume(std::size_t size) { begin_ += size; }
  void commit(std::size_t size) { end_ += size; }

  /// Room for the next read; never empty while less than limits::request_head_bytes_max is unused.
  [[nodiscard]] asio::mutable_buffer room() {
    if (empty()) begin_ = end_ = 0;
    if (end_ == capacity_ && begin_ > 0) {
      std::copy(bytes_.get() + begin_, bytes_.get() + end_, bytes_.get());
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_)
      grow_to(std::min(limits::request_head_bytes_max, std::max(limits::read_buffer_bytes, 2 * capacity_)));
    return {bytes_.get() + end_, capacity_ - end_};
  }

  /// Between requests: gives back what a large one needed.
  void shrink() {
    if (empty() && capacity_ > limits::read_buffer_bytes) *this = ReadBuffer{};
  }

 private:
  void grow_to(std::size_t capacity) {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy(bytes_.get(), bytes_.get() + end_, bytes.get());
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// The share of a body in body_bytes_in_flight, given back at the end of its request.
class BodyReservation {
 public:
  explicit BodyReservation(EdgeShared& shared) : shared_(shared) {}
  ~BodyReservation() { release(); }
  BodyReservation(const BodyReservation&) = delete;
  BodyReservation& operator=(const BodyReservation&) = delete;

  /// Whether `size` bytes in all have room.
  [[nodiscard]] bool grow_to(std::size_t size) {
    if (size <= size_) return true;
    const auto more = size - size_;
    if (shared_.body_bytes_in_flight.fetch_add(more, std::memory_order_relaxed) + more >
        shared_.options.body_bytes_in_flight_max) {
      shared_.body_bytes_in_flight.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    size_ = size;
    return true;
  }
  void release() {
    if (size_ > 0) shared_.body_bytes_in_flight.fetch_sub(std::exchange(size_, 0), std::memory_order_relaxed);
  }

 private:
  EdgeShared& shared_;
  std::size_t size_ = 0;
};

/// Serves one socket, request after request, in one coroutine on its context's thread. The coroutine owns it.
///
/// A step that refuses sets `answer_`; the steps after it are passed over until the answer is sent. A step
/// that finds the peer gone ends the coroutine. Deadlines act from outside: sweep() cancels the operation
/// under way and leaves `expired_` behind.
template <class Stream>
class Connection final : public EdgeConnection {
 public:
  /// `stream_arguments` make the Stream.
  template <class... StreamArguments>
  Connection(EdgeContext& context, AcceptedConnection accepted, StreamArguments&&... stream_arguments)
      : context_(context),
        shared_(context.shared()),
        peer_(accepted.peer),
        peer_text_(accepted.peer.text()),
        peer_is_proxy_(shared_.proxies.contains(accepted.peer)),
        account_(std::move(accepted.account)),
        stream_(std::forward<StreamArguments>(stream_arguments)...),
        slot_(context.enrol(*this)),
        body_room_(shared_) {
    boost::system::error_code ignored;
    socket().non_blocking(true, ignored);
  }

  ~Connection() override {
    close_socket();
    context_.leave(slot_);
    body_room_.release();
    if (account_) account_->release_connection();
    shared_.connection_closed();
  }

  /// Gives the connection to its coroutine.
  static void start(std::unique_ptr<Connection> connection) {
    const Executor executor = connection->context_.io().get_executor();
    asio::co_spawn(executor, serve(std::move(connection)), asio::detached);
  }

  void sweep(SteadyTime now) override {
    if (now < deadline_) return;
    deadline_ = SteadyTime::max();
    switch (phase_) {
      case Phase::idle:
      case Phase::reading:
        expired_ = true;
        cancel();
        break;
      case Phase::handling:
        deliver_refusal({503, "The request was not dealt with in time."}, EdgeRefusal::handler_late);
        break;
      case Phase::handshaking:
      case Phase::writing:
        counters().refused(EdgeRefusal::timed_out);
        close_socket();
        break;
      case Phase::closing:
        close_socket();
        break;
    }
  }

  void finish() override {
    if (phase_ == Phase::idle) cancel();
  }

  void abort() override {
    aborted_ = true;
    close_socket();
    resume();
  }

  void deliver(ExchangeId exchange, Answer answer) override {
    if (exchange != exchange_) return;
    exchange_ = 0;
    take_answer(std::move(answer));
    resume();
  }

 private:
  enum class Phase { handshaking = 1, idle, reading, handling, writing, closing };
  enum class Next { request = 1, end };
  static constexpr bool has_tls = !std::is_same_v<Stream, Socket>;

  static Awaitable<void> serve(std::unique_ptr<Connection> self) {
    if (co_await self->begin() == Next::end) co_return;
    for (;;) {
      const Next next = co_await self->serve_request();
      if (next == Next::end) break;
    }
    co_await self->close_gently();
  }

  Awaitable<Next> begin() {
    if constexpr (has_tls) {
      enter(Phase::handshaking, shared_.options.deadlines.request);
      co_await stream_.async_handshake(Stream::server, asio::redirect_error(use_awaitable, error_));
      if (error_) co_return Next::end;
    }
    co_return Next::request;
  }

  Awaitable<Next> serve_request() {
    begin_request();
    while (!head_complete()) {
      const std::size_t size = co_await read_some(buffer_.room());
      if (!received(size)) co_return Next::end;
    }
    HttpRequest request;
    if (!answer_) take_head(request);
    if (!answer_ && expectation_ == Expectation::continue_100 && buffer_.empty()) {
      enter_writing();
      co_await asio::async_write(stream_, asio::buffer(continue_line),
                                 asio::redirect_error(use_awaitable, error_));
      if (error_) co_return Next::end;
      resume_reading();
    }
    if (!answer_ && body_ == BodyFraming::sized && !take_buffered_body(request.body)) {
      const Next next = co_await read_sized_body(request.body);
      if (next == Next::end) co_return next;
    }
    if (!answer_ && body_ == BodyFraming::chunked) {
      const Next next = co_await read_chunked_body(request.body);
      if (next == Next::end) co_return next;
    }
    if (!answer_) {
      call_handler(std::move(request));
      if (!answer_) co_await wait_for_answer();
      if (aborted_) co_return Next::end;
    }
    compose_answer();
    if (!send_at_once()) co_await send_rest();
    body_room_.release();
    if (error_) co_return Next::end;
    co_return persistence_ == Persistence::keep_alive ? Next::request : Next::end;
  }

  // --- Reading
  // -------------------------------------------------------------------------------------------------

  auto read_some(asio::mutable_buffer room) {
    return stream_.async_read_some(room, asio::redirect_error(use_awaitable, error_));
  }

  void begin_request() {
    answer_.reset();
    scanner_.reset();
    head_size_ = 0;
    format_ = AnswerFormat::text;
    framing_ = {};
    persistence_ = Persistence::keep_alive;
    buffer_.shrink();
    if (!buffer_.empty())
      enter(Phase::reading, shared_.options.deadlines.request);
    else
      enter(Phase::idle,
            context_.finishing() ? std::chrono::milliseconds{0} : shared_.options.deadlines.idle);
  }

  /// Whether the head is here or has been refused.
  bool head_complete() {
    if (answer_) return true;
    if (buffer_.empty()) return false;
    const auto scanned = scanner_.scan(buffer_.data());
    if (!scanned) {
      refuse(scanned.error());
      return true;
    }
    head_size_ = *scanned;
    return head_size_ > 0;
  }

  /// Acts on the end of a read into the buffer. False where the connection ends without an answer.
  bool received(std::size_t size) {
    if (!note_read(size)) return false;
    if (size > 0) buffer_.commit(size);
    return true;
  }

  /// What all reads have in common. False where the connection ends without an answer.
  bool note_read(std::size_t size) {
    if (aborted_) return false;
    counters().bytes_received.add(size);
    if (phase_ == Phase::reading && expired_) {
      expired_ = false;
      refuse({408, "The request did not arrive in time."});
      return true;
    }
    if (size > 0) {
      if (phase_ == Phase::idle) enter(Phase::reading, shared_.options.deadlines.request);
      return true;
    }
    // A request that came while the hub was told to stop has been accepted, so it is read.
    boost::system::error_code ignored;
    if (phase_ == Phase::idle && error_ == asio::error::operation_aborted && context_.finishing() &&
        socket().available(ignored) > 0) {
      enter(Phase::reading, shared_.options.deadlines.request);
      return true;
    }
    return false;
  }

  /// Reads the head that lies in the buffer, and decides whether the request is to be read on.
  void take_head(HttpRequest& request) {
    const auto head = buffer_.data().substr(0, head_size_);
    const auto verdict = check_head(head);
    if (!verdict) return refuse(verdict.error());
    if (!read_head(head, *verdict, request)) return refuse({400, "The head cannot be read."});
    counters().requests.add();
    buffer_.consume(head_size_);
    request.received_at = shared_.clock.now();
    framing_.version_minor = verdict->version_minor;
    if (request.method == "HEAD") framing_.body = AnswerBody::omitted;
    persistence_ = verdict->persistence;
    body_ = verdict->body;
    content_length_ = verdict->content_length;
    expectation_ = verdict->expectation;
    format_ = wanted_format(verdict->accept);
    constexpr std::string_view form_data = "multipart/form-data";
    body_bytes_max_ = equals_ignoring_case(verdict->content_type.substr(0, form_data.size()), form_data)
                          ? shared_.options.upload_bytes_max
                          : shared_.options.body_bytes_max;
    admit(request);
  }

  void admit(HttpRequest& request) {
    const auto over_rate = name_client(request);
    if (over_rate) {
      answer_ = make_refusal({429, "Too many requests."}, format_, *over_rate);
      return refused_before_body(EdgeRefusal::rate);
    }
    if (body_ == BodyFraming::sized && content_length_ > body_bytes_max_) return refuse(body_too_large);
    if (body_ != BodyFraming::none && no_room_for(content_length_)) {
      answer_ = make_refusal(no_room, format_);
      return refused_before_body(EdgeRefusal::bodies_in_flight);
    }
    try {
      answer_ = shared_.handler.refuse_early(request);
    } catch (...) {
      log::error("edge", "the request handler threw while it looked at a head");
      answer_ = make_refusal(handler_failed, format_);
    }
    if (answer_) refused_before_body(EdgeRefusal::early);
  }

  /// Fills in the client's address and counts the request; how long to wait where it is one too many.
  std::optional<std::chrono::milliseconds> name_client(HttpRequest& request) {
    const auto& rate = shared_.options.requests_per_address;
    if (!peer_is_proxy_) {
      request.client_address = peer_text_;
      if (!rate || !account_) return std::nullopt;
      return account_->take_request(*rate, std::chrono::steady_clock::now());
    }
    std::vector<std::string_view> forwarded_for;
    for (const HttpHeader& header : request.headers)
      if (header.name == "x-forwarded-for") forwarded_for.push_back(header.value);
    const auto client = shared_.proxies.client(peer_, forwarded_for);
    request.client_address = client.text();
    if (!rate) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    const auto account = shared_.addresses.account(client, now);
    return account ? account->take_request(*rate, now) : std::nullopt;
  }

  bool no_room_for(std::uint64_t size) const {
    const auto used = shared_.body_bytes_in_flight.load(std::memory_order_relaxed);
    return used + size > shared_.options.body_bytes_in_flight_max;
  }

  /// The whole of a sized body, where the buffer holds it.
  bool take_buffered_body(std::string& body) {
    if (buffer_.data().size() < content_length_) return false;
    if (!body_room_.grow_to(content_length_)) {
      refuse(no_room, EdgeRefusal::bodies_in_flight);
      return true;
    }
    body = buffer_.data().substr(0, content_length_);
    buffer_.consume(content_length_);
    return true;
  }

  /// Reads into `body` itself. Its room grows with what has come, so that announcing a body reserves next to
  /// nothing.
  Awaitable<Next> read_sized_body(std::string& body) {
    std::size_t filled = buffer_.data().size();
    body = buffer_.data();
    buffer_.consume(filled);
    while (filled < content_length_) {
      if (filled == body.size()) {
        const auto step = std::clamp(filled, limits::read_buffer_bytes, limits::body_read_bytes);
        const auto size = std::min(content_length_, filled + step);
        if (!body_room_.grow_to(size)) {
          refuse(no_room, EdgeRefusal::bodies_in_flight);
          break;
        }
        body.resize(size);
      }
      const std::size_t size = co_await read_some(asio::buffer(body.data() + filled, body.size() - filled));
      if (!note_read(size)) co_return Next::end;
      if (answer_) break;
      filled += size;
    }
    co_return Next::request;
  }

  Awaitable<Next> read_chunked_body(std::string& body) {
    ChunkDecoder decoder;
    for (;;) {
      std::string_view input = buffer_.data();
      const auto progress = decoder.decode(input, body, body_bytes_max_);
      buffer_.consume(buffer_.data().size() - input.size());
      if (!progress) {
        refuse(progress.error());
        break;
      }
      if (!body_room_.grow_to(body.size())) {
        refuse(no_room, EdgeRefusal::bodies_in_flight);
        break;
      }
      if (*progress == ChunkDecoder::Progress::done) break;
      const std::size_t size = co_await read_some(buffer_.room());
      if (!received(size)) co_return Next::end;
      if (answer_) break;
    }
    co_return Next::request;
  }

  // --- Answering
  // -----------------------------------------------------------------------------------------------

  static constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
  static constexpr Refusal body_too_large{413, "The body is too large."};
  static constexpr Refusal no_room{503, "Too much is being received at the moment."};
  static constexpr Refusal handler_failed{500, "The request could not be dealt with."};

  static EdgeRefusal kind_of(int status) {
    switch (status) {
      case 408:
        return EdgeRefusal::timed_out;
      case 413:
        return EdgeRefusal::body_too_large;
      case 414:
      case 431:
        return EdgeRefusal::head_too_large;
      default:
        return EdgeRefusal::malformed;
    }
  }

  /// Answers with a refusal and closes: where the request ends is unknown.
  void refuse(const Refusal& refusal) { refuse(refusal, kind_of(refusal.status)); }
  void refuse(const Refusal& refusal, EdgeRefusal kind) {
    answer_ = make_refusal(refusal, format_);
    counters().refused(kind);
    persistence_ = Persistence::close;
    input_unread_ = true;
  }

  /// After a refusal whose body was not read: passes over the body where it is here, else closes.
  void refused_before_body(EdgeRefusal kind) {
    counters().refused(kind);
    if (body_ == BodyFraming::none) return;
    if (body_ == BodyFraming::sized && buffer_.data().size() >= content_length_) {
      buffer_.consume(content_length_);
      return;
    }
    persistence_ = Persistence::close;
    input_unread_ = true;
  }

  void call_handler(HttpRequest request) {
    exchange_ = context_.next_exchange(slot_);
    enter(Phase::handling, shared_.options.deadlines.handler);
    auto answer = HandlerCall{context_.mailbox(), exchange_}.run(shared_.handler, std::move(request));
    if (!answer) return;
    exchange_ = 0;
    take_answer(std::move(*answer));
  }

  void take_answer(Answer answer) {
    if (answer && is_sendable(*answer)) {
      answer_ = std::move(*answer);
      return;
    }
    if (answer)
      log::error("edge", "the request handler gave an answer that cannot be sent: status or header");
    counters().refused(EdgeRefusal::handler_failed);
    answer_ = make_refusal(handler_failed, format_);
  }

  void deliver_refusal(const Refusal& refusal, EdgeRefusal kind) {
    exchange_ = 0;
    refuse(refusal, kind);
    input_unread_ = false;
    resume();
  }

  auto wait_for_answer() {
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [this](auto handler) { resume_ = std::move(handler); }, use_awaitable);
  }

  /// Runs the coroutine on, if it waits for its answer; afterwards this object may be gone.
  void resume() {
    if (auto handler = std::exchange(resume_, nullptr)) handler();
  }

  void compose_answer() {
    if (!is_sendable(*answer_)) take_answer(std::move(answer_));  // an early refusal of the handler's
    if (context_.finishing()) persistence_ = Persistence::close;
    framing_.persistence = persistence_;
    counters().answers[static_cast<std::size_t>(answer_->status / 100)].add();
    head_.clear();
    append_head(head_, *answer_, framing_, context_.common_lines());
    unsent_[0] = asio::buffer(head_);
    unsent_[1] = has_body(*answer_, framing_) ? asio::buffer(answer_->body) : asio::const_buffer{};
    counters().bytes_sent.add(unsent_[0].size() + unsent_[1].size());
    enter_writing();
  }

  /// Without TLS most answers fit into the socket's buffer: no need to wait for the event loop. True when all
  /// is sent or the peer is gone.
  bool send_at_once() {
    if constexpr (has_tls) {
      return false;
    } else {
      std::size_t sent = stream_.write_some(unsent_, error_);
      if (error_ == asio::error::would_block) error_.clear();
      if (error_) return true;
      const auto of_head = std::min(sent, unsent_[0].size());
      unsent_[0] += of_head;
      unsent_[1] += sent - of_head;
      return unsent_[0].size() + unsent_[1].size() == 0;
    }
  }

  auto send_rest() {
    return asio::async_write(stream_, unsent_, asio::redirect_error(use_awaitable, error_));
  }

  // --- Closing
  // -------------------------------------------------------------------------------------------------

  /// Ends the connection so that the peer gets its answer: closing a socket with unread input sends a reset,
  /// which may overtake what was sent.
  Awaitable<void> close_gently() {
    if (error_ || aborted_) co_return;
    enter(Phase::closing, shared_.options.deadlines.linger);
    if constexpr (has_tls) co_await stream_.async_shutdown(asio::redirect_error(use_awaitable, error_));
    boost::system::error_code ignored;
    if (!socket().is_open()) co_return;
    input_unread_ = input_unread_ || !buffer_.empty() || socket().available(ignored) > 0;
    socket().shutdown(Socket::shutdown_send, ignored);
    std::array<char, 4096> dropped;
    std::size_t dropped_bytes = 0;
    error_.clear();
    while (input_unread_ && !error_ && dropped_bytes < limits::linger_bytes_max) {
      const std::size_t size = co_await socket().async_read_some(asio::buffer(dropped),
                                                                 asio::redirect_error(use_awaitable, error_));
      dropped_bytes += size;
    }
  }

  auto& socket() {
    if constexpr (has_tls)
      return stream_.next_layer();
    else
      return stream_;
  }

  void cancel() {
    boost::system::error_code ignored;
    socket().cancel(ignored);
  }

  void close_socket() {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

  void enter(Phase phase, std::chrono::milliseconds deadline) {
    phase_ = phase;
    expired_ = false;
    deadline_ = std::chrono::steady_clock::now() + deadline;
    if (phase == Phase::reading) request_deadline_ = deadline_;
  }
  void enter_writing() { enter(Phase::writing, shared_.options.deadlines.answer); }

  /// After a 100: the request's deadline runs on from its first byte.
  void resume_reading() {
    phase_ = Phase::reading;
    deadline_ = request_deadline_;
  }

  EdgeCounters& counters() { return context_.counters(); }

  EdgeContext& context_;
  EdgeShared& shared_;
  const IpAddress peer_;
  const std::string peer_text_;
  const bool peer_is_proxy_;
  const std::shared_ptr<AddressAccount> account_;
  Stream stream_;
  const std::uint32_t slot_;

  Phase phase_ = Phase::idle;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime request_deadline_ = SteadyTime::max();
  bool expired_ = false;
  bool aborted_ = false;
  boost::system::error_code error_;

  ReadBuffer buffer_;
  HeadScanner scanner_;
  std::size_t head_size_ = 0;
  BodyFraming body_ = BodyFraming::none;
  std::uint64_t content_length_ = 0;
  std::size_t body_bytes_max_ = 0;
  Expectation expectation_ = Expectation::none;
  BodyReservation body_room_;

  ExchangeId exchange_ = 0;  ///< the one whose answer is awaited
  std::move_only_function<void()> resume_;
  std::optional<HttpResponse> answer_;
  AnswerFormat format_ = AnswerFormat::text;
  AnswerFraming framing_;
  Persistence persistence_ = Persistence::keep_alive;
  bool input_unread_ = false;
  std::string head_;
  std::array<asio::const_buffer, 2> unsent_;
};

}  // namespace leadhub::capture
