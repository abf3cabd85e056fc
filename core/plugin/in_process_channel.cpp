#include "plugin/in_process_channel.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "plugin/event_collector.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

leadhub_string to_abi(std::string_view text) {
  return {text.data(), text.size()};
}

/// The request as the C tables want it: views into the original, headers on the stack, nothing allocated.
class RequestView {
 public:
  RequestView(const capture::HttpRequest& request, std::string_view public_url) {
    for (const auto& header : request.headers) {
      if (view_.header_count == limits::header_count_max) break;
      headers_[view_.header_count++] = {to_abi(header.name), to_abi(header.value)};
    }
    view_.size = sizeof view_;
    view_.method = to_abi(request.method);
    view_.path = to_abi(request.path);
    view_.query = to_abi(request.query);
    view_.headers = headers_;
    view_.body = to_abi(request.body);
    view_.client_address = to_abi(request.client_address);
    view_.public_url = to_abi(public_url);
  }
  RequestView(const RequestView&) = delete;
  RequestView& operator=(const RequestView&) = delete;

  [[nodiscard]] const leadhub_http_request* get() const { return &view_; }

 private:
  leadhub_http_header
      headers_[limits::header_count_max];  // left as they are: filling 3 KiB costs more than the call
  leadhub_http_request view_{};
};

bool is_null_with_size(leadhub_string text) {
  return text.data == nullptr && text.size > 0;
}
std::string_view view(leadhub_string text) {
  return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}

/// Headers that belong to the framing of the answer, which is the edge's.
bool is_framing(std::string_view lower_name) {
  constexpr std::array<std::string_view, 7> names = {
      "content-length", "transfer-encoding", "connection", "date", "keep-alive", "upgrade", "trailer"};
  return std::ranges::find(names, lower_name) != names.end();
}

/// Copies a plugin's response; what is wrong with it comes back as the rule it breaks.
class ResponseReader {
 public:
  std::optional<capture::HttpResponse> read(const leadhub_http_response* response) {
    if (response == nullptr || response->size != sizeof(leadhub_http_response))
      return refuse("gave a response that is a null pointer or of a wrong size");
    if (response->status < 200 || response->status > 599)
      return refuse("gave a response with the status " + std::to_string(response->status) +
                    "; it must lie between 200 and 599");
    capture::HttpResponse copy;
    copy.status = response->status;
    if (!read_body(*response, copy) || !read_headers(*response, copy)) return std::nullopt;
    return copy;
  }

  [[nodiscard]] std::string& complaint() { return complaint_; }

 private:
  std::nullopt_t refuse(std::string rule) {
    complaint_ = std::move(rule);
    return std::nullopt;
  }

  bool read_body(const leadhub_http_response& response, capture::HttpResponse& copy) {
    if (is_null_with_size(response.body) || response.body.size > limits::plugin_response_body_bytes_max)
      return refuse("gave a response body that claims " + std::to_string(response.body.size) +
                    " bytes or is a null pointer; at most " +
                    std::to_string(limits::plugin_response_body_bytes_max) + " are taken"),
             false;
    if (response.body.size > 0 && (response.status == 204 || response.status == 304))
      return refuse("gave a body with the status " + std::to_string(response.status) + ", which has none"),
             false;
    copy.body = view(response.body);
    return true;
  }

  bool read_headers(const leadhub_http_response& response, capture::HttpResponse& copy) {
    if (response.header_count > limits::header_count_max ||
        (response.header_count > 0 && response.headers == nullptr))
      return refuse("gave a response that claims " + std::to_string(response.header_count) +
                    " headers or has a null pointer for them; at most " +
                    std::to_string(limits::header_count_max) + " are taken"),
             false;
    std::size_t bytes = 0;
    copy.headers.reserve(response.header_count);
    for (std::uint32_t i = 0; i < response.header_count; ++i)
      if (!read_header(response.headers[i], bytes, copy)) return false;
    return true;
  }

