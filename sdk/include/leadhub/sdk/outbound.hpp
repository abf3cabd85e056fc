#pragma once

#include <leadhub/abi.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/time.hpp>

/// Asking other services, and remembering: what only the calls may use that abi.h marks [worker] (deliver,
/// follow_up, poll, verify).
namespace leadhub::sdk {

struct OutboundRequest {
  std::string method = "POST";
  std::string url;  ///< https, of a host in capabilities.hosts of descriptor.json
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The header of an answer by its lower-case name; empty where there is none.
inline std::string_view header(const HttpResponse& response, std::string_view lower_case_name) {
  for (const auto& [name, value] : response.headers)
    if (name == lower_case_name) return value;
  return {};
}

/// Thrown where no answer came. `may_have_happened`: some of the request was sent, so nobody knows whether it
/// took effect; a message that a person reads is better not sent again then.
class NoAnswerError : public ChannelError {
 public:
  NoAnswerError(const std::string& message, leadhub_error_code code, RetryClass retry_class)
      : ChannelError(message, code, retry_class) {}
  [[nodiscard]] bool may_have_happened() const { return code() == LEADHUB_ERROR_TIMEOUT; }
};

/// Sends by the host's HTTP client and waits, until the deadline (milliseconds of the host's clock) at most.
/// Any status is an answer. Throws NoAnswerError, also where this host has no client.
inline HttpResponse send(const Host& host, const OutboundRequest& request, std::int64_t deadline_ms) {
  const auto* const http = host.extension<leadhub_host_http>(LEADHUB_HOST_HTTP);
  if (http == nullptr)
    throw NoAnswerError("this leadhub sends no requests for plugins; use a newer one",
                        LEADHUB_ERROR_UNAVAILABLE, RetryClass::permanent);
  std::vector<leadhub_http_header> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({to_abi(name), to_abi(value)});
  leadhub_outbound_request out{};
  out.size = sizeof out;
  out.method = to_abi(request.method);
  out.url = to_abi(request.url);
  out.header_count = static_cast<std::uint32_t>(headers.size());
  out.headers = headers.data();
  out.body = to_abi(request.body);

  std::optional<HttpResponse> answer;
  leadhub_outbound_sink sink{};
  sink.size = sizeof sink;
  sink.context = &answer;
  sink.response = [](const leadhub_outbound_sink* self, const leadhub_http_response* response) {
    auto& taken = *static_cast<std::optional<HttpResponse>*>(self->context);
    try {
      HttpResponse copy;
      copy.status = response->status;
      copy.body = view(response->body);
      for (std::uint32_t i = 0; i < response->header_count; ++i)
        copy.headers.emplace_back(view(response->headers[i].name), view(response->headers[i].value));
      taken = std::move(copy);
    } catch (...) {  // out of memory: the host must not see it
    }
  };
  leadhub_error error{};
  error.size = sizeof error;
  if (http->send(host.table(), &out, deadline_ms, &sink, &error) != LEADHUB_STATUS_OK)
    throw NoAnswerError({error.message, error.message_size}, error.code,
                        static_cast<RetryClass>(error.retry_class));
  if (!answer)
    throw NoAnswerError("the answer did not fit into memory", LEADHUB_ERROR_TIMEOUT, RetryClass::transient);
  return *std::move(answer);
}

/// What Retry-After (RFC 9110 section 10.2.3) says in seconds, as milliseconds; 0 where it says nothing or
/// gives a date.
inline std::int64_t retry_after_ms(const HttpResponse& response) {
  const std::string_view value = header(response, "retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  const bool is_seconds = error == std::errc{} && end == value.data() + value.size() && seconds > 0;
  return is_seconds ? (seconds < 86'400 ? seconds : 86'400) * 1'000 : 0;
}

/// The same, also where it gives a date. `now_ms`: by the host's clock.
inline std::int64_t retry_after_ms(const HttpResponse& response, std::int64_t now_ms) {
  const auto date_ms = parse_http_date(header(response, "retry-after"));
  if (!date_ms) return retry_after_ms(response);
  constexpr std::int64_t day_ms = 86'400'000;
  const std::int64_t wait_ms = *date_ms - now_ms;
  return wait_ms <= 0 ? 0 : wait_ms < day_ms ? wait_ms : day_ms;
}

/// What an unwanted status means for trying again: 401, 403 and 407 once somebody renews the credentials;
/// 429 and 503 after Retry-After; 408, 425 and 5xx later; everything else never.
inline RetryClass retry_class_of(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return RetryClass::auth;
    case 429:
    case 503:
      return RetryClass::rate_limited;
    case 408:
    case 425:
      return RetryClass::transient;
    default:
      return status >= 500 ? RetryClass::transient : RetryClass::permanent;
  }
}

/// Throws a ChannelError unless the status is 2xx. `service`: whom to name, "Telegram". Never repeats the
/// body, which may be personal.
inline void expect_success(const HttpResponse& response, std::string_view service) {
  if (response.status >= 200 && response.status < 300) return;
  const RetryClass retry_class = retry_class_of(response.status);
  ChannelError error{std::string{service} + " answered " + std::to_string(response.status) +
                         (retry_class == RetryClass::auth ? "; renew the token in hub.yaml" : ""),
                     retry_class == RetryClass::auth ? LEADHUB_ERROR_DENIED : LEADHUB_ERROR_UNAVAILABLE,
                     retry_class};
  error.retry_after_ms = retry_after_ms(response);
  throw error;
}

/// The channel's small durable memory. The same bounds and errors as leadhub.host.kv.
class Memory {
 public:
  explicit Memory(Host host) : host_(host), table_(host.extension<leadhub_host_kv>(LEADHUB_HOST_KV)) {}

