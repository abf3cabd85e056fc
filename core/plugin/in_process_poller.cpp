#include "plugin/in_process_poller.hpp"

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "plugin/event_collector.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

using std::chrono::milliseconds;

/// Takes what one poll gives. The first broken rule counts; what comes after it is dropped.
class PollCollector {
 public:
  PollCollector() {
    sink_.size = sizeof sink_;
    sink_.context = this;
    sink_.event = [](const leadhub_poll_sink* sink, leadhub_string json) noexcept {
      of(sink).events_.take([&] { of(sink).events_.add_event(json); });
    };
    sink_.next = [](const leadhub_poll_sink* sink, leadhub_string cursor, std::int64_t wait_ms) noexcept {
      of(sink).events_.take([&] { of(sink).set_cursor(cursor, wait_ms); });
    };
  }
  PollCollector(const PollCollector&) = delete;
  PollCollector& operator=(const PollCollector&) = delete;

  [[nodiscard]] const leadhub_poll_sink* sink() const { return &sink_; }
  [[nodiscard]] const std::string& complaint() const { return events_.complaint(); }
  [[nodiscard]] capture::Poll poll() {
    poll_.events = std::move(events_.events());
    return std::move(poll_);
  }

 private:
  static PollCollector& of(const leadhub_poll_sink* sink) {
    return *static_cast<PollCollector*>(sink->context);
  }

  void set_cursor(leadhub_string cursor, std::int64_t wait_ms) {
    if (cursor.size > limits::poll_cursor_bytes_max || (cursor.data == nullptr && cursor.size > 0)) {
      return events_.complain("gave a cursor that claims " + std::to_string(cursor.size) +
                              " bytes or is a null pointer; at most " +
                              std::to_string(limits::poll_cursor_bytes_max) + " are kept");
    }
    const std::string_view text =
        cursor.size == 0 ? std::string_view{} : std::string_view{cursor.data, cursor.size};
    if (!is_utf8(text) || text.find('\0') != text.npos) {
      return events_.complain("gave a cursor that is no UTF-8 text");
    }
    poll_.cursor = text;
    poll_.wait = std::nullopt;
    if (wait_ms >= 0)
      poll_.wait = milliseconds{std::min<std::int64_t>(wait_ms, limits::poll_wait_max.count())};
  }

  leadhub_poll_sink sink_{};
  EventCollector events_{"in one poll"};
  capture::Poll poll_;
};

capture::PollFailure::Mending mending_of(leadhub_retry_class retry_class) {
  using Mending = capture::PollFailure::Mending;
  return retry_class == LEADHUB_RETRY_AUTH || retry_class == LEADHUB_RETRY_PERMANENT ? Mending::by_operator
                                                                                     : Mending::by_itself;
}

}  // namespace

Result<std::unique_ptr<capture::PollPort>> InProcessPoller::make(std::unique_ptr<ChannelInstance> instance) {
  if (auto active = instance->activate(); !active) return std::unexpected(active.error());
  const auto table = instance->capture_poll();
  if (!table) return std::unexpected(table.error());
  if (*table == nullptr)
    return std::unexpected(misbehaviour(instance->who(), "has no " LEADHUB_CAPTURE_POLL));
  return std::unique_ptr<capture::PollPort>{new InProcessPoller{std::move(instance), **table}};
}

std::expected<capture::Poll, capture::PollFailure> InProcessPoller::poll(std::string_view cursor,
                                                                         TimePoint deadline) {
  const std::string& who = instance_->who();
  PollCollector collector;
  auto error = empty_error();
  const WorkerCall worker;
  const auto status = call_plugin(who, "poll", [&] {
    return table_.poll(instance_->channel(), {cursor.data(), cursor.size()}, to_milliseconds(deadline),
                       collector.sink(), &error);
  });
  const auto misbehaved = [](Error told) {
    return std::unexpected(capture::PollFailure{std::move(told), capture::PollFailure::Mending::by_operator});
  };
  if (!status) return misbehaved(status.error());
  if (*status == LEADHUB_STATUS_ERROR) {
    Error told = instance_->reported(error);
    told.message = who + ": " + told.message;
    const auto retry_after =
        std::clamp(milliseconds{error.retry_after_ms}, milliseconds{0}, limits::poll_wait_max);
    return std::unexpected(capture::PollFailure{std::move(told), mending_of(error.retry_class), retry_after});
  }
  if (*status != LEADHUB_STATUS_OK)
    return misbehaved(
        misbehaviour(who, "returned the unknown status " + std::to_string(*status) + " from poll"));
  if (!collector.complaint().empty()) return misbehaved(misbehaviour(who, collector.complaint()));
  return collector.poll();
}

}  // namespace leadhub::plugin
