#include "smtp_connection.hpp"

#include <poll.h>

#include <array>
#include <charconv>
#include <chrono>
#include <mutex>
#include <utility>

#include "limits.hpp"

namespace leadhub::email {
namespace {

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail_without_memory() {
  throw sdk::ChannelError("there is no memory for a connection to the relay", LEADHUB_ERROR_UNAVAILABLE,
                          sdk::RetryClass::transient);
}

/// RFC 4954 section 6: the login has succeeded.
constexpr int logged_in_code = 235;

constexpr const char* closed_by_relay = "the relay closed the connection";

/// Why connecting failed. `code`: the relay's last reply, 0 where it gave none.
sdk::Outcome failure_of(CURLcode result, int code) {
  using sdk::Outcome;
  const std::string said = code == 0 ? "" : ", whose last reply was " + std::to_string(code);
  switch (result) {
    case CURLE_LOGIN_DENIED:
      if (code / 100 == 4) return Outcome::later("the relay refuses the login for now" + said);
      return Outcome::later("the relay refuses the login" + said + "; mend user and password",
                            sdk::RetryClass::auth);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Outcome::later("the relay's certificate is not to be trusted (" +
                            std::string{curl_easy_strerror(result)} +
                            "); renew it there, or name its CA in ca_file");
    case CURLE_USE_SSL_FAILED:
      return Outcome::later(
          "the relay offers no STARTTLS; use smtps://, or, without a password, tls: none where the network "
          "is yours alone");
    case CURLE_OPERATION_TIMEDOUT:
      return Outcome::later("the relay did not answer in time" + said);
    default:
      return Outcome::later("the relay cannot be reached: " + std::string{curl_easy_strerror(result)} + said);
  }
}

}  // namespace

CurlMulti::CurlMulti() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = curl_multi_init();
  if (multi_ == nullptr) fail_without_memory();
}

SmtpConnection::SmtpConnection(const CurlMulti& multi, const SmtpSettings& settings,
                               const std::string& password)
    : multi_(multi), curl_(curl_easy_init()), wants_login_(!settings.user.empty()) {
  if (curl_ == nullptr) fail_without_memory();
  set_options(settings, password);
  if (curl_multi_add_handle(multi_.get(), curl_) == CURLM_OK) return;
  curl_easy_cleanup(curl_);
  fail_without_memory();
}

void SmtpConnection::set_options(const SmtpSettings& settings, const std::string& password) {
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(curl_, option, value) == CURLE_OK) return;
    curl_easy_cleanup(curl_);
    throw sdk::ChannelError("libcurl does not take the option " + std::to_string(option),
                            LEADHUB_ERROR_INTERNAL, sdk::RetryClass::transient);
  };
  set(CURLOPT_URL, settings.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // or its end would wait for the thread in getaddrinfo
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(smtp_open_ms));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(smtp_open_ms));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_USE_SSL, static_cast<long>(settings.tls == Tls::required ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  set(CURLOPT_HEADERFUNCTION, &take_line);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.user.empty()) return;
  set(CURLOPT_USERNAME, settings.user.c_str());
  set(CURLOPT_PASSWORD, password.c_str());
}

SmtpConnection::~SmtpConnection() {
  if (state_ == State::open && !transaction_) {
    std::size_t ignored = 0;
    constexpr std::array quit{'Q', 'U', 'I', 'T', '\r', '\n'};
    curl_easy_send(curl_, quit.data(), quit.size(), &ignored);
  }
  curl_multi_remove_handle(multi_.get(), curl_);
  curl_easy_cleanup(curl_);
}

std::size_t SmtpConnection::take_line(char* line, std::size_t size, std::size_t count, void* self) {
  auto& connection = *static_cast<SmtpConnection*>(self);
  const std::string_view text{line, size * count};
  learn(connection.abilities_, text);
  int code = 0;
  if (text.size() >= 3 && std::from_chars(line, line + 3, code).ec == std::errc{})
    connection.last_code_ = code;
  return text.size();
}

short SmtpConnection::events() const {
  const bool writes = transaction_ && !transaction_->output().empty();
  return static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN);
}

std::optional<sdk::Outcome> SmtpConnection::opened(CURLcode result) {
  state_ = State::closed;
  if (result != CURLE_OK) return failure_of(result, last_code_);
  if (curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK || socket_ == CURL_SOCKET_BAD)
    return sdk::Outcome::later(closed_by_relay);
  // libcurl goes on without a login where the relay offers none.
  if (wants_login_ && last_code_ != logged_in_code)
    return sdk::Outcome::later(
        "the relay offers no login here; name its port for submission in url, mostly 587, or "
        "take user and password out",
        sdk::RetryClass::auth);
  state_ = State::open;
  idle_since_ms_ = steady_ms();
  return std::nullopt;
}

bool SmtpConnection::is_ready() {
  if (state_ != State::open || transaction_) return false;
  char byte = 0;
  std::size_t count = 0;
  const bool is_silent = curl_easy_recv(curl_, &byte, 1, &count) == CURLE_AGAIN;
  if (is_silent && steady_ms() - idle_since_ms_ < smtp_idle_ms) return true;
  state_ = State::closed;
  return false;
}

void SmtpConnection::begin(const SmtpEnvelope& envelope, std::string data) {
  transaction_.emplace(envelope, std::move(data), abilities_, beginning_);
  cut_.reset();
  ended_stale_ = false;
}

SmtpConnection::Progress SmtpConnection::pump() {
  while (!cut_ && !transaction_->outcome()) {
    const bool wrote = write_some();
    if (cut_ || (!read_some() && !wrote)) break;
  }
  return cut_ || transaction_->outcome() ? Progress::ended : Progress::waiting;
}

/// False where nothing could be written, or the connection is lost.
bool SmtpConnection::write_some() {
  const std::string_view output = transaction_->output();
  if (output.empty()) return false;
  std::size_t count = 0;
  const CURLcode result = curl_easy_send(curl_, output.data(), output.size(), &count);
  if (result == CURLE_AGAIN) return false;
  // What the relay said before it closed is still to be read.
  if (result != CURLE_OK) return !read_some() && lost();
  transaction_->written(count);
  return count > 0;
}

/// False where nothing could be read, or the connection is lost.
bool SmtpConnection::read_some() {
  if (transaction_->outcome()) return false;
  std::array<char, smtp_chunk_bytes> chunk;
  std::size_t count = 0;
  const CURLcode result = curl_easy_recv(curl_, chunk.data(), chunk.size(), &count);
  if (result == CURLE_AGAIN) return false;
  if (result != CURLE_OK || count == 0) return lost();
  transaction_->received({chunk.data(), count});
  return true;
}

bool SmtpConnection::lost() {
  if (cut_ || transaction_->outcome()) return false;
  cut_ = transaction_->outcome_if_cut(closed_by_relay);
  state_ = State::closed;
  return false;
}

sdk::Outcome SmtpConnection::take_outcome() {
  if (!transaction_->is_connection_good()) state_ = State::closed;
  ended_stale_ = mails_ > 0 && state_ == State::closed && !transaction_->has_answer();
  ++mails_;
  idle_since_ms_ = steady_ms();
  beginning_ = transaction_->next_beginning();
  sdk::Outcome outcome = cut_ ? *std::exchange(cut_, std::nullopt) : *transaction_->outcome();
  transaction_.reset();
  return outcome;
}

sdk::Outcome SmtpConnection::cut(const std::string& why) {
  if (!cut_ && !transaction_->outcome()) cut_ = transaction_->outcome_if_cut(why);
  state_ = State::closed;
  return take_outcome();
}

}  // namespace leadhub::email
