#include "verify/smtp_dialogue.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "ops/limits.hpp"

namespace leadhub::verify {

namespace asio = boost::asio;
using asio::use_awaitable;

SmtpDialogue::SmtpDialogue(asio::io_context& io, std::chrono::steady_clock::time_point until)
    : socket_(io), timer_(io), until_(until) {}

asio::awaitable<SmtpDialogue::Reply> SmtpDialogue::connect(asio::ip::tcp::endpoint server) {
  start_timer();
  boost::system::error_code error;
  co_await socket_.async_connect(server, asio::redirect_error(use_awaitable, error));
  if (error || timed_out_) co_return std::unexpected(DialogueFailure::no_connection);
  co_return co_await read_reply();
}

asio::awaitable<SmtpDialogue::Reply> SmtpDialogue::command(std::string line) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c >= 0x7f; };
  if (std::ranges::any_of(line, is_control)) co_return std::unexpected(DialogueFailure::not_smtp);
  line += "\r\n";
  start_timer();
  boost::system::error_code error;
  co_await asio::async_write(socket_, asio::buffer(line), asio::redirect_error(use_awaitable, error));
  if (error) co_return failure(DialogueFailure::not_smtp);
  co_return co_await read_reply();
}

asio::awaitable<void> SmtpDialogue::farewell() {
  const Reply reset = co_await command("RSET");
  if (reset) co_await command("QUIT");
  hang_up();
}

void SmtpDialogue::hang_up() {
  boost::system::error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
}

asio::awaitable<SmtpDialogue::Reply> SmtpDialogue::read_reply() {
  std::array<char, 1024> room;
  while (true) {
    auto reply = take_reply(received_);
    if (!reply) co_return std::unexpected(DialogueFailure::not_smtp);
    if (*reply) co_return std::move(**reply);
    boost::system::error_code error;
    const std::size_t size =
        co_await socket_.async_read_some(asio::buffer(room), asio::redirect_error(use_awaitable, error));
    if (error) co_return failure(DialogueFailure::not_smtp);
    received_.append(room.data(), size);
  }
}

void SmtpDialogue::start_timer() {
  timer_.expires_at(std::min(until_, std::chrono::steady_clock::now() + limits::probe_reply_timeout));
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->timed_out_ = true;
    boost::system::error_code ignored;
    self->socket_.close(ignored);
  });
}

std::unexpected<DialogueFailure> SmtpDialogue::failure(DialogueFailure otherwise) const {
  return std::unexpected(timed_out_ ? DialogueFailure::timed_out : otherwise);
}

}  // namespace leadhub::verify
