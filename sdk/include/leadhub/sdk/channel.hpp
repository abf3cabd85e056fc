#pragma once

#include <leadhub/abi.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// The C++17 way to write a leadhub channel: derive from Channel (or see transport.hpp), put
/// LEADHUB_EXPORT_CHANNEL(YourChannel) into one source file. Everything here is header-only and compiled into
/// your plugin; only the C of abi.h crosses to the host. Exceptions you throw are caught at the boundary and
/// become errors with your message.
namespace leadhub::sdk {

inline std::string_view view(leadhub_string text) {
  return text.size == 0 || text.data == nullptr
             ? std::string_view{}
             : std::string_view{text.data, static_cast<std::size_t>(text.size)};
}
inline leadhub_string to_abi(std::string_view text) {
  return {text.data(), text.size()};
}

enum class RetryClass : leadhub_retry_class {
  none = LEADHUB_RETRY_NONE,
  transient = LEADHUB_RETRY_TRANSIENT,
  rate_limited = LEADHUB_RETRY_RATE_LIMITED,
  auth = LEADHUB_RETRY_AUTH,
  permanent = LEADHUB_RETRY_PERMANENT,
};

/// Throw this to choose code and retry class; any other exception becomes LEADHUB_ERROR_INTERNAL. The message
/// says what is wrong and how to mend it, without secrets or personal data.
class ChannelError : public std::runtime_error {
 public:
  explicit ChannelError(const std::string& message, leadhub_error_code code = LEADHUB_ERROR_INVALID,
                        RetryClass retry_class = RetryClass::none)
      : std::runtime_error(message), code_(code), retry_class_(retry_class) {}
  [[nodiscard]] leadhub_error_code code() const { return code_; }
  [[nodiscard]] RetryClass retry_class() const { return retry_class_; }

  std::int64_t retry_after_ms = 0;  ///< what the other side asked for; 0: nothing

 private:
  leadhub_error_code code_;
  RetryClass retry_class_;
};

enum class LogLevel : std::int32_t {
  debug = LEADHUB_LOG_DEBUG,
  info = LEADHUB_LOG_INFO,
  warning = LEADHUB_LOG_WARNING,
  error = LEADHUB_LOG_ERROR,
};

/// What the host offers this channel. Copyable, thread-safe, valid as long as the channel.
class Host {
 public:
  explicit Host(const leadhub_host* host)
      : host_(host),
        log_(extension<leadhub_host_log>(LEADHUB_HOST_LOG)),
        secrets_(extension<leadhub_host_secrets>(LEADHUB_HOST_SECRETS)),
        metrics_(extension<leadhub_host_metrics>(LEADHUB_HOST_METRICS)),
        clock_(extension<leadhub_host_clock>(LEADHUB_HOST_CLOCK)),
        stopping_(extension<leadhub_host_stopping>(LEADHUB_HOST_STOPPING)) {}

  void log(LogLevel level, std::string_view message) const {
    if (log_ != nullptr) log_->write(host_, static_cast<std::int32_t>(level), to_abi(message));
  }

  /// Adds to the counter leadhub_channel_<name>_total of this channel.
  void count(std::string_view name, std::uint64_t by = 1) const {
    if (metrics_ != nullptr) metrics_->count(host_, to_abi(name), by);
  }

  /// The value of a secret, by the JSON pointer of the configuration key that holds it, or
  /// "channel.signing_key". nullopt where the host knows none of that name.
  [[nodiscard]] std::optional<std::string> secret(std::string_view name) const {
    if (secrets_ == nullptr) return std::nullopt;
    std::optional<std::string> value;
    leadhub_string_sink sink{};
    sink.size = sizeof sink;
    sink.context = &value;
    sink.put = [](const leadhub_string_sink* self, leadhub_string text) {
      try {
        static_cast<std::optional<std::string>*>(self->context)->emplace(view(text));
      } catch (...) {  // out of memory: the host must not see it, the caller sees no value
      }
    };
    leadhub_error error{};
    error.size = sizeof error;
    if (secrets_->get(host_, to_abi(name), &sink, &error) != LEADHUB_STATUS_OK) return std::nullopt;
    return value;
  }