  bool read_header(const leadhub_http_header& header, std::size_t& bytes, capture::HttpResponse& copy) {
    constexpr std::size_t bytes_max = limits::plugin_response_head_bytes_max;
    bytes += header.name.size + header.value.size;  // wraps only where one of the two alone is refused
    if (is_null_with_size(header.name) || is_null_with_size(header.value) || header.name.size > bytes_max ||
        header.value.size > bytes_max || bytes > bytes_max)
      return refuse("gave response headers that are null pointers or claim more than " +
                    std::to_string(bytes_max) + " bytes"),
             false;
    if (!ops::is_token(view(header.name)))
      return refuse("gave a response header with the name \"" + plain_text(view(header.name), 80) +
                    "\", which is no token"),
             false;
    std::string name = ops::lower_case(view(header.name));
    if (!ops::is_field_value(view(header.value)))
      return refuse("gave a response header " + name +
                    " with a control character (a line break?) in its value"),
             false;
    if (is_framing(name))
      return refuse("gave the response header " + name + ", which the host writes"), false;
    copy.headers.push_back({std::move(name), std::string{view(header.value)}});
    return true;
  }

  std::string complaint_;
};

/// Takes what one call of capture.http or follow_up gives.
class CaptureCollector {
 public:
  enum class Call { authenticate, read, follow_up };

  explicit CaptureCollector(Call call) : call_(call) {
    sink_.size = sizeof sink_;
    sink_.context = this;
    sink_.event = [](const leadhub_capture_sink* sink, leadhub_string json) noexcept {
      of(sink).events_.take([&] { of(sink).add_event(json); });
    };
    sink_.respond = [](const leadhub_capture_sink* sink, const leadhub_http_response* response) noexcept {
      of(sink).events_.take([&] { of(sink).set_response(response); });
    };
  }
  CaptureCollector(const CaptureCollector&) = delete;
  CaptureCollector& operator=(const CaptureCollector&) = delete;

  [[nodiscard]] const leadhub_capture_sink* sink() const { return &sink_; }
  [[nodiscard]] const std::string& complaint() const { return events_.complaint(); }
  [[nodiscard]] std::optional<capture::HttpResponse>& response() { return response_; }
  [[nodiscard]] std::vector<std::string>& events() { return events_.events(); }

 private:
  static CaptureCollector& of(const leadhub_capture_sink* sink) {
    return *static_cast<CaptureCollector*>(sink->context);
  }

  void add_event(leadhub_string json) {
    if (call_ == Call::authenticate)
      return events_.complain("gave a lead event in authenticate(), where only read() may");
    events_.add_event(json);
  }

  void set_response(const leadhub_http_response* response) {
    if (call_ == Call::follow_up)
      return events_.complain("gave a response in follow_up, where the sender was answered long ago");
    ResponseReader reader;
    response_ = reader.read(response);
    events_.complain(std::move(reader.complaint()));
  }

  Call call_;
  leadhub_capture_sink sink_{};
  EventCollector events_{"for one request"};
  std::optional<capture::HttpResponse> response_;
};

capture::HttpResponse empty_response(int status) {
  return {status, {}, {}};
}

}  // namespace

Result<std::shared_ptr<InProcessChannel>> InProcessChannel::make(std::unique_ptr<ChannelInstance> instance) {
  if (auto active = instance->activate(); !active) return std::unexpected(active.error());
  const auto table = instance->capture_http();
  if (!table) return std::unexpected(table.error());
  if (*table == nullptr)
    return std::unexpected(misbehaviour(instance->who(), "has no " LEADHUB_CAPTURE_HTTP));
  const auto follow_up = instance->follow_up();
  if (!follow_up) return std::unexpected(follow_up.error());
  return std::shared_ptr<InProcessChannel>{new InProcessChannel{std::move(instance), **table, *follow_up}};
}

