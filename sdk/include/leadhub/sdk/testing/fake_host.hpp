#pragma once

#include <leadhub/abi.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadhub::sdk::testing {

struct LogLine {
  std::int32_t level;  ///< LEADHUB_LOG_DEBUG to LEADHUB_LOG_ERROR
  std::string message;
};

/// A request that the plugin sent by leadhub.host.http.
struct SentRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// The first header of exactly that name, else empty.
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

/// What the other side answers; `error` instead where no answer comes: LEADHUB_ERROR_UNAVAILABLE (it has seen
/// nothing) or LEADHUB_ERROR_TIMEOUT (nobody knows).
struct ServiceAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  leadhub_error_code error = 0;
};

/// A host for the tests of a plugin: keeps what the plugin logs, counts and remembers, gives the secrets you
/// set, answers requests as you say, and has a clock that stands still until you move it. Everything may be
/// called from many threads. Outlives the channels it is given to, and cannot be copied or moved, because
/// they hold its address.
class FakeHost {
 public:
  FakeHost() {
    host_.size = sizeof host_;
    host_.abi_major = LEADHUB_ABI_MAJOR;
    host_.abi_minor = LEADHUB_ABI_MINOR;
    host_.context = this;
    host_.version = {"0.0.0-fake", 10};
    host_.get_extension = [](const leadhub_host*, leadhub_string id) { return extension(text(id)); };
    set_secret("channel.signing_key", "a signing key of thirty-two byte");
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// What to pass where the C ABI wants a host.
  [[nodiscard]] const leadhub_host* get() const { return &host_; }

  /// "channel.signing_key" is there from the start; others go by the JSON pointer of their configuration key.
  void set_secret(const std::string& name, std::string value) {
    const std::lock_guard lock{mutex_};
    secrets_[name] = std::move(value);
  }

  /// Who answers the requests that the plugin sends. Until it is set, no answer comes.
  void set_service(std::function<ServiceAnswer(const SentRequest&)> service) {
    const std::lock_guard lock{mutex_};
    service_ = std::move(service);
  }
  [[nodiscard]] std::vector<SentRequest> sent_requests() const {
    const std::lock_guard lock{mutex_};
    return sent_;
  }

  void set_now_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance_ms(std::int64_t by_ms) { now_ms_ += by_ms; }
  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }

  /// From now on the host is about to end.
  void stop() { stopping_ = true; }

  [[nodiscard]] std::vector<LogLine> log_lines() const {
    const std::lock_guard lock{mutex_};
    return log_lines_;
  }