  /// Milliseconds since 1970-01-01T00:00:00Z by the host's clock; 0 where the host has none.
  [[nodiscard]] std::int64_t now_ms() const { return clock_ == nullptr ? 0 : clock_->now_ms(host_); }

  /// Whether the hub is about to end: a call that waits for others by means of its own ends now.
  [[nodiscard]] bool is_stopping() const {
    return stopping_ != nullptr && stopping_->is_stopping(host_) != 0;
  }

  /// What the calls of an extension want first.
  [[nodiscard]] const leadhub_host* table() const { return host_; }

  /// Any further host extension by its id; null where this host does not have it.
  template <class Table>
  [[nodiscard]] const Table* extension(std::string_view id) const {
    return static_cast<const Table*>(host_->get_extension(host_, to_abi(id)));
  }

 private:
  const leadhub_host* host_;
  const leadhub_host_log* log_;
  const leadhub_host_secrets* secrets_;
  const leadhub_host_metrics* metrics_;
  const leadhub_host_clock* clock_;
  const leadhub_host_stopping* stopping_;
};

/// A request as the host passes it; views, valid for the call only.
class HttpRequest {
 public:
  explicit HttpRequest(const leadhub_http_request* request) : request_(request) {}
  [[nodiscard]] std::string_view method() const { return view(request_->method); }
  [[nodiscard]] std::string_view path() const { return view(request_->path); }
  [[nodiscard]] std::string_view query() const { return view(request_->query); }
  [[nodiscard]] std::string_view body() const { return view(request_->body); }
  [[nodiscard]] std::string_view client_address() const { return view(request_->client_address); }
  [[nodiscard]] std::string_view public_url() const { return view(request_->public_url); }
  /// The first header of that lower-case name, else empty.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const {
    for (std::uint32_t i = 0; i < request_->header_count; ++i)
      if (view(request_->headers[i].name) == lower_case_name) return view(request_->headers[i].value);
    return {};
  }

 private:
  const leadhub_http_request* request_;
};

struct HttpResponse {
  int status = 204;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// What authenticate() decided. Make it with the named functions.
struct Verdict {
  leadhub_verdict kind = LEADHUB_VERDICT_REFUSE;
  std::optional<HttpResponse> response;
  std::string reason;

  static Verdict accept() { return {LEADHUB_VERDICT_ACCEPT, std::nullopt, {}}; }
  static Verdict answer(HttpResponse response) { return {LEADHUB_VERDICT_ANSWER, std::move(response), {}}; }
  static Verdict refuse(HttpResponse response, std::string reason) {
    return {LEADHUB_VERDICT_REFUSE, std::move(response), std::move(reason)};
  }
  static Verdict hold(std::string reason) { return {LEADHUB_VERDICT_HOLD, std::nullopt, std::move(reason)}; }
};

/// What read() found. Throw ChannelError for a request that is authentic but cannot be understood: the host
/// keeps it in quarantine.
struct Reading {
  std::vector<std::string> events;  ///< JSON documents, see sdk::LeadEvent::to_json
  HttpResponse response;
};

/// Receives what is wrong with a configuration: JSON pointer, "what is wrong; how to mend it".
class Diagnostics {
 public:
  explicit Diagnostics(const leadhub_diagnostic_sink* sink) : sink_(sink) {}
  void report(std::string_view pointer, std::string_view message) const {
    sink_->report(sink_, to_abi(pointer), to_abi(message));
  }

 private:
  const leadhub_diagnostic_sink* sink_;
};

/// What every channel has: a configuration and a life. One object is one configured channel.
class ConfiguredChannel {
 public:
  ConfiguredChannel() = default;
  ConfiguredChannel(const ConfiguredChannel&) = delete;
  ConfiguredChannel& operator=(const ConfiguredChannel&) = delete;
  virtual ~ConfiguredChannel() = default;

  /// Reports what the config schema cannot express. `config` is JSON, valid by the schema, secrets replaced
  /// by references. Reaches nothing outside. Called at most once at a time.
  virtual void check(std::string_view config, const Diagnostics& diagnostics) = 0;

  /// Makes the channel ready. Called once, after check.
  virtual void activate(std::string_view config) = 0;

