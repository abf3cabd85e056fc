#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "verify/mailbox_reply.hpp"

namespace leadhub::verify {

/// Why a dialogue came to no reply.
enum class DialogueFailure { no_connection = 1, timed_out, not_smtp };

/// One connection to a mail server: commands out, whole replies in, each within its time. Only for
/// mailbox_probe.cpp. Of one thread, that of `io`; held by a shared_ptr, because its timer may outlast a
/// caller.
class SmtpDialogue : public std::enable_shared_from_this<SmtpDialogue> {
 public:
  using Reply = std::expected<SmtpReply, DialogueFailure>;

  /// `until`: when the whole dialogue is over.
  SmtpDialogue(boost::asio::io_context& io, std::chrono::steady_clock::time_point until);

  /// Connects and reads the greeting.
  boost::asio::awaitable<Reply> connect(boost::asio::ip::tcp::endpoint server);
  /// Sends a line and reads its reply. A line with a control character is never sent: not_smtp.
  boost::asio::awaitable<Reply> command(std::string line);
  /// RSET and QUIT, whatever comes of them.
  boost::asio::awaitable<void> farewell();
  /// Ends every wait at once.
  void hang_up();

 private:
  boost::asio::awaitable<Reply> read_reply();
  void start_timer();
  [[nodiscard]] std::unexpected<DialogueFailure> failure(DialogueFailure otherwise) const;

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point until_;
  bool timed_out_ = false;
  std::string received_;
};

}  // namespace leadhub::verify
