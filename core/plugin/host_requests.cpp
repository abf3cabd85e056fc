#include "plugin/host_requests.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/limits.hpp"
#include "plugin/host_context.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

thread_local int worker_calls = 0;

constexpr std::string_view only_in_workers =
    "this blocks, so it is there only in the calls that abi.h marks [worker]: deliver, follow_up, poll, "
    "verify";

const HostContext& context_of(const leadhub_host* host) {
  return *static_cast<const HostContext*>(host->context);
}

leadhub_status refuse(leadhub_error* error, leadhub_error_code code, leadhub_retry_class retry_class,
                      std::string_view message) {
  fill(error, code, retry_class, message);
  return LEADHUB_STATUS_ERROR;
}

/// Runs `body` where a plugin may block; whatever is thrown, which can only be a lack of memory, becomes an
/// error.
template <class Body>
leadhub_status guarded(leadhub_error* error, Body&& body) noexcept {
  try {
    if (worker_calls == 0)
      return refuse(error, LEADHUB_ERROR_DENIED, LEADHUB_RETRY_PERMANENT, only_in_workers);
    return body();
  } catch (...) {
    return refuse(error, LEADHUB_ERROR_INTERNAL, LEADHUB_RETRY_TRANSIENT, "the host ran out of memory");
  }
}

bool is_text(leadhub_string text) {
  return text.data != nullptr || text.size == 0;
}
std::string to_string(leadhub_string text) {
  return text.size == 0 ? std::string{} : std::string{text.data, text.size};
}

bool is_request(const leadhub_outbound_request* request) {
  if (request == nullptr || request->size != sizeof *request || !is_text(request->method) ||
      !is_text(request->url) || !is_text(request->body) || request->header_count > limits::header_count_max ||
      (request->headers == nullptr && request->header_count > 0))
    return false;
  for (std::uint32_t i = 0; i < request->header_count; ++i)
    if (!is_text(request->headers[i].name) || !is_text(request->headers[i].value)) return false;
  return true;
}

/// Nothing in it is larger than what the client refuses anyway, so that a wrong size is not copied.
bool is_bounded(const leadhub_outbound_request& request) {
  std::uint64_t head = 0;
  for (std::uint32_t i = 0; i < request.header_count; ++i) {
    if (request.headers[i].name.size > limits::outbound_head_bytes_max ||
        request.headers[i].value.size > limits::outbound_head_bytes_max)
      return false;
    head += request.headers[i].name.size + request.headers[i].value.size;
  }
  return head <= limits::outbound_head_bytes_max && request.method.size <= limits::outbound_head_bytes_max &&
         request.url.size <= limits::outbound_url_bytes_max &&
         request.body.size <= limits::outbound_body_bytes_max;
}

outbound::Request copy_of(const leadhub_outbound_request& request) {
  outbound::Request copy{to_string(request.method), to_string(request.url), {}, to_string(request.body)};
  for (std::uint32_t i = 0; i < request.header_count; ++i)
    copy.headers.emplace_back(to_string(request.headers[i].name), to_string(request.headers[i].value));
  return copy;
}

void give(const leadhub_outbound_sink* sink, const outbound::Response& response) {
  std::vector<leadhub_http_header> headers;
  headers.reserve(response.headers.size());
  for (const auto& [name, value] : response.headers)
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  const leadhub_http_response out{sizeof out, response.status, static_cast<std::uint32_t>(headers.size()),
                                  0,          headers.data(),  {response.body.data(), response.body.size()}};
  sink->response(sink, &out);
}

leadhub_status no_answer(leadhub_error* error, const outbound::NoAnswer& why) {
  using Kind = outbound::NoAnswer::Kind;
  switch (why.kind) {
    case Kind::refused:
      return refuse(error, LEADHUB_ERROR_DENIED, LEADHUB_RETRY_PERMANENT, why.message);
    case Kind::not_sent:
      return refuse(error, LEADHUB_ERROR_UNAVAILABLE, LEADHUB_RETRY_TRANSIENT, why.message);
    case Kind::unknown:
      break;
  }
  return refuse(error, LEADHUB_ERROR_TIMEOUT, LEADHUB_RETRY_TRANSIENT, why.message);
}