  /// No call is under way and none follows.
  virtual void deactivate() {}
};

/// Derive from this to capture leads over HTTP.
class Channel : public ConfiguredChannel {
 public:
  /// capture.http: many threads at once. See leadhub_capture_http in abi.h for the contract.
  virtual Verdict authenticate(const HttpRequest& request, std::int64_t now_ms) = 0;

  /// capture.http: many threads at once; pure and repeatable.
  virtual Reading read(const HttpRequest& request) const = 0;
};

/// Derive from this to deliver: <leadhub/sdk/transport.hpp>.
class Transport;
class BatchTransport;

/// Derive from this to do slow work after the answer: <leadhub/sdk/follow_up.hpp>.
class FollowUp;
/// Derive from this to fetch leads: <leadhub/sdk/poll.hpp>.
class Poller;

namespace detail {

inline void fill_error(leadhub_error* error, leadhub_error_code code, RetryClass retry_class,
                       std::string_view message) {
  if (error == nullptr) return;
  error->code = code;
  error->retry_class = static_cast<leadhub_retry_class>(retry_class);
  error->retry_after_ms = 0;
  std::size_t size = message.size() < sizeof error->message ? message.size() : sizeof error->message;
  // Never cut a UTF-8 character in two.
  while (size < message.size() && size > 0 && (static_cast<unsigned char>(message[size]) & 0xC0u) == 0x80u)
    --size;
  if (size > 0) std::memcpy(error->message, message.data(), size);
  error->message_size = static_cast<std::uint32_t>(size);
}

/// Runs `body`; whatever it throws becomes the error and `failed` is returned.
template <class Value, class Body>
Value guarded(leadhub_error* error, Value failed, Body&& body) noexcept {
  try {
    return body();
  } catch (const ChannelError& caught) {
    fill_error(error, caught.code(), caught.retry_class(), caught.what());
    if (error != nullptr) error->retry_after_ms = caught.retry_after_ms;
  } catch (const std::exception& caught) {
    fill_error(error, LEADHUB_ERROR_INTERNAL, RetryClass::none, caught.what());
  } catch (...) {
    fill_error(error, LEADHUB_ERROR_INTERNAL, RetryClass::none,
               "the plugin threw something that is no std::exception");
  }
  return failed;
}

inline void send(const leadhub_capture_sink* sink, const HttpResponse& response) {
  std::vector<leadhub_http_header> headers;
  headers.reserve(response.headers.size());
  for (const auto& [name, value] : response.headers) headers.push_back({to_abi(name), to_abi(value)});
  leadhub_http_response out{};
  out.size = sizeof out;
  out.status = response.status;
  out.header_count = static_cast<std::uint32_t>(headers.size());
  out.headers = headers.data();
  out.body = to_abi(response.body);
  sink->respond(sink, &out);
}

/// In transport.hpp, which whoever derives from Transport or BatchTransport has included.
template <class ChannelType>
const leadhub_deliver* deliver_extension(const ChannelType& channel);
/// In follow_up.hpp.
template <class ChannelType>
const leadhub_follow_up* follow_up_table(const FollowUp& follow_up);

/// In poll.hpp, the same.
template <class ChannelType>
const leadhub_capture_poll& poll_table();

/// The C tables around one Channel object.
template <class ChannelType>
class Adapter {
 public:
  static leadhub_status create(const leadhub_host* host, leadhub_string name, leadhub_channel** channel,
                               leadhub_error* error) {
    return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
      auto adapter = std::make_unique<Adapter>(host, view(name));
      *channel = &adapter.release()->table_;
      return LEADHUB_STATUS_OK;
    });
  }