  /// nullopt where there is none. Throws ChannelError where the host cannot tell.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) const {
    std::optional<std::string> value;
    leadhub_string_sink sink{};
    sink.size = sizeof sink;
    sink.context = &value;
    sink.put = [](const leadhub_string_sink* self, leadhub_string text) {
      try {
        static_cast<std::optional<std::string>*>(self->context)->emplace(view(text));
      } catch (...) {  // out of memory: the host must not see it
      }
    };
    leadhub_error error = empty();
    if (there()->get(host_.table(), to_abi(key), &sink, &error) == LEADHUB_STATUS_OK) return value;
    if (error.code == LEADHUB_ERROR_NOT_FOUND) return std::nullopt;
    raise(error);
  }
  /// `expires_at_ms`: by the host's clock; 0: never. Throws ChannelError.
  void put(std::string_view key, std::string_view value, std::int64_t expires_at_ms) const {
    leadhub_error error = empty();
    if (there()->put(host_.table(), to_abi(key), to_abi(value), expires_at_ms, &error) != LEADHUB_STATUS_OK)
      raise(error);
  }
  /// Throws ChannelError.
  void erase(std::string_view key) const {
    leadhub_error error = empty();
    if (there()->erase(host_.table(), to_abi(key), &error) != LEADHUB_STATUS_OK) raise(error);
  }

 private:
  static leadhub_error empty() {
    leadhub_error error{};
    error.size = sizeof error;
    return error;
  }
  [[noreturn]] static void raise(const leadhub_error& error) {
    throw ChannelError({error.message, error.message_size}, error.code,
                       static_cast<RetryClass>(error.retry_class));
  }
  [[nodiscard]] const leadhub_host_kv* there() const {
    if (table_ == nullptr)
      throw ChannelError("this leadhub keeps nothing for plugins; use a newer one", LEADHUB_ERROR_UNAVAILABLE,
                         RetryClass::permanent);
    return table_;
  }

  Host host_;
  const leadhub_host_kv* table_;
};

}  // namespace leadhub::sdk
