#pragma once

#include <dlfcn.h>
#include <leadhub/abi.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leadhub/sdk/testing/fake_host.hpp>

/// Drives a plugin as the host does, through the C tables, with plain C++ types on your side. Errors that the
/// plugin returns come back as PluginError; where the plugin breaks the rules of abi.h (a missing call, an
/// unknown verdict) std::logic_error says which.
namespace leadhub::sdk::testing {

/// What a plugin's call reported.
class PluginError : public std::runtime_error {
 public:
  explicit PluginError(const leadhub_error& error)
      : std::runtime_error(std::string(error.message, error.message_size)),
        code(error.code),
        retry_class(error.retry_class),
        retry_after_ms(error.retry_after_ms) {}
  leadhub_error_code code;
  leadhub_retry_class retry_class;
  std::int64_t retry_after_ms;
};

struct Request {
  std::string method = "POST";
  std::string path = "/in/test";
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  std::string client_address = "192.0.2.1";
  std::string public_url = "http://localhost:8080";
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// The first header of exactly that name, else empty.
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

struct Diagnostic {
  std::string pointer;
  std::string message;
};

struct AuthenticationResult {
  leadhub_verdict verdict = 0;
  std::optional<Response> response;
  std::string reason;  ///< what the plugin said about refusing or holding
};

struct ReadingResult {
  std::vector<std::string> events;
  std::optional<Response> response;
};

struct DeliveryRequest {
  std::string document;  ///< JSON: mail.schema.json, chat.schema.json, lead-delivery.schema.json
  std::string idempotency_key = "test";
  std::string payload = {};
};

/// What a plugin said about one delivery.
struct DeliveryOutcome {
  leadhub_delivery_state state = 0;
  std::string provider_id;
  std::string message;  ///< this and the next three: of the error, where there is one
  leadhub_retry_class retry_class = 0;
  std::int64_t retry_after_ms = 0;
  leadhub_error_code code = 0;
};

struct PollOutcome {
  std::vector<std::string> events;
  std::optional<std::string> cursor;  ///< nullopt: the poll left it where it was
  std::int64_t wait_ms = -1;
};

/// Loads the shared object and keeps it loaded for the life of the process. Throws std::runtime_error with
/// the loader's own words. A test that is linked with the plugin's sources uses `leadhub_plugin` itself
/// instead.
inline const leadhub_plugin_entry& load_plugin(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const void* entry = dlsym(library, "leadhub_plugin");
  if (entry == nullptr) throw std::runtime_error(path + " exports no leadhub_plugin");
  return *static_cast<const leadhub_plugin_entry*>(entry);
}

/// One channel of a plugin. Destroying it deactivates and destroys the channel. authenticate() and read() may
/// be called from many threads, as the ABI allows.
class ChannelDriver {
 public:
  ChannelDriver(const leadhub_plugin_entry& plugin, const FakeHost& host, std::string_view name = "test") {
    const auto* factory =
        static_cast<const leadhub_channel_factory*>(plugin.get_factory(abi(LEADHUB_CHANNEL_FACTORY)));
    if (factory == nullptr) throw std::logic_error("the plugin has no " LEADHUB_CHANNEL_FACTORY);
    leadhub_error error = empty_error();
    must(factory->create(host.get(), abi(name), &channel_, &error), error);
    capture_ = static_cast<const leadhub_capture_http*>(
        channel_->get_extension(channel_, abi(LEADHUB_CAPTURE_HTTP)));
    poll_ = static_cast<const leadhub_capture_poll*>(
        channel_->get_extension(channel_, abi(LEADHUB_CAPTURE_POLL)));
  }
  ChannelDriver(const ChannelDriver&) = delete;
  ChannelDriver& operator=(const ChannelDriver&) = delete;
  ~ChannelDriver() {
    if (active_) channel_->deactivate(channel_);
    channel_->destroy(channel_);
  }

  /// What is wrong with that configuration; empty: nothing.
  [[nodiscard]] std::vector<Diagnostic> check(std::string_view config) {
    std::vector<Diagnostic> found;
    leadhub_diagnostic_sink sink{};
    sink.size = sizeof sink;
    sink.context = &found;
    sink.report = [](const leadhub_diagnostic_sink* self, leadhub_string pointer, leadhub_string message) {
      static_cast<std::vector<Diagnostic>*>(self->context)->push_back({text(pointer), text(message)});
    };
    leadhub_error error = empty_error();
    must(channel_->check(channel_, abi(config), &sink, &error), error);
    return found;
  }

  void activate(std::string_view config) {
    leadhub_error error = empty_error();
    must(channel_->activate(channel_, abi(config), &error), error);
    active_ = true;
    // Which of a plugin's channels follow up or deliver may be for their configuration to decide.
    follow_up_ =
        static_cast<const leadhub_follow_up*>(channel_->get_extension(channel_, abi(LEADHUB_FOLLOW_UP)));
    deliver_ = static_cast<const leadhub_deliver*>(channel_->get_extension(channel_, abi(LEADHUB_DELIVER)));
  }

