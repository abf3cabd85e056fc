#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "settings.hpp"
#include "smtp_transaction.hpp"

namespace leadhub::email {

/// libcurl's handles for many connections at once.
class CurlMulti {
 public:
  /// Throws sdk::ChannelError where there is no memory for it.
  CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  ~CurlMulti() { curl_multi_cleanup(multi_); }
  [[nodiscard]] CURLM* get() const { return multi_; }

 private:
  CURLM* multi_;
};

/// One connection to the relay: libcurl connects, secures it as the settings say, says EHLO and logs in;
/// mails go over it then by SmtpTransaction. Certificates and names are always checked, proxies of the
/// environment are not used. Where a user is set, nothing goes without a login. Nothing blocks, not even its
/// end while a name is looked up: whoever has it calls curl_multi_perform, tells it of its end by
/// opened(), and pumps.
///
/// libcurl's own SMTP transactions are not used: its 7.88 waits for the reply to the final dot in a way that
/// blocks every other connection, and does not say reliably whether the dot has left.
class SmtpConnection {
 public:
  enum class State { opening = 1, open, closed };
  enum class Progress { waiting = 1, ended };  ///< of the mail under way

  /// Throws sdk::ChannelError where libcurl takes no further connection. `multi` outlives it.
  SmtpConnection(const CurlMulti& multi, const SmtpSettings& settings, const std::string& password);
  SmtpConnection(const SmtpConnection&) = delete;
  SmtpConnection& operator=(const SmtpConnection&) = delete;
  /// Says QUIT where it is open and idle, and waits for no answer.
  ~SmtpConnection();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] CURL* handle() const { return curl_; }
  [[nodiscard]] curl_socket_t socket() const { return socket_; }
  /// What to wait for at the socket: POLLIN, POLLOUT.
  [[nodiscard]] short events() const;
  [[nodiscard]] const SmtpAbilities& abilities() const { return abilities_; }
  /// How many mails it has carried.
  [[nodiscard]] std::int64_t mails() const { return mails_; }

  /// libcurl is done with connecting. nullopt: it is open. Else why not, as the failure of a mail.
  [[nodiscard]] std::optional<sdk::Outcome> opened(CURLcode result);

  /// Whether it is idle and the relay has neither closed it nor said anything meanwhile.
  [[nodiscard]] bool is_ready();
  [[nodiscard]] bool is_busy() const { return transaction_.has_value(); }
  /// Begins a mail on a connection that is ready.
  void begin(const SmtpEnvelope& envelope, std::string data);
  /// Writes and reads what can be without waiting.
  [[nodiscard]] Progress pump();
  /// Takes what became of the mail that has ended.
  [[nodiscard]] sdk::Outcome take_outcome();
  /// Whether the mail that has ended may be tried at once on another connection: this one had carried others
  /// before, and ended before the relay said a word about the mail.
  [[nodiscard]] bool ended_stale() const { return ended_stale_; }
  /// Ends the mail under way and the connection.
  [[nodiscard]] sdk::Outcome cut(const std::string& why);

 private:
  static std::size_t take_line(char* line, std::size_t size, std::size_t count, void* self);
  void set_options(const SmtpSettings& settings, const std::string& password);
  [[nodiscard]] bool write_some();
  [[nodiscard]] bool read_some();
  [[nodiscard]] bool lost();

  const CurlMulti& multi_;
  CURL* curl_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  State state_ = State::opening;
  SmtpAbilities abilities_;
  int last_code_ = 0;  ///< of the relay's replies while connecting
  bool wants_login_;
  std::optional<SmtpTransaction> transaction_;
  std::optional<sdk::Outcome> cut_;  ///< of the transaction, where the connection ended under it
  SmtpTransaction::Beginning beginning_ = SmtpTransaction::Beginning::fresh;
  std::int64_t mails_ = 0;
  std::int64_t idle_since_ms_ = 0;
  bool ended_stale_ = false;
};

}  // namespace leadhub::email