  Adapter(const leadhub_host* host, std::string_view name) : channel_(Host{host}, std::string{name}) {
    table_.size = sizeof table_;
    table_.instance = this;
    table_.check = [](leadhub_channel* self, leadhub_string config, const leadhub_diagnostic_sink* sink,
                      leadhub_error* error) -> leadhub_status {
      return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
        of(self).check(view(config), Diagnostics{sink});
        return LEADHUB_STATUS_OK;
      });
    };
    table_.activate = [](leadhub_channel* self, leadhub_string config,
                         leadhub_error* error) -> leadhub_status {
      return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
        of(self).activate(view(config));
        return LEADHUB_STATUS_OK;
      });
    };
    table_.deactivate = [](leadhub_channel* self) {
      guarded(static_cast<leadhub_error*>(nullptr), 0, [&] { return of(self).deactivate(), 0; });
    };
    table_.destroy = [](leadhub_channel* self) { delete static_cast<Adapter*>(self->instance); };
    table_.get_extension = []([[maybe_unused]] leadhub_channel* self, leadhub_string id) -> const void* {
      if constexpr (std::is_base_of_v<Channel, ChannelType>)
        if (view(id) == LEADHUB_CAPTURE_HTTP) return &capture_http();
      if constexpr (std::is_base_of_v<Transport, ChannelType> ||
                    std::is_base_of_v<BatchTransport, ChannelType>)
        if (view(id) == LEADHUB_DELIVER) return deliver_extension<ChannelType>(of(self));
      if constexpr (std::is_base_of_v<FollowUp, ChannelType>)
        if (view(id) == LEADHUB_FOLLOW_UP) return follow_up_table<ChannelType>(of(self));
      if constexpr (std::is_base_of_v<Poller, ChannelType>)
        if (view(id) == LEADHUB_CAPTURE_POLL) return &poll_table<ChannelType>();
      return nullptr;
    };
  }

  static ChannelType& of(leadhub_channel* self) { return static_cast<Adapter*>(self->instance)->channel_; }

 private:
  static const leadhub_capture_http& capture_http() {
    static const leadhub_capture_http table{
        sizeof(leadhub_capture_http), 0,
        [](leadhub_channel* self, const leadhub_http_request* request, std::int64_t now_ms,
           const leadhub_capture_sink* sink, leadhub_error* error) -> leadhub_verdict {
          return guarded(error, leadhub_verdict{0}, [&]() -> leadhub_verdict {
            const Verdict verdict = of(self).authenticate(HttpRequest{request}, now_ms);
            if (verdict.response) send(sink, *verdict.response);
            if (!verdict.reason.empty())
              fill_error(error, LEADHUB_ERROR_DENIED, RetryClass::none, verdict.reason);
            return verdict.kind;
          });
        },
        [](leadhub_channel* self, const leadhub_http_request* request, const leadhub_capture_sink* sink,
           leadhub_error* error) -> leadhub_status {
          return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
            const ChannelType& channel = of(self);
            const Reading reading = channel.read(HttpRequest{request});
            for (const auto& event : reading.events) sink->event(sink, to_abi(event));
            send(sink, reading.response);
            return LEADHUB_STATUS_OK;
          });
        }};
    return table;
  }

  ChannelType channel_;
  leadhub_channel table_{};
};

template <class ChannelType>
const leadhub_channel_factory& factory() {
  static const leadhub_channel_factory table{sizeof(leadhub_channel_factory), 0,
                                             &Adapter<ChannelType>::create};
  return table;
}

}  // namespace detail
}  // namespace leadhub::sdk

/// Makes a plugin of a class derived from leadhub::sdk::ConfiguredChannel, and so from Channel, Transport or
/// Poller, with a constructor (Host, std::string name). `FixturesTable` is a const leadhub_fixtures* or
/// nullptr.
#define LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(ChannelType, FixturesTable)                                \
  extern "C" LEADHUB_EXPORT const leadhub_plugin_entry leadhub_plugin = {                               \
      LEADHUB_PLUGIN_MAGIC,                                                                             \
      static_cast<std::uint32_t>(sizeof(leadhub_plugin_entry)),                                         \
      LEADHUB_ABI_MAJOR,                                                                                \
      LEADHUB_ABI_MINOR,                                                                                \
      0,                                                                                                \
      [](leadhub_error*) -> leadhub_status { return LEADHUB_STATUS_OK; },                               \
      [] {},                                                                                            \
      [](leadhub_string id) -> const void* {                                                            \
        if (leadhub::sdk::view(id) == LEADHUB_CHANNEL_FACTORY)                                          \
          return &leadhub::sdk::detail::factory<ChannelType>();                                         \
        if (leadhub::sdk::view(id) == LEADHUB_FIXTURES) return static_cast<const void*>(FixturesTable); \
        return nullptr;                                                                                 \
      }}

#define LEADHUB_EXPORT_CHANNEL(ChannelType) LEADHUB_EXPORT_CHANNEL_WITH_FIXTURES(ChannelType, nullptr)