  /// What was counted under that name; 0 where nothing was.
  [[nodiscard]] std::uint64_t counted(const std::string& name) const {
    const std::lock_guard lock{mutex_};
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  static std::string text(leadhub_string value) {
    return value.size == 0 ? std::string{} : std::string(value.data, static_cast<std::size_t>(value.size));
  }
  static FakeHost& of(const leadhub_host* host) { return *static_cast<FakeHost*>(host->context); }

  static const void* extension(const std::string& id) {
    if (id == LEADHUB_HOST_LOG) {
      static const leadhub_host_log table{sizeof table, 0, &write};
      return &table;
    }
    if (id == LEADHUB_HOST_CLOCK) {
      static const leadhub_host_clock table{sizeof table, 0,
                                            [](const leadhub_host* host) { return of(host).now_ms(); }};
      return &table;
    }
    if (id == LEADHUB_HOST_STOPPING) {
      static const leadhub_host_stopping table{
          sizeof table, 0, [](const leadhub_host* host) { return std::int32_t{of(host).stopping_ ? 1 : 0}; }};
      return &table;
    }
    if (id == LEADHUB_HOST_SECRETS) {
      static const leadhub_host_secrets table{sizeof table, 0, &get_secret};
      return &table;
    }
    if (id == LEADHUB_HOST_METRICS) {
      static const leadhub_host_metrics table{sizeof table, 0, &count};
      return &table;
    }
    if (id == LEADHUB_HOST_HTTP) {
      static const leadhub_host_http table{sizeof table, 0, &send};
      return &table;
    }
    if (id == LEADHUB_HOST_KV) {
      static const leadhub_host_kv table{sizeof table, 0, &recall, &remember, &forget};
      return &table;
    }
    return nullptr;
  }

  static leadhub_status fail(leadhub_error* error, leadhub_error_code code, std::string_view message) {
    error->code = code;
    error->retry_class = code == LEADHUB_ERROR_NOT_FOUND ? LEADHUB_RETRY_NONE : LEADHUB_RETRY_TRANSIENT;
    error->retry_after_ms = 0;
    message.copy(error->message, message.size());
    error->message_size = static_cast<std::uint32_t>(message.size());
    return LEADHUB_STATUS_ERROR;
  }

  static leadhub_status send(const leadhub_host* host, const leadhub_outbound_request* request,
                             std::int64_t /*deadline_ms*/, const leadhub_outbound_sink* sink,
                             leadhub_error* error) {
    SentRequest sent{text(request->method), text(request->url), {}, text(request->body)};
    for (std::uint32_t i = 0; i < request->header_count; ++i)
      sent.headers.emplace_back(text(request->headers[i].name), text(request->headers[i].value));
    std::function<ServiceAnswer(const SentRequest&)> service;
    {
      const std::lock_guard lock{of(host).mutex_};
      of(host).sent_.push_back(sent);
      service = of(host).service_;
    }
    const ServiceAnswer answer =
        service ? service(sent) : ServiceAnswer{0, {}, {}, LEADHUB_ERROR_UNAVAILABLE};
    if (answer.error != 0) return fail(error, answer.error, "the fake service does not answer");
    std::vector<leadhub_http_header> headers;
    headers.reserve(answer.headers.size());
    for (const auto& [name, value] : answer.headers)
      headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
    const leadhub_http_response response{sizeof response,
                                         answer.status,
                                         static_cast<std::uint32_t>(headers.size()),
                                         0,
                                         headers.data(),
                                         {answer.body.data(), answer.body.size()}};
    sink->response(sink, &response);
    return LEADHUB_STATUS_OK;
  }

  static leadhub_status recall(const leadhub_host* host, leadhub_string key, const leadhub_string_sink* value,
                               leadhub_error* error) {
    const std::lock_guard lock{of(host).mutex_};
    const auto found = of(host).memory_.find(text(key));
    const bool is_there = found != of(host).memory_.end() &&
                          (found->second.second <= 0 || found->second.second > of(host).now_ms_);
    if (!is_there) return fail(error, LEADHUB_ERROR_NOT_FOUND, "no such key");
    value->put(value, {found->second.first.data(), found->second.first.size()});
    return LEADHUB_STATUS_OK;
  }
  static leadhub_status remember(const leadhub_host* host, leadhub_string key, leadhub_string value,
                                 std::int64_t expires_at_ms, leadhub_error* /*error*/) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).memory_[text(key)] = {text(value), expires_at_ms};
    return LEADHUB_STATUS_OK;
  }
  static leadhub_status forget(const leadhub_host* host, leadhub_string key, leadhub_error* /*error*/) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).memory_.erase(text(key));
    return LEADHUB_STATUS_OK;
  }

  static void write(const leadhub_host* host, std::int32_t level, leadhub_string message) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).log_lines_.push_back({level, text(message)});
  }

  static void count(const leadhub_host* host, leadhub_string name, std::uint64_t by) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).counts_[text(name)] += by;
  }

  static leadhub_status get_secret(const leadhub_host* host, leadhub_string name,
                                   const leadhub_string_sink* value, leadhub_error* error) {
    const std::lock_guard lock{of(host).mutex_};
    const auto found = of(host).secrets_.find(text(name));
    if (found != of(host).secrets_.end()) {
      value->put(value, {found->second.data(), found->second.size()});
      return LEADHUB_STATUS_OK;
    }
    constexpr std::string_view message =
        "the fake host has no secret of that name; give it one with set_secret()";
    error->code = LEADHUB_ERROR_NOT_FOUND;
    error->retry_class = LEADHUB_RETRY_NONE;
    error->retry_after_ms = 0;
    message.copy(error->message, message.size());
    error->message_size = static_cast<std::uint32_t>(message.size());
    return LEADHUB_STATUS_ERROR;
  }

  leadhub_host host_{};
  std::atomic<std::int64_t> now_ms_{1767614400000};  // 2026-01-05T12:00:00Z, a Monday
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::string> secrets_;
  std::map<std::string, std::pair<std::string, std::int64_t>> memory_;
  std::function<ServiceAnswer(const SentRequest&)> service_;
  std::vector<SentRequest> sent_;
  std::map<std::string, std::uint64_t> counts_;
  std::vector<LogLine> log_lines_;
};

}  // namespace leadhub::sdk::testing
