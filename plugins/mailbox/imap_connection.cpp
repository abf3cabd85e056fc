#include "imap_connection.hpp"

#include <curl/curl.h>
#include <poll.h>
#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <utility>

#include "limits.hpp"

namespace leadhub::mailbox {
namespace {

using Steady = std::chrono::steady_clock;

struct CloseCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, CloseCurl>;

[[noreturn]] void fail(const std::string& what, leadhub_error_code code, sdk::RetryClass retry_class) {
  throw sdk::ChannelError(what, code, retry_class);
}

[[noreturn]] void fail_stopping() {
  fail("the hub is stopping", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
}

[[noreturn]] void fail_connecting(CURLcode code) {
  const std::string why = curl_easy_strerror(code);
  switch (code) {
    case CURLE_LOGIN_DENIED:
      fail("the mail server refuses the login; mend user and password", LEADHUB_ERROR_DENIED,
           sdk::RetryClass::auth);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      fail("the mail server's certificate is not to be trusted (" + why +
               "); renew it there, or name its CA in ca_file",
           LEADHUB_ERROR_DENIED, sdk::RetryClass::transient);
    case CURLE_USE_SSL_FAILED:
      fail(
          "the mail server offers no STARTTLS; use imaps://, or encryption: none where the network is yours "
          "alone",
          LEADHUB_ERROR_DENIED, sdk::RetryClass::permanent);
    case CURLE_ABORTED_BY_CALLBACK:
      fail_stopping();
    case CURLE_OPERATION_TIMEDOUT:
      fail("the mail server did not answer in time", LEADHUB_ERROR_TIMEOUT, sdk::RetryClass::transient);
    default:
      fail("the mail server cannot be reached: " + why, LEADHUB_ERROR_UNAVAILABLE,
           sdk::RetryClass::transient);
  }
}

/// What libcurl asks about once a second while it connects.
int end_where_stopping(void* is_stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<IsStopping*>(is_stopping))() ? 1 : 0;
}

/// The bytes of a connection that libcurl made and logged in.
class CurlStream final : public ByteStream {
 public:
  CurlStream(Curl curl, Steady::time_point deadline, IsStopping is_stopping)
      : curl_(std::move(curl)), deadline_(deadline), is_stopping_(std::move(is_stopping)) {
    if (curl_easy_getinfo(curl_.get(), CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK ||
        socket_ == CURL_SOCKET_BAD)
      fail("the mail server closed the connection", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
  }

  std::string read_some() override {
    std::array<char, 16384> chunk{};
    for (;;) {
      std::size_t count = 0;
      const CURLcode code = curl_easy_recv(curl_.get(), chunk.data(), chunk.size(), &count);
      if (code == CURLE_AGAIN) {
        wait_for(POLLIN);
        continue;
      }
      if (code != CURLE_OK || count == 0)
        fail("the mail server closed the connection", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
      return {chunk.data(), count};
    }
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::size_t count = 0;
      const CURLcode code = curl_easy_send(curl_.get(), bytes.data(), bytes.size(), &count);
      if (code == CURLE_AGAIN) {
        wait_for(POLLOUT);
        continue;
      }
      if (code != CURLE_OK)
        fail("the mail server closed the connection", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
      bytes.remove_prefix(count);
    }
  }

 private:
  void wait_for(short event) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Steady::now()).count();
    if (left <= 0)
      fail("the mail server did not answer in time", LEADHUB_ERROR_TIMEOUT, sdk::RetryClass::transient);
    if (is_stopping_()) fail_stopping();
    pollfd watched{socket_, event, 0};
    ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left, limits::stop_check_ms)));
  }

  Curl curl_;
  Steady::time_point deadline_;
  IsStopping is_stopping_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

}  // namespace

std::unique_ptr<ByteStream> connect(const Settings& settings, const std::string& password,
                                    std::int64_t budget_ms, IsStopping is_stopping) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const auto deadline = Steady::now() + std::chrono::milliseconds{budget_ms};
  Curl curl{curl_easy_init()};
  if (!curl)
    fail("there is no memory for a connection", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(curl.get(), option, value) != CURLE_OK)
      fail("libcurl does not take the option " + std::to_string(option), LEADHUB_ERROR_INTERNAL,
           sdk::RetryClass::permanent);
  };
  set(CURLOPT_URL, settings.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "imap,imaps");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(budget_ms));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(budget_ms));
  set(CURLOPT_USERNAME, settings.user.c_str());
  set(CURLOPT_PASSWORD, password.c_str());
  set(CURLOPT_USE_SSL,
      static_cast<long>(settings.encryption == Encryption::required ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFODATA, &is_stopping);
  set(CURLOPT_XFERINFOFUNCTION, &end_where_stopping);
  if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) fail_connecting(code);
  set(CURLOPT_NOPROGRESS, 1L);  // is_stopping goes out of scope
  return std::make_unique<CurlStream>(std::move(curl), deadline, std::move(is_stopping));
}

}  // namespace leadhub::mailbox
