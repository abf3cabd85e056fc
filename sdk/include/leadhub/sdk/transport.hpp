#pragma once

#include <leadhub/abi.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leadhub/sdk/channel.hpp>

/// The C++17 way to write a transport: a channel that hands mails (or other things) over to a provider.
/// Derive from ConfiguredChannel and Transport, or BatchTransport, and put
/// LEADHUB_EXPORT_CHANNEL(YourChannel) into one source file. A channel that captures too derives from Channel
/// and Transport; the host makes an instance for each of the two.
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
  /// Nor anything else. Of leads: the destination has said that it is gone (HTTP 410). Of a mail: its
  /// recipient does not exist.
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
  /// Nothing was sent: there was no time left, or the claim was refused.
  static Outcome untried() { return {LEADHUB_DELIVERY_UNTRIED, {}, {}, RetryClass::none, 0}; }
  /// Nothing was sent, and it is no failure: its turn comes in `retry_after_ms`.
  static Outcome untried(std::string message, std::int64_t retry_after_ms) {
    return {LEADHUB_DELIVERY_UNTRIED, {}, std::move(message), RetryClass::rate_limited, retry_after_ms};
  }
};

/// The things of one call, each of which gets one outcome. Belongs to the call and its thread.
class Deliveries {
 public:
  Deliveries(const leadhub_delivery* items, std::uint32_t count, const leadhub_delivery_sink* sink)
      : items_(items), sink_(sink), stages_(count, Stage::open) {}
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  [[nodiscard]] std::size_t size() const { return stages_.size(); }
  [[nodiscard]] Delivery operator[](std::size_t index) const { return Delivery{items_[index]}; }

  /// Call it immediately before the first byte leaves that cannot be taken back. False: it must not leave any
  /// more; it is settled as untried. Throws std::logic_error for what is settled.
  [[nodiscard]] bool claim(std::size_t index);
  /// Tells the host at once. Throws std::logic_error for what is settled.
  void settle(std::size_t index, const Outcome& outcome);

  [[nodiscard]] bool is_claimed(std::size_t index) const { return stages_.at(index) == Stage::claimed; }
  [[nodiscard]] bool is_settled(std::size_t index) const { return stages_.at(index) == Stage::settled; }

  /// Settles what is left: `open` is the outcome of what was not claimed; what was is unknown.
  void settle_rest(const Outcome& open, const std::string& why_unknown);

 private:
  enum class Stage { open = 1, claimed, settled };
  void must_be_unsettled(std::size_t index) const {
    if (is_settled(index)) throw std::logic_error("a delivery was settled before");
  }

  const leadhub_delivery* items_;
  const leadhub_delivery_sink* sink_;
  std::vector<Stage> stages_;
};

/// Derive from this beside ConfiguredChannel or Channel, to deliver one thing at a time.
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
  /// The host has claimed the delivery when this is called.
  virtual Outcome deliver(const Delivery& delivery, std::int64_t deadline_ms) = 0;
};

/// Derive from this instead of Transport to deliver many things at once: over several connections, or in one
/// request.
class BatchTransport {
 public:
  BatchTransport() = default;
  BatchTransport(const BatchTransport&) = delete;
  BatchTransport& operator=(const BatchTransport&) = delete;
  virtual ~BatchTransport() = default;

  /// As Transport::delivers.
  [[nodiscard]] virtual bool delivers() const { return true; }

  /// One call at a time, on any thread. Returns by the deadline (milliseconds of the host's clock). Claims
  /// each delivery before it leaves and settles each one. What it leaves unsettled is unknown where it was
  /// claimed, and untried where not; an exception leaves the same, but that a ChannelError is the failure of
  /// what was not claimed.
  virtual void deliver(Deliveries& batch, std::int64_t deadline_ms) = 0;
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
  const bool has_error = outcome.state == LEADHUB_DELIVERY_UNTRIED ? !outcome.message.empty()
                                                                   : outcome.state != LEADHUB_DELIVERY_DONE;
  sink->result(sink, index, outcome.state, to_abi(outcome.provider_id), has_error ? &error : nullptr);
}

inline bool claim(const leadhub_delivery_sink* sink, std::uint32_t index) {
  const bool host_claims = sink->size >= sizeof(leadhub_delivery_sink) && sink->claim != nullptr;
  return !host_claims || sink->claim(sink, index) != 0;
}

inline void deliver_all(Transport& transport, Deliveries& batch, std::int64_t deadline_ms) {
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (batch.claim(i)) batch.settle(i, outcome_of(transport, batch[i], deadline_ms));
}

inline void deliver_all(BatchTransport& transport, Deliveries& batch, std::int64_t deadline_ms) {
  try {
    transport.deliver(batch, deadline_ms);
    batch.settle_rest(Outcome::untried(), "the plugin has not said what became of it");
  } catch (const ChannelError& error) {
    batch.settle_rest(
        {LEADHUB_DELIVERY_FAILED, {}, error.what(), error.retry_class(), error.retry_after_ms, error.code()},
        error.what());
  } catch (const std::exception& error) {
    batch.settle_rest(Outcome::untried(error.what(), 0), error.what());
  } catch (...) {
    const std::string what = "the plugin threw something that is no std::exception";
    batch.settle_rest(Outcome::untried(what, 0), what);
  }
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
          Deliveries batch{items, item_count, sink};
          deliver_all(Adapter<ChannelType>::of(self), batch, deadline_ms);
          return LEADHUB_STATUS_OK;
        });
      }};
  return table;
}

/// Null where this very channel does not deliver.
template <class ChannelType>
const leadhub_deliver* deliver_extension(const ChannelType& channel) {
  return channel.delivers() ? &deliver_table<ChannelType>() : nullptr;
}

}  // namespace detail

inline bool Deliveries::claim(std::size_t index) {
  must_be_unsettled(index);
  if (detail::claim(sink_, static_cast<std::uint32_t>(index))) {
    stages_[index] = Stage::claimed;
    return true;
  }
  settle(index, Outcome::untried());
  return false;
}

inline void Deliveries::settle(std::size_t index, const Outcome& outcome) {
  must_be_unsettled(index);
  stages_[index] = Stage::settled;
  detail::send(sink_, static_cast<std::uint32_t>(index), outcome);
}

inline void Deliveries::settle_rest(const Outcome& open, const std::string& why_unknown) {
  for (std::size_t i = 0; i < size(); ++i)
    if (!is_settled(i)) settle(i, is_claimed(i) ? Outcome::unknown(why_unknown) : open);
}

}  // namespace leadhub::sdk