  [[nodiscard]] AuthenticationResult authenticate(const Request& request, std::int64_t now_ms) {
    const RequestView view{request};
    Captured captured;
    const auto sink = captured.sink();
    leadhub_error error = empty_error();
    AuthenticationResult result;
    result.verdict = capture().authenticate(channel_, &view.request, now_ms, &sink, &error);
    if (result.verdict == 0) throw PluginError(error);
    if (result.verdict < LEADHUB_VERDICT_ACCEPT || result.verdict > LEADHUB_VERDICT_HOLD)
      throw std::logic_error("authenticate() returned the unknown verdict " + std::to_string(result.verdict));
    if (!captured.reading.events.empty())
      throw std::logic_error("authenticate() gave an event; only read() may");
    result.response = std::move(captured.reading.response);
    result.reason.assign(error.message, error.message_size);
    return result;
  }

  [[nodiscard]] ReadingResult read(const Request& request) const {
    const RequestView view{request};
    Captured captured;
    const auto sink = captured.sink();
    leadhub_error error = empty_error();
    must(capture().read(channel_, &view.request, &sink, &error), error);
    return std::move(captured.reading);
  }

  /// Whether the channel wants to follow that request up; false where it follows up none.
  [[nodiscard]] bool wants_follow_up(const Request& request) const {
    const RequestView view{request};
    return follow_up_ != nullptr && follow_up_->wanted(channel_, &view.request) != 0;
  }

  /// Follows it up, with a deadline of the host's clock; the events that this gave.
  [[nodiscard]] std::vector<std::string> follow_up(const Request& request, std::string_view key,
                                                   std::int64_t deadline_ms) {
    if (follow_up_ == nullptr) throw std::logic_error("the channel has no " LEADHUB_FOLLOW_UP);
    const RequestView view{request};
    Captured captured;
    const auto sink = captured.sink();
    leadhub_error error = empty_error();
    must(follow_up_->run(channel_, &view.request, abi(key), deadline_ms, &sink, &error), error);
    if (captured.reading.response) throw std::logic_error("follow_up() gave a response; the sender has one");
    return std::move(captured.reading.events);
  }

  /// Whether the active channel delivers.
  [[nodiscard]] bool delivers() const { return deliver_ != nullptr; }

  /// One delivery, with a deadline of the host's clock.
  [[nodiscard]] DeliveryOutcome deliver(const DeliveryRequest& request, std::int64_t deadline_ms) {
    return deliver(std::vector{request}, deadline_ms).front();
  }

  /// Many in one call. `may_leave`: what the host answers to the claim of each; empty: yes to all. Throws
  /// std::logic_error where the plugin breaks a rule: each gets one result, and no claim after it.
  [[nodiscard]] std::vector<DeliveryOutcome> deliver(const std::vector<DeliveryRequest>& requests,
                                                     std::int64_t deadline_ms,
                                                     const std::function<bool(std::size_t)>& may_leave = {}) {
    if (deliver_ == nullptr) throw std::logic_error("the channel has no " LEADHUB_DELIVER);
    std::vector<leadhub_delivery> items;
    items.reserve(requests.size());
    for (const auto& request : requests)
      items.push_back({sizeof(leadhub_delivery), 0, abi(request.idempotency_key), abi(request.document),
                       abi(request.payload)});
    Handover handover{std::vector<DeliveryOutcome>(items.size()), may_leave, {}};
    const leadhub_delivery_sink sink = handover.sink();
    leadhub_error error = empty_error();
    must(deliver_->deliver(channel_, items.data(), static_cast<std::uint32_t>(items.size()), deadline_ms,
                           &sink, &error),
         error);
    for (const auto& outcome : handover.outcomes)
      if (outcome.state == 0) handover.complaint = "deliver() must give one result for each item";
    if (!handover.complaint.empty()) throw std::logic_error(handover.complaint);
    return std::move(handover.outcomes);
  }

  /// One poll from that cursor, with a deadline of the host's clock.
  [[nodiscard]] PollOutcome poll(std::string_view cursor, std::int64_t deadline_ms) {
    if (poll_ == nullptr) throw std::logic_error("the channel has no " LEADHUB_CAPTURE_POLL);
    PollOutcome outcome;
    leadhub_poll_sink sink{};
    sink.size = sizeof sink;
    sink.context = &outcome;
    sink.event = [](const leadhub_poll_sink* self, leadhub_string json) {
      static_cast<PollOutcome*>(self->context)->events.push_back(text(json));
    };
    sink.next = [](const leadhub_poll_sink* self, leadhub_string next, std::int64_t wait_ms) {
      static_cast<PollOutcome*>(self->context)->cursor = text(next);
      static_cast<PollOutcome*>(self->context)->wait_ms = wait_ms;
    };
    leadhub_error error = empty_error();
    must(poll_->poll(channel_, abi(cursor), deadline_ms, &sink, &error), error);
    return outcome;
  }

