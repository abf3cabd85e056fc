#pragma once

#include <leadhub/abi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <leadhub/sdk/channel.hpp>

/// The C++17 way to write a transport: a channel that hands mails (or other things) over to a provider.
/// Derive from ConfiguredChannel and Transport, and put LEADHUB_EXPORT_CHANNEL(YourChannel) into one source
/// file. A channel that captures too derives from Channel and Transport; the host makes an instance for each
/// of the two.
namespace leadhub::sdk {

/// One thing to hand over; views, valid for the call only.
class Delivery {
 public:
  explicit Delivery(const leadhub_delivery& delivery) : delivery_(delivery) {}
  /// The same at every repetition: one key is one mail.
  [[nodiscard]] std::string_view idempotency_key() const { return view(delivery_.idempotency_key); }
  /// JSON. Look at "type" first; "mail" is described by mail.schema.json, "chat" by chat.schema.json,
  /// "lead" by lead-delivery.schema.json.
  [[nodiscard]] std::string_view document() const { return view(delivery_.document); }
  /// Empty for a mail.
  [[nodiscard]] std::string_view payload() const { return view(delivery_.payload); }

 private:
  const leadhub_delivery& delivery_;
};

/// What became of a delivery. Make it with the named functions. Messages say what is wrong and how to mend
/// it, without secrets and without personal data: not even the address.
struct Outcome {
  leadhub_delivery_state state = LEADHUB_DELIVERY_UNKNOWN;
  std::string provider_id;
  std::string message;
  RetryClass retry_class = RetryClass::none;
  std::int64_t retry_after_ms = 0;
  leadhub_error_code code = LEADHUB_ERROR_UNAVAILABLE;  ///< of a failure

  /// The provider took it; `provider_id`: what it calls it.
  static Outcome done(std::string provider_id = {}) {
    return {LEADHUB_DELIVERY_DONE, std::move(provider_id), {}, RetryClass::none, 0};
  }
  /// The provider did not take it and will not take it however often it comes.
  static Outcome rejected(std::string message) {
    return {LEADHUB_DELIVERY_FAILED, {}, std::move(message), RetryClass::permanent, 0};
  }
  /// Nor anything else: the destination of leads has said that it is gone (HTTP 410).
  static Outcome gone(std::string message) {
    Outcome outcome = rejected(std::move(message));
    outcome.code = LEADHUB_ERROR_NOT_FOUND;
    return outcome;
  }
  /// The provider did not take it and may take it later. `retry_after_ms`: what it asked for; 0: nothing.
  static Outcome later(std::string message, RetryClass retry_class = RetryClass::transient,
                       std::int64_t retry_after_ms = 0) {
    return {LEADHUB_DELIVERY_FAILED, {}, std::move(message), retry_class, retry_after_ms};
  }
  /// Everything was sent and no answer came: nobody can know. The host does not repeat it lightly.
  static Outcome unknown(std::string message) {
    return {LEADHUB_DELIVERY_UNKNOWN, {}, std::move(message), RetryClass::none, 0};
  }
  /// Nothing was sent: there was no time left.
  static Outcome untried() { return {LEADHUB_DELIVERY_UNTRIED, {}, {}, RetryClass::none, 0}; }
};

/// Derive from this beside ConfiguredChannel or Channel.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Whether this very channel delivers, where that is for its configuration to decide. Asked once the
  /// channel is active; the answer stays.
  [[nodiscard]] virtual bool delivers() const { return true; }

  /// One call at a time, on any thread. Returns by the deadline (milliseconds of the host's clock).
  /// A ChannelError that is thrown means that nothing was sent; it becomes `failed` with its retry class.
  /// Any other exception makes the outcome unknown, because nobody can tell how far the call came.
  virtual Outcome deliver(const Delivery& delivery, std::int64_t deadline_ms) = 0;
};

namespace detail {

inline Outcome outcome_of(Transport& transport, const Delivery& delivery, std::int64_t deadline_ms) {
  try {
    return transport.deliver(delivery, deadline_ms);
  } catch (const ChannelError& error) {
    return {LEADHUB_DELIVERY_FAILED, {}, error.what(), error.retry_class(), error.retry_after_ms};
  } catch (const std::exception& error) {
    return Outcome::unknown(error.what());
  } catch (...) {
    return Outcome::unknown("the plugin threw something that is no std::exception");
  }
}

inline void send(const leadhub_delivery_sink* sink, std::uint32_t index, const Outcome& outcome) {
  leadhub_error error{};
  error.size = sizeof error;
  const bool failed = outcome.state == LEADHUB_DELIVERY_FAILED;
  fill_error(&error, failed ? outcome.code : LEADHUB_ERROR_TIMEOUT, outcome.retry_class, outcome.message);
  error.retry_after_ms = outcome.retry_after_ms;
  const bool has_error = failed || outcome.state == LEADHUB_DELIVERY_UNKNOWN;
  sink->result(sink, index, outcome.state, to_abi(outcome.provider_id), has_error ? &error : nullptr);
}

/// The table of leadhub.deliver around one Channel object.
template <class ChannelType>
const leadhub_deliver& deliver_table() {
  static const leadhub_deliver table{
      sizeof(leadhub_deliver), 0,
      [](leadhub_channel* self, const leadhub_delivery* items, std::uint32_t item_count,
         std::int64_t deadline_ms, const leadhub_delivery_sink* sink,
         leadhub_error* error) -> leadhub_status {
        return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
          Transport& transport = Adapter<ChannelType>::of(self);
          for (std::uint32_t i = 0; i < item_count; ++i)
            send(sink, i, outcome_of(transport, Delivery{items[i]}, deadline_ms));
          return LEADHUB_STATUS_OK;
        });
      }};
  return table;
}

/// Null where this very channel does not deliver.
template <class ChannelType>
const leadhub_deliver* deliver_extension(const ChannelType& channel) {
  const Transport& transport = channel;
  return transport.delivers() ? &deliver_table<ChannelType>() : nullptr;
}

}  // namespace detail
}  // namespace leadhub::sdk
