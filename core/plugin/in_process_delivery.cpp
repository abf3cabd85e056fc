#include "plugin/in_process_delivery.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ops/limits.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::DeliveryResult;

/// Takes the one result of one delivery. The first broken rule counts.
class ResultCollector {
 public:
  ResultCollector() {
    sink_.size = sizeof sink_;
    sink_.context = this;
    sink_.result = [](const leadhub_delivery_sink* sink, std::uint32_t index, leadhub_delivery_state state,
                      leadhub_string /*provider_id*/, const leadhub_error* error) noexcept {
      static_cast<ResultCollector*>(sink->context)->take(index, state, error);
    };
  }
  ResultCollector(const ResultCollector&) = delete;
  ResultCollector& operator=(const ResultCollector&) = delete;

  [[nodiscard]] const leadhub_delivery_sink* sink() const { return &sink_; }
  [[nodiscard]] std::string_view complaint() const { return complaint_; }
  /// nullopt: the plugin gave none.
  [[nodiscard]] std::optional<leadhub_delivery_state> state() const { return state_; }
  [[nodiscard]] const leadhub_error& error() const { return error_; }

 private:
  void take(std::uint32_t index, leadhub_delivery_state state, const leadhub_error* error) noexcept {
    if (!complaint_.empty()) return;
    const bool needs_error = state == LEADHUB_DELIVERY_FAILED || state == LEADHUB_DELIVERY_UNKNOWN;
    if (index != 0)
      complaint_ = "gave the result of an item that there is not";
    else if (state_)
      complaint_ = "gave two results for one delivery";
    else if (state < LEADHUB_DELIVERY_DONE || state > LEADHUB_DELIVERY_UNTRIED)
      complaint_ = "gave a result whose state abi.h does not know";
    else if (needs_error && (error == nullptr || error->size != sizeof(leadhub_error)))
      complaint_ = "gave a failure whose error is a null pointer or of a wrong size";
    else if (needs_error)
      error_ = *error;
    state_ = state;
  }

  leadhub_delivery_sink sink_{};
  std::string_view complaint_;
  std::optional<leadhub_delivery_state> state_;
  leadhub_error error_ = empty_error();
};

Delivery outcome_of(leadhub_retry_class retry_class) {
  if (may_be_tried_later(retry_class)) return Delivery::retry;
  switch (retry_class) {
    case LEADHUB_RETRY_NONE:
    case LEADHUB_RETRY_PERMANENT:
      return Delivery::rejected;
    default:
      return Delivery::unknown;
  }
}

/// A failure in the plugin's own words.
DeliveryResult failure(const ChannelInstance& instance, const leadhub_error& error) {
  DeliveryResult result{
      outcome_of(error.retry_class), instance.who() + ": " + instance.reported(error).message, {}};
  const bool is_gone = error.retry_class == LEADHUB_RETRY_PERMANENT && error.code == LEADHUB_ERROR_NOT_FOUND;
  if (is_gone) result.outcome = Delivery::gone;
  if (result.outcome == Delivery::unknown)
    result.detail = misbehaviour(instance.who(), "gave the unknown retry class " +
                                                     std::to_string(error.retry_class) + " with a failure")
                        .message;
  if (result.outcome == Delivery::retry)
    result.retry_after = std::clamp(std::chrono::milliseconds{error.retry_after_ms},
                                    std::chrono::milliseconds{0}, limits::delivery_retry_after_max);
  return result;
}

}  // namespace

Result<std::optional<InProcessDelivery>> InProcessDelivery::make(std::unique_ptr<ChannelInstance> instance) {
  if (auto active = instance->activate(); !active) return std::unexpected(active.error());
  const auto table = instance->deliver();
  if (!table) return std::unexpected(table.error());
  if (*table == nullptr) return std::nullopt;
  return InProcessDelivery{std::move(instance), **table};
}

DeliveryResult InProcessDelivery::hand_over(const std::string& key, const std::string& document) {
  const std::scoped_lock lock{*one_at_a_time_};
  const std::string& who = instance_->who();
  const auto unknown = [&](std::string_view what) {
    return DeliveryResult{Delivery::unknown, misbehaviour(who, what).message, {}};
  };

  const leadhub_delivery item{
      sizeof item, 0, {key.data(), key.size()}, {document.data(), document.size()}, {}};
  const TimePoint deadline = instance_->context().services().clock.now() + limits::delivery_deadline;
  ResultCollector collector;
  auto error = empty_error();
  const WorkerCall worker;
  const auto status = call_plugin(who, "deliver", [&] {
    return table_->deliver(instance_->channel(), &item, 1, to_milliseconds(deadline), collector.sink(),
                           &error);
  });
  if (!status) return {Delivery::unknown, status.error().message, {}};
  if (!collector.complaint().empty()) return unknown(collector.complaint());
  if (*status != LEADHUB_STATUS_OK && *status != LEADHUB_STATUS_ERROR)
    return unknown("returned the unknown status " + std::to_string(*status) + " from deliver");

  if (!collector.state()) {
    if (*status == LEADHUB_STATUS_ERROR) return failure(*instance_, error);
    return unknown("gave no result for a delivery");
  }
  switch (*collector.state()) {
    case LEADHUB_DELIVERY_DONE:
      return {Delivery::sent, {}, {}};
    case LEADHUB_DELIVERY_FAILED:
      return failure(*instance_, collector.error());
    case LEADHUB_DELIVERY_UNTRIED:
      return {Delivery::retry, who + ": it was not tried before the deadline", {}};
    default:
      return {Delivery::unknown, who + ": " + instance_->reported(collector.error()).message, {}};
  }
}

DeliveryResult one_of_many(DeliveryResult result) {
  if (result.outcome == Delivery::gone) result.outcome = Delivery::rejected;
  return result;
}

}  // namespace leadhub::plugin