 private:
  /// What the plugin says about the items of one call.
  struct Handover {
    std::vector<DeliveryOutcome> outcomes;
    const std::function<bool(std::size_t)>& may_leave;
    std::string complaint;

    [[nodiscard]] leadhub_delivery_sink sink() {
      leadhub_delivery_sink sink{};
      sink.size = sizeof sink;
      sink.context = this;
      sink.result = [](const leadhub_delivery_sink* self, std::uint32_t index, leadhub_delivery_state state,
                       leadhub_string provider_id, const leadhub_error* error) {
        static_cast<Handover*>(self->context)->take(index, state, provider_id, error);
      };
      sink.claim = [](const leadhub_delivery_sink* self, std::uint32_t index) -> std::int32_t {
        return static_cast<Handover*>(self->context)->claim(index) ? 1 : 0;
      };
      return sink;
    }
    void take(std::uint32_t index, leadhub_delivery_state state, leadhub_string provider_id,
              const leadhub_error* error) {
      if (index >= outcomes.size() || outcomes[index].state != 0 || state < LEADHUB_DELIVERY_DONE ||
          state > LEADHUB_DELIVERY_UNTRIED) {
        complaint = "deliver() must give one result for each item, with a state that abi.h names";
        return;
      }
      auto& outcome = outcomes[index];
      outcome.state = state;
      outcome.provider_id = text(provider_id);
      if (error == nullptr) return;
      outcome.message.assign(error->message, error->message_size);
      outcome.retry_class = error->retry_class;
      outcome.retry_after_ms = error->retry_after_ms;
      outcome.code = error->code;
    }
    bool claim(std::uint32_t index) {
      if (index >= outcomes.size() || outcomes[index].state != 0) {
        complaint = "deliver() must claim an item before its result";
        return false;
      }
      return !may_leave || may_leave(index);
    }
  };

  static leadhub_string abi(std::string_view value) { return {value.data(), value.size()}; }
  static std::string text(leadhub_string value) {
    return value.size == 0 ? std::string{} : std::string(value.data, static_cast<std::size_t>(value.size));
  }
  static leadhub_error empty_error() {
    leadhub_error error{};
    error.size = sizeof error;
    return error;
  }
  static void must(leadhub_status status, const leadhub_error& error) {
    if (status == LEADHUB_STATUS_OK) return;
    if (status == LEADHUB_STATUS_ERROR) throw PluginError(error);
    throw std::logic_error("the plugin returned the unknown status " + std::to_string(status));
  }

  const leadhub_capture_http& capture() const {
    if (capture_ == nullptr) throw std::logic_error("the channel has no " LEADHUB_CAPTURE_HTTP);
    return *capture_;
  }

  struct RequestView {
    explicit RequestView(const Request& from) {
      for (const auto& [name, value] : from.headers) headers.push_back({abi(name), abi(value)});
      request.size = sizeof request;
      request.header_count = static_cast<std::uint32_t>(headers.size());
      request.method = abi(from.method);
      request.path = abi(from.path);
      request.query = abi(from.query);
      request.headers = headers.data();
      request.body = abi(from.body);
      request.client_address = abi(from.client_address);
      request.public_url = abi(from.public_url);
    }
    std::vector<leadhub_http_header> headers;
    leadhub_http_request request{};
  };

  struct Captured {
    [[nodiscard]] leadhub_capture_sink sink() {
      leadhub_capture_sink made{};
      made.size = sizeof made;
      made.context = &reading;
      made.event = [](const leadhub_capture_sink* self, leadhub_string json) {
        static_cast<ReadingResult*>(self->context)->events.push_back(text(json));
      };
      made.respond = [](const leadhub_capture_sink* self, const leadhub_http_response* from) {
        Response response;
        response.status = from->status;
        for (std::uint32_t i = 0; i < from->header_count; ++i)
          response.headers.emplace_back(text(from->headers[i].name), text(from->headers[i].value));
        response.body = text(from->body);
        static_cast<ReadingResult*>(self->context)->response = std::move(response);
      };
      return made;
    }
    ReadingResult reading;
  };

  leadhub_channel* channel_ = nullptr;
  const leadhub_capture_http* capture_ = nullptr;
  const leadhub_deliver* deliver_ = nullptr;
  const leadhub_follow_up* follow_up_ = nullptr;
  const leadhub_capture_poll* poll_ = nullptr;
  bool active_ = false;
};

}  // namespace leadhub::sdk::testing