Result<capture::Authentication> InProcessChannel::authenticate(const capture::HttpRequest& request,
                                                               TimePoint now) {
  using Kind = capture::Authentication::Kind;
  const RequestView view{request, instance_->context().services().public_url};
  CaptureCollector collector{CaptureCollector::Call::authenticate};
  auto error = empty_error();
  const auto verdict = call_plugin(who(), "authenticate", [&] {
    return capture_.authenticate(instance_->channel(), view.get(), to_milliseconds(now), collector.sink(),
                                 &error);
  });
  if (!verdict) return std::unexpected(verdict.error());
  if (!collector.complaint().empty()) return std::unexpected(misbehaviour(who(), collector.complaint()));

  auto& response = collector.response();
  const auto reason = [&] { return instance_->context().redacted(message_of(error)); };
  switch (*verdict) {
    case LEADHUB_VERDICT_ACCEPT:
      return capture::Authentication{Kind::accept, {}, {}};
    case LEADHUB_VERDICT_ANSWER:
      if (!response) return std::unexpected(misbehaviour(who(), "wants to answer but gave no response"));
      return capture::Authentication{Kind::answer, *std::move(response), {}};
    case LEADHUB_VERDICT_REFUSE:
      return capture::Authentication{Kind::refuse, std::move(response).value_or(empty_response(403)),
                                     reason()};
    case LEADHUB_VERDICT_HOLD:
      return capture::Authentication{Kind::hold, {}, reason()};
    case 0: {
      const Error told = instance_->reported(error);
      return fail(told.code, std::string{who()} + ": " + told.message);
    }
    default:
      return std::unexpected(misbehaviour(who(), "returned the unknown verdict " + std::to_string(*verdict)));
  }
}

Result<capture::Reading> InProcessChannel::read(const capture::HttpRequest& request) const {
  const RequestView view{request, instance_->context().services().public_url};
  CaptureCollector collector{CaptureCollector::Call::read};
  auto error = empty_error();
  const auto status = call_plugin(who(), "read", [&] {
    return capture_.read(instance_->channel(), view.get(), collector.sink(), &error);
  });
  if (!status) return std::unexpected(status.error());
  if (*status == LEADHUB_STATUS_ERROR) return std::unexpected(instance_->reported(error));
  if (*status != LEADHUB_STATUS_OK)
    return std::unexpected(
        misbehaviour(who(), "returned the unknown status " + std::to_string(*status) + " from read"));
  if (!collector.complaint().empty()) return std::unexpected(misbehaviour(who(), collector.complaint()));
  return capture::Reading{std::move(collector.events()),
                          std::move(collector.response()).value_or(empty_response(204))};
}

bool InProcessChannel::wants_follow_up(const capture::HttpRequest& request) const {
  if (follow_up_ == nullptr) return false;
  const RequestView view{request, instance_->context().services().public_url};
  const auto wanted = call_plugin(who(), "follow_up.wanted",
                                  [&] { return follow_up_->wanted(instance_->channel(), view.get()); });
  return wanted.value_or(0) != 0;
}

capture::FollowUp InProcessChannel::follow_up(const capture::HttpRequest& request, const std::string& key,
                                              TimePoint deadline) {
  using Outcome = capture::FollowUp::Outcome;
  const auto failed = [](const Error& error) {
    return capture::FollowUp{Outcome::failed, {}, error.message, {}};
  };
  if (follow_up_ == nullptr) return failed(misbehaviour(who(), "has no " LEADHUB_FOLLOW_UP));
  const RequestView view{request, instance_->context().services().public_url};
  CaptureCollector collector{CaptureCollector::Call::follow_up};
  auto error = empty_error();
  const WorkerCall worker;
  const auto status = call_plugin(who(), "follow_up.run", [&] {
    return follow_up_->run(instance_->channel(), view.get(), {key.data(), key.size()},
                           to_milliseconds(deadline), collector.sink(), &error);
  });
  if (!status) return failed(status.error());
  if (*status == LEADHUB_STATUS_ERROR) {
    const bool is_worth_it = may_be_tried_later(error.retry_class);
    return {is_worth_it ? Outcome::retry : Outcome::failed,
            {},
            instance_->reported(error).message,
            std::clamp(std::chrono::milliseconds{error.retry_after_ms}, std::chrono::milliseconds{0},
                       limits::follow_up_retry_after_max)};
  }
  if (*status != LEADHUB_STATUS_OK)
    return failed(misbehaviour(
        who(), "returned the unknown status " + std::to_string(*status) + " from follow_up.run"));
  if (!collector.complaint().empty()) return failed(misbehaviour(who(), collector.complaint()));
  return {Outcome::done, std::move(collector.events()), {}, {}};
}

}  // namespace leadhub::plugin