leadhub_status http_send(const leadhub_host* host, const leadhub_outbound_request* request,
                         std::int64_t deadline_ms, const leadhub_outbound_sink* sink,
                         leadhub_error* error) noexcept {
  return guarded(error, [&]() -> leadhub_status {
    if (!is_request(request) || sink == nullptr || sink->response == nullptr)
      return refuse(error, LEADHUB_ERROR_DENIED, LEADHUB_RETRY_PERMANENT,
                    "http.send needs a request without null pointers and a sink for the answer");
    if (!is_bounded(*request))
      return refuse(error, LEADHUB_ERROR_DENIED, LEADHUB_RETRY_PERMANENT,
                    "the request is larger than the host sends");
    const auto& context = context_of(host);
    const auto answer =
        context.services().http->send(copy_of(*request), context.egress(), from_milliseconds(deadline_ms));
    context.count_request(answer.has_value());
    if (!answer) return no_answer(error, answer.error());
    give(sink, *answer);
    return LEADHUB_STATUS_OK;
  });
}

leadhub_status failed(leadhub_error* error, const Error& why) {
  const bool is_invalid = why.code == ErrorCode::invalid;
  return refuse(error, is_invalid ? LEADHUB_ERROR_INVALID : LEADHUB_ERROR_UNAVAILABLE,
                is_invalid ? LEADHUB_RETRY_PERMANENT : LEADHUB_RETRY_TRANSIENT, why.message);
}

/// What is wrong with a key or value; empty where nothing is.
std::string_view text_fault(leadhub_string text, std::size_t bytes_min, std::size_t bytes_max) {
  if (!is_text(text) || text.size < bytes_min) return "is missing";
  if (text.size > bytes_max) return "is too long; abi.h has the bounds";
  return is_utf8({text.data == nullptr ? "" : text.data, text.size}) ? std::string_view{} : "is no UTF-8";
}

leadhub_status bad_key(leadhub_error* error, std::string_view what, std::string_view fault) {
  return refuse(error, LEADHUB_ERROR_INVALID, LEADHUB_RETRY_PERMANENT,
                "the " + std::string{what} + " " + std::string{fault});
}

leadhub_status kv_get(const leadhub_host* host, leadhub_string key, const leadhub_string_sink* value,
                      leadhub_error* error) noexcept {
  return guarded(error, [&]() -> leadhub_status {
    if (const auto fault = text_fault(key, 1, limits::channel_memory_key_bytes_max); !fault.empty())
      return bad_key(error, "key", fault);
    if (value == nullptr || value->put == nullptr) return bad_key(error, "sink for the value", "is missing");
    const auto& context = context_of(host);
    const auto found = context.services().memory->get(context.channel(), to_string(key));
    if (!found) return failed(error, found.error());
    if (!*found)
      return refuse(error, LEADHUB_ERROR_NOT_FOUND, LEADHUB_RETRY_NONE, "this channel keeps no such key");
    value->put(value, {(*found)->data(), (*found)->size()});
    return LEADHUB_STATUS_OK;
  });
}

leadhub_status kv_put(const leadhub_host* host, leadhub_string key, leadhub_string value,
                      std::int64_t expires_at_ms, leadhub_error* error) noexcept {
  return guarded(error, [&]() -> leadhub_status {
    if (const auto fault = text_fault(key, 1, limits::channel_memory_key_bytes_max); !fault.empty())
      return bad_key(error, "key", fault);
    if (const auto fault = text_fault(value, 0, limits::channel_memory_value_bytes_max); !fault.empty())
      return bad_key(error, "value", fault);
    const auto& context = context_of(host);
    const auto expires =
        expires_at_ms > 0 ? std::optional{from_milliseconds(expires_at_ms)} : std::optional<TimePoint>{};
    const auto put =
        context.services().memory->put(context.channel(), to_string(key), to_string(value), expires);
    return put ? LEADHUB_STATUS_OK : failed(error, put.error());
  });
}

leadhub_status kv_erase(const leadhub_host* host, leadhub_string key, leadhub_error* error) noexcept {
  return guarded(error, [&]() -> leadhub_status {
    if (const auto fault = text_fault(key, 1, limits::channel_memory_key_bytes_max); !fault.empty())
      return bad_key(error, "key", fault);
    const auto& context = context_of(host);
    const auto erased = context.services().memory->erase(context.channel(), to_string(key));
    return erased ? LEADHUB_STATUS_OK : failed(error, erased.error());
  });
}

}  // namespace

WorkerCall::WorkerCall() {
  ++worker_calls;
}
WorkerCall::~WorkerCall() {
  --worker_calls;
}

const leadhub_host_http& http_table() {
  static constexpr leadhub_host_http table{sizeof(leadhub_host_http), 0, &http_send};
  return table;
}

const leadhub_host_kv& kv_table() {
  static constexpr leadhub_host_kv table{sizeof(leadhub_host_kv), 0, &kv_get, &kv_put, &kv_erase};
  return table;
}

}  // namespace leadhub::plugin
